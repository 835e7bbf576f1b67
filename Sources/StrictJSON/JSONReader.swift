/// Reads JSON (RFC 8259) from untrusted bytes: into a `JSONValue`, or member by member.
///
/// No text can reach a trap, nor take more stack than `JSONOptions.maximumDepth` levels. After an error, a reader must
/// not be used again.
package struct JSONReader {
    /// Characters of one number that are accepted.
    package static let maximumNumberLength = 400

    let bytes: [UInt8]
    let options: JSONOptions
    var position = 0
    private var depth = 0
    private var count = 0

    /// Reads all of `bytes` as one JSON value.
    ///
    /// - Throws: the first mistake.
    package static func read(_ bytes: [UInt8], options: JSONOptions = JSONOptions()) throws(JSONError)
        -> JSONValue
    {
        var reader = JSONReader(bytes, options: options)
        let value = try reader.value()
        try reader.end()
        return value
    }

    /// A reader at the beginning of `bytes`.
    package init(_ bytes: [UInt8], options: JSONOptions = JSONOptions()) {
        self.bytes = bytes
        self.options = options
        if options.allowsByteOrderMark, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    /// Reads the next value.
    ///
    /// - Throws: the first mistake.
    package mutating func value() throws(JSONError) -> JSONValue {
        try checkDepth()
        count += 1
        guard count <= options.maximumValues else { throw error(.tooManyValues(options.maximumValues)) }
        skipSpace()
        switch peek() {
        case UInt8(ascii: "{"): return .object(try members())
        case UInt8(ascii: "["): return .array(try items())
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    /// Reads an object one member at a time, for callers that need few of many members.
    ///
    /// - Parameter member: given the reader and the member's name; reads or skips the member's value.
    /// - Throws: the first mistake, also where something else than an object comes next.
    package mutating func object(
        _ member: (_ reader: inout JSONReader, _ name: String) throws(JSONError) -> Void
    ) throws(JSONError) {
        try checkDepth()
        guard take(UInt8(ascii: "{")) else { throw error(.objectMissing) }
        if take(UInt8(ascii: "}")) { return }
        depth += 1
        repeat {
            skipSpace()
            guard peek() == UInt8(ascii: "\"") else {
                throw error(.nameMissing)
            }
            let name = try string()
            guard take(UInt8(ascii: ":")) else { throw error(.characterMissing(":")) }
            try member(&self, name)
        } while take(UInt8(ascii: ","))
        depth -= 1
        guard take(UInt8(ascii: "}")) else { throw error(.characterMissing("}")) }
    }

    /// Skips the next value without validating it: brackets are counted and strings skipped, to find the next
    /// member.
    ///
    /// - Throws: where there is no value, or the text ends in it.
    package mutating func skip() throws(JSONError) {
        skipSpace()
        let start = position
        var open = 0
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""): try skipString()
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                open += 1
                position += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                if open == 0 { return try checkSkipped(from: start) }
                open -= 1
                position += 1
            case UInt8(ascii: ",") where open == 0: return try checkSkipped(from: start)
            default: position += 1
            }
        }
        guard open == 0 else { throw error(.cutShort) }
        try checkSkipped(from: start)
    }

    private func checkSkipped(from start: Int) throws(JSONError) {
        guard position > start else { throw error(.valueMissing) }
    }

    /// Checks that nothing but whitespace is left.
    ///
    /// - Throws: `textAfterEnd`.
    package mutating func end() throws(JSONError) {
        skipSpace()
        guard position == bytes.count else { throw error(.textAfterEnd) }
    }

    private mutating func members() throws(JSONError) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        var names: Set<String> = []
        try object { (reader, name) throws(JSONError) in
            if reader.options.duplicateNames == .refused, !names.insert(name).inserted {
                throw reader.error(.duplicateName(name))
            }
            members.append(JSONValue.Member(name, try reader.value()))
        }
        return members
    }

    private mutating func items() throws(JSONError) -> [JSONValue] {
        position += 1
        var items: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return [] }
        depth += 1
        repeat { items.append(try value()) } while take(UInt8(ascii: ","))
        depth -= 1
        guard take(UInt8(ascii: "]")) else { throw error(.characterMissing("]")) }
        return items
    }

    private mutating func word(_ text: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for byte in text.utf8 {
            guard peek() == byte else { throw error(.valueMissing) }
            position += 1
        }
        return value
    }

    private func checkDepth() throws(JSONError) {
        guard depth <= options.maximumDepth else {
            throw error(.tooDeep(options.maximumDepth))
        }
    }

    /// Skips whitespace, then steps over `byte` if it comes next.
    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    func error(_ reason: JSONError.Reason) -> JSONError { JSONError(reason, offset: position) }
}
