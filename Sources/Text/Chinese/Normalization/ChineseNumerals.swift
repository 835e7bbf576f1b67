/// Writes numbers out in Chinese (rules of PaddleSpeech's `num.py`).
package enum ChineseNumerals {
    private static let digits = [CodePoint]("零一二三四五六七八九")
    static let zero: CodePoint = 0x96F6  // 零
    static let one: CodePoint = 0x4E00  // 一
    private static let ten: CodePoint = 0x5341  // 十
    private static let point: CodePoint = 0x70B9  // 点
    private static let negative: CodePoint = 0x8D1F  // 负
    /// 一 where digits are read one by one on the telephone: 幺.
    private static let phoneOne: CodePoint = 0x5E7A
    /// Upstream's recursion takes eight digits a step and Python allows about a thousand steps.
    private static let maximumDigits = 7_800

    private static func value(_ digit: CodePoint) throws(TextError) -> Int {
        guard digit >= 0x30, digit <= 0x39 else { throw .unreadableDigit(codePoint: digit) }
        return Int(digit - 0x30)
    }

    /// Digit by digit: 2024 → 二零二四; on the telephone 一 is 幺.
    static func appendDigits(
        _ number: ArraySlice<CodePoint>, telephone: Bool = false, to output: inout [CodePoint]
    ) throws(TextError) {
        for digit in number {
            let written = digits[try value(digit)]
            output.append(telephone && written == one ? phoneOne : written)
        }
    }

    /// As a quantity: 1204 → 一千二百零四, 10 → 十; nothing for nothing.
    static func appendCardinal(
        _ number: ArraySlice<CodePoint>, to output: inout [CodePoint]
    ) throws(TextError) {
        if number.isEmpty { return }
        let significant = number.drop { $0 == 0x30 }
        if significant.isEmpty {
            output.append(zero)
            return
        }
        guard significant.count <= maximumDigits else { throw .numberTooLong(digits: significant.count) }
        let start = output.count
        try appendValue(significant, to: &output)
        if output.count - start >= 2, output[start] == one, output[start + 1] == ten {
            output.remove(at: start)
        }
    }

    private static let units: [(power: Int, name: CodePoint)] = [
        (8, 0x4EBF), (4, 0x4E07), (3, 0x5343), (2, 0x767E), (1, 0x5341),  // 亿 万 千 百 十
    ]

    private static func appendValue(
        _ number: ArraySlice<CodePoint>, to output: inout [CodePoint]
    ) throws(TextError) {
        let significant = number.drop { $0 == 0x30 }
        guard let first = significant.first else { return }
        if significant.count == 1 {
            let digit = digits[try value(first)]
            if number.count > 1 { output.append(zero) }
            output.append(digit)
            return
        }
        guard let unit = units.first(where: { $0.power < significant.count }) else { return }
        let seam = number.endIndex - unit.power
        try appendValue(number[..<seam], to: &output)
        output.append(unit.name)
        try appendValue(number[seam...], to: &output)
    }

    /// A number with an optional fraction: 3.20 → 三点二零 (trailing zeros collapse to one), .5 → 零点五.
    static func append(_ number: ArraySlice<CodePoint>, to output: inout [CodePoint]) throws(TextError) {
        let dot = number.firstIndex(of: 0x2E)
        let start = output.count
        try appendCardinal(number[..<(dot ?? number.endIndex)], to: &output)
        guard let dot else { return }
        var fraction = number[(dot + 1)...]
        let endsInZero = fraction.last == 0x30
        while fraction.last == 0x30 { fraction.removeLast() }
        guard !fraction.isEmpty || endsInZero else { return }
        if output.count == start { output.append(zero) }
        output.append(point)
        try appendDigits(fraction, to: &output)
        if endsInZero { output.append(zero) }
    }

    /// As `append`, with 负 in front for a sign.
    static func append(
        _ number: ArraySlice<CodePoint>, negative isNegative: Bool, to output: inout [CodePoint]
    ) throws(TextError) {
        if isNegative { output.append(negative) }
        try append(number, to: &output)
    }

    /// The reading of a number on its own.
    static func reading(_ number: ArraySlice<CodePoint>) throws(TextError) -> [CodePoint] {
        var output: [CodePoint] = []
        try append(number, to: &output)
        return output
    }
}
