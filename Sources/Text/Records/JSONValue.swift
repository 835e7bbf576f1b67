/// A JSON value whose strings are code points: a record may hold a lone surrogate, which Swift's strings cannot.
enum JSONValue {
    case null
    case bool(Bool)
    case number(Double)
    case string([CodePoint])
    case array([JSONValue])
    case object([String: JSONValue])

    var codePoints: [CodePoint]? {
        if case .string(let points) = self { points } else { nil }
    }
    var text: String? { codePoints?.string }
    var items: [JSONValue]? {
        if case .array(let items) = self { items } else { nil }
    }
    var members: [String: JSONValue]? {
        if case .object(let members) = self { members } else { nil }
    }
}

/// Reads one JSON text. Bad UTF-8 becomes U+FFFD; nesting is limited, so no input can exhaust the stack.
struct JSONReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int
    private static let maximumDepth = 64

    private let wanted: Set<String>

    /// The value of a whole text. Of the outermost object only the wanted members are kept: a record's trace is longer
    /// than all the rest.
    static func value(of bytes: ArraySlice<UInt8>, keeping wanted: Set<String>) throws(TextError) -> JSONValue
    {
        var reader = JSONReader(bytes: bytes, position: bytes.startIndex, wanted: wanted)
        let value = try reader.value(depth: 0)
        reader.skipBlanks()
        guard reader.peek == nil else { throw reader.bad("more text after the value") }
        return value
    }

    private var peek: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    private func bad(_ reason: String) -> TextError {
        .badRecord("\(reason) at byte \(position - bytes.startIndex)")
    }

    private mutating func skipBlanks() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    private mutating func value(depth: Int) throws(TextError) -> JSONValue {
        guard depth < Self.maximumDepth else { throw bad("nested too deeply") }
        skipBlanks()
        switch peek {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(TextError) -> JSONValue {
        guard bytes[position...].starts(with: word.utf8) else { throw bad("no JSON value") }
        position += word.utf8.count
        return value
    }

    private mutating func number() throws(TextError) -> Double {
        let start = position
        while let byte = peek {
            switch byte {
            case 0x30...0x39, 0x2B, 0x2D, 0x2E, 0x45, 0x65: position += 1
            default: return try number(from: start)
            }
        }
        return try number(from: start)
    }

    private func number(from start: Int) throws(TextError) -> Double {
        guard let value = Double(String(decoding: bytes[start..<position], as: UTF8.self)) else {
            throw bad("no JSON value")
        }
        return value
    }

    private mutating func array(depth: Int) throws(TextError) -> JSONValue {
        position += 1
        var items: [JSONValue] = []
        skipBlanks()
        if peek == UInt8(ascii: "]") {
            position += 1
            return .array(items)
        }
        while true {
            items.append(try value(depth: depth + 1))
            skipBlanks()
            switch peek {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "]"):
                position += 1
                return .array(items)
            default: throw bad("',' or ']' expected")
            }
        }
    }

    private mutating func object(depth: Int) throws(TextError) -> JSONValue {
        position += 1
        var members: [String: JSONValue] = [:]
        skipBlanks()
        if peek == UInt8(ascii: "}") {
            position += 1
            return .object(members)
        }
        while true {
            skipBlanks()
            guard peek == UInt8(ascii: "\"") else { throw bad("a name expected") }
            let name = try string().string
            skipBlanks()
            guard peek == UInt8(ascii: ":") else { throw bad("':' expected") }
            position += 1
            if depth == 0, !wanted.contains(name) {
                try skip()
            } else {
                members[name] = try value(depth: depth + 1)
            }
            skipBlanks()
            switch peek {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "}"):
                position += 1
                return .object(members)
            default: throw bad("',' or '}' expected")
            }
        }
    }

    /// Passes over a value: brackets are counted, strings passed over, the rest is not looked at.
    private mutating func skip() throws(TextError) {
        var open = 0
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                while let byte = peek, byte != UInt8(ascii: "\"") {
                    position += byte == UInt8(ascii: "\\") ? 2 : 1
                }
                position += 1
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                open += 1
                position += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                if open == 0 { return }
                open -= 1
                position += 1
            case UInt8(ascii: ",") where open == 0: return
            default: position += 1
            }
        }
        throw bad("cut short")
    }

    private mutating func string() throws(TextError) -> [CodePoint] {
        position += 1
        var points: [CodePoint] = []
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return points
            case UInt8(ascii: "\\"):
                points.append(try escape())
            case 0..<0x80:
                points.append(CodePoint(byte))
                position += 1
            default:
                // A run of non-ASCII bytes is decoded in one go.
                let start = position
                while let byte = peek, byte >= 0x80 { position += 1 }
                for scalar in String(decoding: bytes[start..<position], as: UTF8.self).unicodeScalars {
                    points.append(scalar.value)
                }
            }
        }
        throw bad("unclosed string")
    }

    private mutating func escape() throws(TextError) -> CodePoint {
        position += 1
        guard let byte = peek else { throw bad("unclosed string") }
        position += 1
        switch byte {
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return CodePoint(byte)
        case UInt8(ascii: "u"): break
        default: throw bad("bad escape")
        }
        let unit = try hexadecimal()
        guard unit >= 0xD800, unit < 0xDC00, bytes[position...].starts(with: [0x5C, 0x75]) else {
            return unit
        }
        let mark = position
        position += 2
        let second = try hexadecimal()
        if second >= 0xDC00, second < 0xE000 { return 0x10000 + (unit - 0xD800) << 10 + (second - 0xDC00) }
        position = mark
        return unit
    }

    private mutating func hexadecimal() throws(TextError) -> CodePoint {
        guard bytes.endIndex - position >= 4,
            let value = CodePoint(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
        else { throw bad("bad escape") }
        position += 4
        return value
    }
}

/// Writes JSON text.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []

    mutating func raw(_ text: String) { bytes += text.utf8 }

    mutating func string(_ text: String) { string([CodePoint](text)) }

    /// A string; marks, control characters and lone surrogates are escaped.
    mutating func string(_ points: [CodePoint]) {
        bytes.append(UInt8(ascii: "\""))
        for point in points {
            switch point {
            case 0x22: raw("\\\"")
            case 0x5C: raw("\\\\")
            case 0x0A: raw("\\n")
            case 0x0D: raw("\\r")
            case 0x09: raw("\\t")
            case 0..<0x20, 0xD800..<0xE000:
                let digits = String(point, radix: 16)
                raw("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
            default:
                if let encoded = Unicode.Scalar(point).flatMap(UTF8.encode) { bytes += encoded }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func array<Element>(_ items: [Element], _ write: (inout JSONWriter, Element) -> Void) {
        bytes.append(UInt8(ascii: "["))
        for (index, item) in items.enumerated() {
            if index > 0 { raw(", ") }
            write(&self, item)
        }
        bytes.append(UInt8(ascii: "]"))
    }
}
