/// Character classes as Python 3.11 sees them (Unicode 14), which upstream's regular expressions rely on.
///
/// Swift's own tables are of a newer Unicode version. Classes that are small are therefore spelled out;
/// for `isWord` everything younger than Unicode 14 is left out by its age.
package enum PythonUnicode {
    /// `str.isspace`, also `\s`, `str.strip` and `str.split`.
    package static func isSpace(_ point: CodePoint) -> Bool {
        switch point {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F,
            0x3000:
            true
        default: false
        }
    }

    /// `\d`: general category Nd.
    package static func isDecimal(_ point: CodePoint) -> Bool {
        if point < 0x660 { return point >= 0x30 && point <= 0x39 }
        var lower = 0
        var upper = decimalZeros.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if decimalZeros[middle] <= point { lower = middle + 1 } else { upper = middle }
        }
        return lower > 0 && point - decimalZeros[lower - 1] < 10
    }

    /// `str.isdigit`: decimals, and superscripts, circled and other digits.
    package static func isDigit(_ point: CodePoint) -> Bool {
        if isDecimal(point) { return true }
        if point < 0xB2 { return false }
        return otherDigits.contains { $0.contains(point) }
    }

    /// `\w`: letters, everything numeric, and the underscore.
    package static func isWord(_ point: CodePoint) -> Bool {
        if point < 128 {
            return (point >= 0x30 && point <= 0x39) || (point | 0x20 >= 0x61 && point | 0x20 <= 0x7A)
                || point == 0x5F
        }
        if point >= 0x4E00 && point <= 0x9FFC { return true }
        guard let scalar = Unicode.Scalar(point) else { return false }
        let properties = scalar.properties
        guard let age = properties.age, age.major <= 14 else { return false }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
        default: return properties.numericType != nil
        }
    }

    /// `str.isupper`: something cased, and nothing of it in lower or title case.
    package static func isUpper(_ text: ArraySlice<CodePoint>) -> Bool {
        var isCased = false
        for point in text {
            if point < 128 {
                if point >= 0x61 && point <= 0x7A { return false }
                if point >= 0x41 && point <= 0x5A { isCased = true }
            } else if let properties = properties(of: point) {
                if isLower(point, properties) || properties.generalCategory == .titlecaseLetter {
                    return false
                }
                if properties.isUppercase { isCased = true }
            }
        }
        return isCased
    }

    /// `str.lower`, with the sigma that ends a word.
    package static func lowercased(_ text: ArraySlice<CodePoint>) -> [CodePoint] {
        var result: [CodePoint] = []
        result.reserveCapacity(text.count)
        for index in text.indices {
            let point = text[index]
            if point < 128 {
                result.append(point >= 0x41 && point <= 0x5A ? point + 32 : point)
            } else if point == 0x3A3 {
                result.append(isFinal(index, in: text) ? 0x3C2 : 0x3C3)
            } else if let properties = properties(of: point) {
                for scalar in properties.lowercaseMapping.unicodeScalars { result.append(scalar.value) }
            } else {
                result.append(point)
            }
        }
        return result
    }

    /// Whether a word ends at a sigma: something cased before it and nothing cased after it, not counting what has no
    /// influence on case.
    private static func isFinal(_ index: Int, in text: ArraySlice<CodePoint>) -> Bool {
        func isCased(_ neighbours: some Sequence<CodePoint>) -> Bool {
            let first = neighbours.first { point in
                point != ahomMedialRa && !(properties(of: point)?.isCaseIgnorable ?? false)
            }
            guard let first else { return false }
            return first == pharyngealFricative || properties(of: first)?.isCased ?? false
        }
        return isCased(text[..<index].reversed()) && !isCased(text[(index + 1)...])
    }

    /// What changed after Unicode 14: ʕ was a small letter, the Ahom medial ra had no influence on case, and a few
    /// modifier letters were not small letters yet.
    private static let pharyngealFricative: CodePoint = 0x295
    private static let ahomMedialRa: CodePoint = 0x1171E

    private static func isLower(_ point: CodePoint, _ properties: Unicode.Scalar.Properties) -> Bool {
        switch point {
        case pharyngealFricative: true
        case 0x10FC, 0xA7F2...0xA7F4, 0xAB69: false
        default: properties.isLowercase
        }
    }

    /// Properties of what Unicode 14 knows.
    private static func properties(of point: CodePoint) -> Unicode.Scalar.Properties? {
        guard let properties = Unicode.Scalar(point)?.properties, let age = properties.age, age.major <= 14
        else { return nil }
        return properties
    }

    /// `str.isnumeric` for the ideographs U+4E00…U+9FA5, the only characters it is used for.
    package static func isNumericIdeograph(_ point: CodePoint) -> Bool {
        numericIdeographs.contains(point)
    }

    private static let numericIdeographs = CodePointSet(
        "一七万三九二五亖亿什仟仨伍佰億兆兩八六十千卄卅卌叁参參叄四壱壹幺廾廿弌弍弎弐拾捌柒漆玖百肆萬貮貳贰阡陆陌陸零")

    private static let decimalZeros: [CodePoint] = [
        0x30, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6,
        0xE50,
        0xED0, 0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40,
        0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30, 0x11066,
        0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950,
        0x11C50, 0x11D50, 0x11DA0, 0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6,
        0x1E140, 0x1E2F0, 0x1E950, 0x1FBF0,
    ]

    private static let otherDigits: [ClosedRange<CodePoint>] = [
        0xB2...0xB3, 0xB9...0xB9, 0x1369...0x1371, 0x19DA...0x19DA, 0x2070...0x2070, 0x2074...0x2079,
        0x2080...0x2089, 0x2460...0x2468, 0x2474...0x247C, 0x2488...0x2490, 0x24EA...0x24EA, 0x24F5...0x24FD,
        0x24FF...0x24FF, 0x2776...0x277E, 0x2780...0x2788, 0x278A...0x2792, 0x10A40...0x10A43,
        0x10E60...0x10E68, 0x11052...0x1105A, 0x1F100...0x1F10A,
    ]
}
