/// Reads JSON (RFC 8259) into `ConfigValue`, in order, refusing duplicate names.
///
/// Own code rather than Foundation's because a safetensors header must be read in order, with duplicates seen,
/// a bounded depth, and integers kept exact.
struct JSONReader {
    /// Levels of nesting that are accepted.
    static let maximumDepth = 64
    /// Values that are accepted in one text; a header of 10,000 tensors has 100,000.
    static let maximumValues = 1_000_000

    private let bytes: UnsafeRawBufferPointer
    private let path: String
    private let part: String
    private var position = 0
    private var count = 0

    /// Reads all of `bytes` as one JSON value.
    ///
    /// - Throws: `CheckpointError.malformed` with the offset of the first mistake.
    static func read(_ bytes: UnsafeRawBufferPointer, path: String, part: String) throws(CheckpointError)
        -> ConfigValue
    {
        var reader = JSONReader(bytes: bytes, path: path, part: part)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.position == bytes.count else { throw reader.malformed("text after the end of the JSON") }
        return value
    }

    /// Reads a text that is in memory.
    static func read(_ text: String, path: String, part: String) throws(CheckpointError) -> ConfigValue {
        let copy = Array(text.utf8)
        let result = copy.withUnsafeBytes { (bytes) -> Result<ConfigValue, CheckpointError> in
            Result { () throws(CheckpointError) in try read(bytes, path: path, part: part) }
        }
        return try result.get()
    }

    private init(bytes: UnsafeRawBufferPointer, path: String, part: String) {
        self.bytes = bytes
        self.path = path
        self.part = part
    }

    private mutating func value(depth: Int) throws(CheckpointError) -> ConfigValue {
        guard depth <= Self.maximumDepth else {
            throw malformed("nested deeper than \(Self.maximumDepth) levels")
        }
        count += 1
        guard count <= Self.maximumValues else { throw malformed("more than \(Self.maximumValues) values") }
        skipSpace()
        guard let next = peek() else { throw malformed("no JSON value") }
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw malformed("no JSON value")
        }
    }

    private mutating func object(depth: Int) throws(CheckpointError) -> ConfigValue {
        position += 1
        var entries: [ConfigValue.Entry] = []
        var names: Set<String> = []
        if take(UInt8(ascii: "}")) { return .dict([]) }
        repeat {
            skipSpace()
            guard peek() == UInt8(ascii: "\"") else { throw malformed("a name in quotes is missing") }
            let name = try string()
            guard names.insert(name).inserted else { throw malformed("\"\(name)\" comes twice") }
            guard take(UInt8(ascii: ":")) else { throw malformed("':' is missing") }
            entries.append(ConfigValue.Entry(name, try value(depth: depth + 1)))
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw malformed("'}' is missing") }
        return .dict(entries)
    }

    private mutating func array(depth: Int) throws(CheckpointError) -> ConfigValue {
        position += 1
        var values: [ConfigValue] = []
        if take(UInt8(ascii: "]")) { return .list([]) }
        repeat { values.append(try value(depth: depth + 1)) } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw malformed("']' is missing") }
        return .list(values)
    }

    private mutating func string() throws(CheckpointError) -> String {
        position += 1
        var units: [UInt8] = []
        while let byte = peek() {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: units, as: UTF8.self) else {
                    throw malformed("not UTF-8")
                }
                return text
            case UInt8(ascii: "\\"): units.append(contentsOf: String(try escape()).utf8)
            case 0..<0x20: throw malformed("a control character in a string")
            default: units.append(byte)
            }
        }
        throw malformed("a string without end")
    }

    private mutating func escape() throws(CheckpointError) -> Unicode.Scalar {
        guard let byte = peek() else { throw malformed("a string without end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw malformed("an unknown escape")
        }
    }

    private mutating func unicodeEscape() throws(CheckpointError) -> Unicode.Scalar {
        let first = try hex4()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // A surrogate: only a high one followed by a low one means a character.
        guard first < 0xDC00, peek() == UInt8(ascii: "\\") else { throw malformed("half a surrogate pair") }
        position += 1
        guard peek() == UInt8(ascii: "u") else { throw malformed("half a surrogate pair") }
        position += 1
        let second = try hex4()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw malformed("half a surrogate pair") }
        return scalar
    }

    private mutating func hex4() throws(CheckpointError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw malformed("four hexadecimal digits are missing")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    private mutating func number() throws(CheckpointError) -> ConfigValue {
        let start = position
        if peek() == UInt8(ascii: "-") { position += 1 }
        let first = peek()
        let whole = digits()
        guard whole > 0, whole == 1 || first != UInt8(ascii: "0") else { throw malformed("not a number") }
        var isWhole = true
        if peek() == UInt8(ascii: ".") {
            position += 1
            isWhole = false
            guard digits() > 0 else { throw malformed("not a number") }
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            position += 1
            isWhole = false
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
            guard digits() > 0 else { throw malformed("not a number") }
        }
        guard position - start <= 400 else { throw malformed("a number of \(position - start) characters") }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole {
            guard let value = Int(text) else { throw malformed("the number \(text) is too large") }
            return .int(value)
        }
        guard let value = Double(text), value.isFinite else {
            throw malformed("the number \(text) is too large")
        }
        return .double(value)
    }

    private mutating func digits() -> Int {
        let start = position
        while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position - start
    }

    private mutating func word(_ text: StaticString, _ value: ConfigValue) throws(CheckpointError)
        -> ConfigValue
    {
        for offset in 0..<text.utf8CodeUnitCount {
            guard peek() == text.utf8Start[offset] else { throw malformed("no JSON value") }
            position += 1
        }
        return value
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

    private func peek() -> UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private func malformed(_ reason: String) -> CheckpointError {
        .malformed(path: path, part: part, reason: "\(reason) at offset \(position)")
    }
}
