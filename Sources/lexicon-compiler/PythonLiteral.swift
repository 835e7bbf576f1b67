import Text

/// A value read from Python source text (or JSON, whose values are Python's but for three names).
///
/// Several sources keep their tables as Python literals. They are read as text by this small reader; no code runs.
indirect enum PythonLiteral {
    case string([CodePoint])
    case number(Double)
    case list([PythonLiteral])
    case dictionary([(PythonLiteral, PythonLiteral)])

    /// The string, if it is one.
    var codePoints: [CodePoint]? {
        if case .string(let points) = self { points } else { nil }
    }

    /// The string as Swift's, if it is one.
    var text: String? { codePoints?.string }

    /// The number, if it is one.
    var double: Double? {
        if case .number(let value) = self { value } else { nil }
    }

    /// The items of a list, tuple or set.
    var items: [PythonLiteral]? {
        if case .list(let items) = self { items } else { nil }
    }

    /// The pairs of a dictionary, in source order.
    var pairs: [(PythonLiteral, PythonLiteral)]? {
        if case .dictionary(let pairs) = self { pairs } else { nil }
    }
}

/// Reads literals out of a file's bytes.
struct PythonLiteralReader {
    private let bytes: [UInt8]
    private let file: String
    private var position = 0
    private static let maximumDepth = 32

    init(_ bytes: [UInt8], file: String) {
        self.bytes = bytes
        self.file = file
    }

    /// The literal assigned to `name` (`name = …`), the first assignment in the file.
    mutating func assignment(to name: String) throws -> PythonLiteral {
        let wanted = Array(name.utf8)
        var index = 0
        while index + wanted.count < bytes.count {
            if bytes[index..<index + wanted.count].elementsEqual(wanted),
                index == 0 || !isNamePart(bytes[index - 1])
            {
                position = index + wanted.count
                skipWhitespace()
                if peek == UInt8(ascii: "="), position + 1 < bytes.count,
                    bytes[position + 1] != UInt8(ascii: "=")
                {
                    position += 1
                    return try value(depth: 0)
                }
            }
            index += 1
        }
        throw error("no assignment to \(name)")
    }

    /// The whole file as one literal.
    mutating func whole() throws -> PythonLiteral {
        try value(depth: 0)
    }

    private func isNamePart(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A)
            || (byte >= 0x30 && byte <= 0x39)
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func error(_ reason: String) -> SourceError {
        SourceError(file: file, reason: "\(reason) (byte \(position))")
    }

    private mutating func skipWhitespace() {
        while let byte = peek {
            if byte == UInt8(ascii: "#") {
                while let byte = peek, byte != UInt8(ascii: "\n") { position += 1 }
            } else if byte <= 0x20 || byte == UInt8(ascii: "\\") {
                position += 1
            } else {
                return
            }
        }
    }

    private mutating func value(depth: Int) throws -> PythonLiteral {
        guard depth < Self.maximumDepth else { throw error("nested too deeply") }
        skipWhitespace()
        guard let byte = peek else { throw error("cut short") }
        switch byte {
        case UInt8(ascii: "{"): return try braces(depth: depth)
        case UInt8(ascii: "["): return .list(try sequence(closing: UInt8(ascii: "]"), depth: depth))
        case UInt8(ascii: "("): return .list(try sequence(closing: UInt8(ascii: ")"), depth: depth))
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return .string(try string(closing: byte))
        default: return .number(try number())
        }
    }

    private mutating func sequence(closing: UInt8, depth: Int) throws -> [PythonLiteral] {
        position += 1
        var items: [PythonLiteral] = []
        while true {
            skipWhitespace()
            if peek == closing {
                position += 1
                return items
            }
            items.append(try value(depth: depth + 1))
            skipWhitespace()
            if peek == UInt8(ascii: ",") {
                position += 1
            } else if peek != closing {
                throw error("',' expected")
            }
        }
    }

    private mutating func braces(depth: Int) throws -> PythonLiteral {
        position += 1
        var pairs: [(PythonLiteral, PythonLiteral)] = []
        var items: [PythonLiteral] = []
        while true {
            skipWhitespace()
            if peek == UInt8(ascii: "}") {
                position += 1
                return items.isEmpty ? .dictionary(pairs) : .list(items)
            }
            let key = try value(depth: depth + 1)
            skipWhitespace()
            if peek == UInt8(ascii: ":") {
                position += 1
                pairs.append((key, try value(depth: depth + 1)))
            } else {
                items.append(key)
            }
            skipWhitespace()
            if peek == UInt8(ascii: ",") {
                position += 1
            } else if peek != UInt8(ascii: "}") {
                throw error("',' expected")
            }
        }
    }

    private mutating func number() throws -> Double {
        let start = position
        while let byte = peek,
            (byte >= 0x2B && byte <= 0x39 && byte != 0x2C && byte != 0x2F) || byte | 0x20 == 0x65
        {
            position += 1
        }
        guard let value = Double(String(decoding: bytes[start..<position], as: UTF8.self)) else {
            throw error("a literal expected")
        }
        return value
    }

    private mutating func string(closing: UInt8) throws -> [CodePoint] {
        position += 1
        let start = position
        var escaped = false
        while let byte = peek, byte != closing {
            if byte == UInt8(ascii: "\\") {
                escaped = true
                position += 1
            }
            position += 1
        }
        guard position < bytes.count else { throw error("unclosed string") }
        let raw = [CodePoint](String(decoding: bytes[start..<position], as: UTF8.self))
        position += 1
        return escaped ? try unescape(raw) : raw
    }

    private func unescape(_ raw: [CodePoint]) throws -> [CodePoint] {
        var result: [CodePoint] = []
        var index = 0
        while index < raw.count {
            guard raw[index] == 0x5C, index + 1 < raw.count else {
                result.append(raw[index])
                index += 1
                continue
            }
            let digits: Int
            switch raw[index + 1] {
            case 0x75: digits = 4  // u
            case 0x55: digits = 8  // U
            case 0x78: digits = 2  // x
            case 0x6E:
                result.append(0x0A)
                index += 2
                continue
            default:
                result.append(raw[index + 1])
                index += 2
                continue
            }
            let end = index + 2 + digits
            guard end <= raw.count, let value = UInt32(String(codePoints: raw[index + 2..<end]), radix: 16)
            else {
                throw error("bad escape")
            }
            result.append(value)
            index = end
        }
        return result
    }
}
