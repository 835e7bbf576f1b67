extension JSONReader {
    /// Reads the string that comes next as code points: with `JSONOptions.Strings.lenient`, these tell half a
    /// surrogate pair, which Swift's strings cannot hold. `nil`, and nothing is read, if another value comes next.
    ///
    /// - Throws: the first mistake.
    package mutating func codePoints() throws(JSONError) -> [UInt32]? {
        skipSpace()
        guard peek() == UInt8(ascii: "\"") else { return nil }
        guard options.strings == .lenient else { return try string().unicodeScalars.map(\.value) }
        return try lenientString()
    }

    /// Reads a string whose opening quote is next.
    mutating func string() throws(JSONError) -> String {
        // Most strings are their bytes.
        var end = position + 1
        while end < bytes.count {
            switch bytes[end] {
            case UInt8(ascii: "\""):
                guard let text = String(validating: bytes[position + 1..<end], as: UTF8.self) else { break }
                position = end + 1
                return text
            case UInt8(ascii: "\\"), 0..<0x20: break
            default:
                end += 1
                continue
            }
            break
        }
        if options.strings == .strict { return try strictString() }
        var text = String.UnicodeScalarView()
        for point in try lenientString() { text.append(Unicode.Scalar(point) ?? "\u{FFFD}") }
        return String(text)
    }

    /// Passes over a string whose opening quote is next.
    mutating func skipString() throws(JSONError) {
        position += 1
        while let byte = peek(), byte != UInt8(ascii: "\"") { position += byte == UInt8(ascii: "\\") ? 2 : 1 }
        guard position < bytes.count else {
            throw JSONError(.unterminatedString, offset: bytes.count)
        }
        position += 1
    }

    private mutating func strictString() throws(JSONError) -> String {
        position += 1
        var units: [UInt8] = []
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: units, as: UTF8.self) else {
                    throw error(.notUTF8)
                }
                position += 1
                return text
            case UInt8(ascii: "\\"):
                // Half a surrogate pair has been refused.
                guard let scalar = Unicode.Scalar(try escape()) else { throw error(.halfSurrogatePair) }
                units.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            case 0..<0x20: throw error(.controlCharacter)
            default:
                units.append(byte)
                position += 1
            }
        }
        throw error(.unterminatedString)
    }

    private mutating func lenientString() throws(JSONError) -> [UInt32] {
        position += 1
        var points: [UInt32] = []
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return points
            case UInt8(ascii: "\\"): points.append(try escape())
            case 0..<0x80:
                points.append(UInt32(byte))
                position += 1
            default:
                // A run of non-ASCII bytes is decoded in one go.
                let start = position
                while let byte = peek(), byte >= 0x80 { position += 1 }
                for scalar in String(decoding: bytes[start..<position], as: UTF8.self).unicodeScalars {
                    points.append(scalar.value)
                }
            }
        }
        throw error(.unterminatedString)
    }

    /// Reads an escape whose backslash is next.
    private mutating func escape() throws(JSONError) -> UInt32 {
        position += 1
        guard let byte = peek() else { throw error(.unterminatedString) }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UInt32(byte)
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw error(.unknownEscape)
        }
    }

    /// Reads the digits of `\uXXXX`, and a second one where both are a surrogate pair.
    private mutating func unicodeEscape() throws(JSONError) -> UInt32 {
        let first = try hexadecimalDigits()
        guard (0xD800..<0xE000).contains(first) else { return first }
        let mark = position
        if first < 0xDC00, takeUnicodeEscapeStart() {
            let second = try hexadecimalDigits()
            if (0xDC00..<0xE000).contains(second) {
                return 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
            }
        }
        guard options.strings == .lenient else { throw error(.halfSurrogatePair) }
        position = mark
        return first
    }

    private mutating func takeUnicodeEscapeStart() -> Bool {
        guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { return false }
        position += 2
        return true
    }

    private mutating func hexadecimalDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw error(.hexadecimalDigitsMissing)
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
