/// Mobile, land line and 400 numbers, read digit by digit with 幺 (PaddleSpeech's `phonecode.py`).
enum TelephoneRules {
    private static let comma: CodePoint = 0xFF0C  // ，

    /// A mobile number of eleven digits, perhaps after 86 or +86, not inside a longer digit string.
    static func mobile(
        _ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]
    ) throws(TextError) -> RuleStep {
        guard text[index] == 0x2B || PythonUnicode.isDecimal(text[index]) else { return .none }
        let next = Scan.digits(text, index)
        if let before = Scan.at(text, index - 1), PythonUnicode.isDecimal(before) { return .skip(to: next) }
        var prefixEnd = text[index] == 0x2B ? index + 1 : index
        if text.has([0x38, 0x36], at: prefixEnd) {
            prefixEnd += 2
            // Upstream's rule allows a space here; none is left at this point.
            let start = Scan.at(text, prefixEnd) == 0x20 ? prefixEnd + 1 : prefixEnd
            if let end = mobileNumber(text, start) {
                let digitsStart = text[index] == 0x2B ? index + 1 : index
                try appendGroups(text[digitsStart..<end], separator: 0x20, to: &output)
                return .match(end: end)
            }
        }
        guard text[index] != 0x2B, let end = mobileNumber(text, index) else {
            return next > index ? .skip(to: next) : .none
        }
        try appendGroups(text[index..<end], separator: 0x20, to: &output)
        return .match(end: end)
    }

    /// `1([38]\d|5[0-35-9]|7[678]|9[89])\d{8}` with no digit after it.
    private static func mobileNumber(_ text: [CodePoint], _ index: Int) -> Int? {
        guard Scan.at(text, index) == 0x31, Scan.hasDigits(text, index + 1, count: 10) else { return nil }
        let (second, third) = (text[index + 1], text[index + 2])
        let served: Bool
        switch second {
        case 0x33, 0x38: served = true
        case 0x35: served = (0x30...0x39).contains(third) && third != 0x34
        case 0x37: served = (0x36...0x38).contains(third)
        case 0x39: served = (0x38...0x39).contains(third)
        default: served = false
        }
        let end = index + 11
        guard served, !Scan.hasDigits(text, end, count: 1) else { return nil }
        return end
    }

    /// Seven or eight digits, perhaps after an area code, not inside a longer digit string.
    static func landLine(
        _ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]
    ) throws(TextError) -> RuleStep {
        guard PythonUnicode.isDecimal(text[index]) else { return .none }
        let next = Scan.digits(text, index)
        if let before = Scan.at(text, index - 1), PythonUnicode.isDecimal(before) { return .skip(to: next) }
        for start in areaCodeEnds(text, index) + [index] {
            guard Scan.isDigit(text, start, 0x31...0x39) else { continue }
            let end = Scan.digits(text, start)
            guard end - start == 7 || end - start == 8 else { continue }
            try appendGroups(text[index..<end], separator: Scan.minus, to: &output)
            return .match(end: end)
        }
        return .skip(to: next)
    }

    /// Where the number after `0(10|2[1-3]|[3-9]\d{2})-?` can begin, in the order tried.
    private static func areaCodeEnds(_ text: [CodePoint], _ index: Int) -> [Int] {
        guard Scan.at(text, index) == 0x30 else { return [] }
        let end: Int
        if text.has([0x31, 0x30], at: index + 1) {
            end = index + 3
        } else if Scan.at(text, index + 1) == 0x32, Scan.isDigit(text, index + 2, 0x31...0x33) {
            end = index + 3
        } else if Scan.isDigit(text, index + 1, 0x33...0x39), Scan.hasDigits(text, index + 2, count: 2) {
            end = index + 4
        } else {
            return []
        }
        return Scan.at(text, end) == Scan.minus ? [end + 1, end] : [end]
    }

    /// `400`, three digits, four digits, with `-` between them or not; also inside a longer digit string.
    static func nationwide(
        _ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]
    ) throws(TextError) -> RuleStep {
        guard text.has([0x34, 0x30, 0x30], at: index) else { return .none }
        var end = index + 3
        for count in [3, 4] {
            if Scan.at(text, end) == Scan.minus { end += 1 }
            guard Scan.hasDigits(text, end, count: count) else { return .none }
            end += count
        }
        try appendGroups(text[index..<end], separator: Scan.minus, to: &output)
        return .match(end: end)
    }

    private static func appendGroups(
        _ number: ArraySlice<CodePoint>, separator: CodePoint, to output: inout [CodePoint]
    ) throws(TextError) {
        for digit in number {
            if digit == separator {
                output.append(comma)
            } else {
                try ChineseNumerals.appendDigits([digit], telephone: true, to: &output)
            }
        }
    }
}
