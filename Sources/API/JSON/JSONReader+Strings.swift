extension JSONReader {
    /// Reads a string whose opening quote is next.
    mutating func string() throws(JSONError) -> String {
        position += 1
        var units: [UInt8] = []
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: units, as: UTF8.self) else {
                    throw error("A string that is not UTF-8")
                }
                position += 1
                return text
            case UInt8(ascii: "\\"):
                position += 1
                units.append(contentsOf: String(try escape()).utf8)
            case 0..<0x20: throw error("A control character in a string")
            default:
                units.append(byte)
                position += 1
            }
        }
        throw error("Unterminated string")
    }

    /// Reads what follows a backslash.
    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        guard let byte = peek() else { throw error("Unterminated string") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw error("Invalid escape")
        }
    }

    /// Reads the digits of `\uXXXX`, and of a second one where the first is half a surrogate pair.
    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let first = try hexadecimalDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, peek() == UInt8(ascii: "\\") else { throw error("Half a surrogate pair") }
        position += 1
        guard peek() == UInt8(ascii: "u") else { throw error("Half a surrogate pair") }
        position += 1
        let second = try hexadecimalDigits()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw error("Half a surrogate pair") }
        return scalar
    }

    private mutating func hexadecimalDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = ASCII.hexadecimalValue(byte) else {
                throw error("Invalid \\uXXXX escape")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
