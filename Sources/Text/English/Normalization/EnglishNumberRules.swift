/// Ordinals, sums, signs, decimals, fractions and plain numbers of upstream's English normaliser (`expend.py`).
///
/// `[0-9]` is ASCII, `\d` and `\s` are Unicode's; a rule that could not use a run of digits skips it.
enum EnglishNumberRules {
    private static let comma: CodePoint = 0x2C
    private static let slash: CodePoint = 0x2F
    private static let space: CodePoint = 0x20
    private static let point = [CodePoint](" point ")
    private static let negative = [CodePoint]("negative ")
    private static let operators: [CodePoint: [CodePoint]] = [
        0x2B: [CodePoint](" plus "), 0x2D: [CodePoint](" minus "), 0xD7: [CodePoint](" times "),
        0xF7: [CodePoint](" divided by "), 0x3D: [CodePoint](" Equals "),
    ]

    /// End of the run of `[0-9]` at `index`.
    static func digits(_ text: [CodePoint], _ index: Int) -> Int {
        var end = index
        while end < text.count, text[end] >= 0x30, text[end] <= 0x39 { end += 1 }
        return end
    }

    /// End of the run of whitespace at `index`.
    private static func spaces(_ text: [CodePoint], _ index: Int) -> Int {
        var end = index
        while end < text.count, PythonUnicode.isSpace(text[end]) { end += 1 }
        return end
    }

    /// True if no word continues across `index` (Python's `\b`, next to a word character on the right).
    static func beginsWord(_ text: [CodePoint], _ index: Int) -> Bool {
        Scan.at(text, index - 1).map { !PythonUnicode.isWord($0) } ?? true
    }

    /// True if a word may end before `index` (Python's `\b`, next to a word character on the left).
    static func endsWord(_ text: [CodePoint], _ index: Int) -> Bool {
        Scan.at(text, index).map { !PythonUnicode.isWord($0) } ?? true
    }

    /// `5. ` → `5th, `, anywhere: a year at the end of a sentence too.
    static func listNumber(
        _ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]
    ) throws(TextError) -> RuleStep {
        let end = digits(text, index)
        guard end > index else { return .none }
        guard Scan.at(text, end) == Scan.period, Scan.at(text, end + 1) == space, beginsWord(text, index)
        else {
            return .skip(to: end)
        }
        output += text[index..<end]
        output += try EnglishNumerals.ordinalSuffix(text[index..<end])
        output += [comma, space]
        return .match(end: end + 2)
    }

    /// operand, whitespace, operator, whitespace, operand; repeated until nothing is left to replace.
    static func operations(_ text: inout [CodePoint]) throws(TextError) {
        var changed = text.contains { operators[$0] != nil }
        while changed {
            changed = false
            try rewrite(&text) { text, index, output throws(TextError) in
                guard let left = ArithmeticRules.operand(text, index) else { return .none }
                let sign = spaces(text, left)
                let gap = spaces(text, sign + 1)
                guard sign > left, let symbol = Scan.at(text, sign), let word = operators[symbol],
                    gap > sign + 1,
                    let right = ArithmeticRules.operand(text, gap)
                else { return .skip(to: Scan.digits(text, index)) }
                output += text[index..<left]
                output += word
                output += text[gap..<right]
                changed = true
                return .match(end: right)
            }
        }
    }

    /// ` -3` → `negative 3`; the whitespace before is lost.
    static func sign(
        _ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]
    ) throws(TextError) -> RuleStep {
        let minus = spaces(text, index)
        guard minus > index || index == 0 else { return .none }
        let end = Scan.digits(text, minus + 1)
        guard Scan.at(text, minus) == Scan.minus, end > minus + 1 else { return .skip(to: minus) }
        output += negative
        output += text[minus + 1..<end]
        return .match(end: end)
    }

    /// `12,345` → `12345`, wherever commas are between digits.
    static func separators(
        _ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]
    ) throws(TextError) -> RuleStep {
        guard Scan.isDigit(text, index) else { return .none }
        var end = index
        var runEnd = index
        while Scan.isDigit(text, runEnd) || Scan.at(text, runEnd) == comma {
            runEnd += 1
            if Scan.isDigit(text, runEnd - 1) { end = runEnd }
        }
        for position in index..<end where text[position] != comma { output.append(text[position]) }
        return .match(end: end)
    }

    /// `3.14` → `3 point 1 4`; whitespace after the period counts as one of the digits.
    static func decimal(
        _ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]
    ) throws(TextError) -> RuleStep {
        let whole = digits(text, index)
        guard whole > index else { return .none }
        guard Scan.at(text, whole) == Scan.period else { return .skip(to: whole) }
        let start = spaces(text, whole + 1)
        let end = digits(text, start)
        guard end > start else { return .skip(to: whole) }
        output += text[index..<whole]
        output += point
        for position in whole + 1..<end {
            if position > whole + 1 { output.append(space) }
            output.append(text[position])
        }
        return .match(end: end)
    }

    /// `3/4` → `three fourths`.
    static func fraction(
        _ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]
    ) throws(TextError) -> RuleStep {
        let middle = digits(text, index)
        guard middle > index else { return .none }
        let end = digits(text, middle + 1)
        guard Scan.at(text, middle) == slash, end > middle + 1 else { return .skip(to: middle) }
        let numerator = try EnglishNumerals.value(text[index..<middle])
        let denominator = try EnglishNumerals.value(text[middle + 1..<end])
        try EnglishNumerals.append(text[index..<middle], and: true, to: &output)
        if EnglishNumerals.isOne(denominator) { return .match(end: end) }
        output.append(space)
        if denominator.count == 1, denominator.first == 0x32 {
            output += EnglishNumerals.isOne(numerator) ? half : halves
        } else {
            try EnglishNumerals.appendOrdinal(text[middle + 1..<end], to: &output)
            if !numerator.isEmpty, !EnglishNumerals.isOne(numerator) { output.append(0x73) }
        }
        return .match(end: end)
    }
    private static let half = [CodePoint]("half")
    private static let halves = [CodePoint]("halves")

    /// `21st` → `twenty-first`, whatever the suffix and whatever follows it.
    static func ordinal(
        _ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]
    ) throws(TextError) -> RuleStep {
        let end = digits(text, index)
        guard end > index else { return .none }
        guard suffixes.contains(where: { text.has($0, at: end) }) else { return .skip(to: end) }
        try EnglishNumerals.appendOrdinal(text[index..<end], to: &output)
        return .match(end: end + 2)
    }
    private static let suffixes = ["st", "nd", "rd", "th"].map { [CodePoint]($0) }

    /// Whatever numbers are left.
    static func number(
        _ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]
    ) throws(TextError) -> RuleStep {
        let end = digits(text, index)
        guard end > index else { return .none }
        try EnglishNumerals.appendNumber(text[index..<end], to: &output)
        return .match(end: end)
    }
}
