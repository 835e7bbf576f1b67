/// Reads JSON (RFC 8259) from bytes that a stranger sent.
///
/// Own code rather than Foundation's: nesting has a limit of our choosing, a whole number is told from a
/// fraction (`5` and `5.0` coerce differently), half a surrogate pair is an error at a known offset, and no
/// text can reach a trap.
struct JSONReader {
    /// Levels of nesting that are accepted.
    static let maximumDepth = 64
    /// Characters of one number that are accepted.
    static let maximumNumberLength = 400

    let bytes: [UInt8]
    var position = 0

    /// Reads all of `bytes` as one JSON value; a UTF-8 byte order mark is skipped.
    static func read(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        var reader = JSONReader(bytes: bytes)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { reader.position = 3 }
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.position == bytes.count else { throw reader.error("Extra data after the JSON value") }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        guard depth <= Self.maximumDepth else {
            throw error("Nested deeper than \(Self.maximumDepth) levels")
        }
        skipSpace()
        guard let next = peek() else { throw error("Expecting value") }
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw error("Expecting value")
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        position += 1
        var members: [JSONValue.Member] = []
        if take(UInt8(ascii: "}")) { return .object([]) }
        repeat {
            skipSpace()
            guard peek() == UInt8(ascii: "\"") else {
                throw error("Expecting property name enclosed in double quotes")
            }
            let name = try string()
            guard take(UInt8(ascii: ":")) else { throw error("Expecting ':' delimiter") }
            members.append(JSONValue.Member(name, try value(depth: depth + 1)))
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw error("Expecting ',' delimiter") }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
        position += 1
        var values: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return .array([]) }
        repeat { values.append(try value(depth: depth + 1)) } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw error("Expecting ',' delimiter") }
        return .array(values)
    }

    private mutating func word(_ text: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for byte in text.utf8 {
            guard peek() == byte else { throw error("Expecting value") }
            position += 1
        }
        return value
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        var isWhole = true
        if peek() == UInt8(ascii: "-") { position += 1 }
        let first = peek()
        let count = digits()
        guard count > 0, count == 1 || first != UInt8(ascii: "0") else { throw error("Expecting value") }
        if peek() == UInt8(ascii: ".") {
            position += 1
            isWhole = false
            guard digits() > 0 else { throw error("Expecting digits") }
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            position += 1
            isWhole = false
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
            guard digits() > 0 else { throw error("Expecting digits") }
        }
        guard position - start <= Self.maximumNumberLength else {
            throw error("A number of \(position - start) characters; \(Self.maximumNumberLength) are allowed")
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw error("The number is too large") }
        return .number(value)
    }

    private mutating func digits() -> Int {
        let start = position
        while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position - start
    }

    /// Skips space, then steps over `byte` if it comes next.
    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    func error(_ reason: String) -> JSONError { JSONError(reason: reason, offset: position) }
}
