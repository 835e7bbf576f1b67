/// Sums, powers, fractions, percentages, ranges and plain numbers (PaddleSpeech's `num.py`).
enum ArithmeticRules {
    private static let operators: [CodePoint: [CodePoint]] = [
        0x2B: [CodePoint]("加"), 0x2D: [CodePoint]("减"), 0xD7: [CodePoint]("乘"), 0xF7: [CodePoint]("除"),
        0x3D: [CodePoint]("等于"),
    ]
    /// Superscripts, and what they are read as.
    private static let powers: [CodePoint: CodePoint] = Dictionary(
        uniqueKeysWithValues: zip([CodePoint]("⁰¹²³⁴⁵⁶⁷⁸⁹ˣʸⁿ"), [CodePoint]("0123456789xyn")))
    private static let of: CodePoint = 0x7684  // 的
    private static let toThePower = [CodePoint]("次方")
    private static let partsOf = [CodePoint]("分之")
    private static let percent = [CodePoint]("百分之")
    private static let to: CodePoint = 0x5230  // 到
    private static let point: CodePoint = 0x70B9  // 点
    private static let more: CodePoint = 0x591A  // 多
    private static let two: CodePoint = 0x4E8C  // 二
    private static let pair: CodePoint = 0x4E24  // 两

    static func isOperator(_ point: CodePoint) -> Bool {
        switch point {
        case 0x2B, 0x2D, 0xD7, 0xF7, 0x3D: true
        default: false
        }
    }

    static func isPower(_ point: CodePoint) -> Bool { powers[point] != nil }

    private static func powers(_ text: [CodePoint], _ index: Int) -> Int {
        var end = index
        while end < text.count, isPower(text[end]) { end += 1 }
        return end
    }

    /// An operand: signed number, `.5`, or one Latin letter, each with superscripts.
    static func operand(_ text: [CodePoint], _ index: Int) -> Int? {
        guard let first = Scan.at(text, index) else { return nil }
        if let number = Scan.number(text, first == Scan.minus ? index + 1 : index) {
            return powers(text, number.end)
        }
        if first == Scan.period {
            let end = Scan.digits(text, index + 1)
            return end > index + 1 ? powers(text, end) : nil
        }
        return first | 0x20 >= 0x61 && first | 0x20 <= 0x7A && first < 0x80 ? powers(text, index + 1) : nil
    }

    /// operand operator operand, repeated until nothing is left to replace.
    ///
    /// Precedes ranges and telephone numbers, so the hyphen of 18-25 is 减.
    static func operations(_ text: inout [CodePoint]) throws(TextError) {
        var changed = text.contains(where: isOperator)
        while changed {
            changed = false
            try rewrite(&text) { text, index, output throws(TextError) in
                guard let left = operand(text, index) else { return .none }
                guard let sign = Scan.at(text, left), let word = operators[sign],
                    let right = operand(text, left + 1)
                else {
                    // A digit run that led nowhere leads nowhere from its other digits either.
                    return .skip(to: Scan.digits(text, index))
                }
                output += text[index..<left]
                output += word
                output += text[left + 1..<right]
                changed = true
                return .match(end: right)
            }
        }
    }

    /// A run of superscripts: m⁴ → m的4次方.
    static func power(_ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]) throws(TextError)
        -> RuleStep
    {
        let end = powers(text, index)
        guard end > index else { return .none }
        output.append(of)
        for point in text[index..<end] { output.append(powers[point] ?? point) }
        output += toThePower
        return .match(end: end)
    }

    /// `1/2` → 二分之一.
    static func fraction(
        _ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]
    ) throws(TextError) -> RuleStep {
        let isNegative = text[index] == Scan.minus
        let start = isNegative ? index + 1 : index
        let numeratorEnd = Scan.digits(text, start)
        guard numeratorEnd > start else { return .none }
        let denominatorEnd = Scan.digits(text, numeratorEnd + 1)
        guard Scan.at(text, numeratorEnd) == 0x2F, denominatorEnd > numeratorEnd + 1 else {
            return .skip(to: numeratorEnd)
        }
        let denominator = text[numeratorEnd + 1..<denominatorEnd]
        try ChineseNumerals.append(denominator, negative: isNegative, to: &output)
        output += partsOf
        try ChineseNumerals.append(text[start..<numeratorEnd], to: &output)
        return .match(end: denominatorEnd)
    }

    /// `5%` → 百分之五.
    static func percentage(
        _ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]
    ) throws(TextError) -> RuleStep {
        let isNegative = text[index] == Scan.minus
        let start = isNegative ? index + 1 : index
        guard let number = Scan.number(text, start) else { return .none }
        guard Scan.at(text, number.end) == 0x25 else { return .skip(to: number.integerEnd) }
        if isNegative { output.append(0x8D1F) }
        output += percent
        try ChineseNumerals.append(text[start..<number.end], to: &output)
        return .match(end: number.end + 1)
    }

    /// `a-b`, `a~b` → a到b, unless a digit or operator is on either side.
    static func range(_ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]) throws(TextError)
        -> RuleStep
    {
        let start = text[index] == Scan.minus ? index + 1 : index
        guard let first = Scan.number(text, start) else { return .none }
        if let before = Scan.at(text, index - 1), bars(before) { return .skip(to: first.integerEnd) }
        guard let separator = Scan.at(text, first.end), separator == Scan.minus || separator == Scan.tilde
        else {
            return .skip(to: first.integerEnd)
        }
        let other = first.end + 1
        let otherStart = Scan.at(text, other) == Scan.minus ? other + 1 : other
        guard let second = Scan.number(text, otherStart) else { return .skip(to: first.integerEnd) }
        // If what follows the fraction bars the match, the match ends before the fraction.
        var end = second.end
        if let after = Scan.at(text, end), bars(after) {
            guard second.end > second.integerEnd else { return .skip(to: first.integerEnd) }
            end = second.integerEnd
        }
        try ChineseNumerals.append(text[start..<first.end], negative: start > index, to: &output)
        output.append(to)
        try ChineseNumerals.append(text[otherStart..<end], negative: otherStart > other, to: &output)
        return .match(end: end)
    }

    private static func bars(_ point: CodePoint) -> Bool {
        PythonUnicode.isDecimal(point) || isOperator(point)
    }

    /// `-10` → 负十.
    static func negativeInteger(
        _ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]
    ) throws(TextError) -> RuleStep {
        guard text[index] == Scan.minus else { return .none }
        let end = Scan.digits(text, index + 1)
        guard end > index + 1 else { return .none }
        try ChineseNumerals.append(text[index + 1..<end], negative: true, to: &output)
        return .match(end: end)
    }

    /// `1.2.3`: digit by digit, with 点.
    static func version(
        _ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]
    ) throws(TextError) -> RuleStep {
        let first = Scan.digits(text, index)
        guard first > index else { return .none }
        var end = first
        var points = 0
        while Scan.at(text, end) == Scan.period {
            let next = Scan.digits(text, end + 1)
            guard next > end + 1 else { break }
            points += 1
            end = next
        }
        guard points >= 2 else { return .skip(to: first) }
        for position in index..<end {
            if text[position] == Scan.period {
                output.append(point)
            } else {
                try ChineseNumerals.appendCardinal(text[position...position], to: &output)
            }
        }
        return .match(end: end)
    }

    /// Decimals, and numbers that begin with the decimal point.
    static func decimal(
        _ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]
    ) throws(TextError) -> RuleStep {
        try number(text, index, needsFraction: true, &output)
    }

    /// Whatever numbers are left.
    static func number(
        _ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]
    ) throws(TextError) -> RuleStep {
        try number(text, index, needsFraction: false, &output)
    }

    private static func number(
        _ text: [CodePoint], _ index: Int, needsFraction: Bool, _ output: inout [CodePoint]
    ) throws(TextError) -> RuleStep {
        let isNegative = text[index] == Scan.minus
        let start = isNegative ? index + 1 : index
        if let number = Scan.number(text, start) {
            if needsFraction, number.end == number.integerEnd { return .skip(to: number.integerEnd) }
            try ChineseNumerals.append(text[start..<number.end], negative: isNegative, to: &output)
            return .match(end: number.end)
        }
        guard text[index] == Scan.period else { return .none }
        let end = Scan.digits(text, index + 1)
        guard end > index + 1 else { return .none }
        try ChineseNumerals.append(text[index..<end], to: &output)
        return .match(end: end)
    }

    /// Number, perhaps 多余几 or `+`, measure word: 2个 → 两个, 100+人 → 一百多人.
    static func quantified(
        _ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]
    ) throws(TextError) -> RuleStep {
        let end = Scan.digits(text, index)
        guard end > index else { return .none }
        var next = end
        var about: CodePoint?
        if let point = Scan.at(text, end), [0x591A, 0x4F59, 0x51E0, 0x2B].contains(point) {
            about = point == 0x2B ? more : point
            next += 1
        }
        guard Quantifiers.begins(text, next) else { return .skip(to: end) }
        let reading = try ChineseNumerals.reading(text[index..<end])
        output += reading == [two] ? [pair] : reading
        if let about { output.append(about) }
        return .match(end: next)
    }

    /// Three digits and more: one by one, as on the telephone.
    static func digitString(
        _ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]
    ) throws(TextError) -> RuleStep {
        let end = Scan.digits(text, index)
        guard end - index >= 3 else { return end > index ? .skip(to: end) : .none }
        try ChineseNumerals.appendDigits(text[index..<end], telephone: true, to: &output)
        return .match(end: end)
    }
}

/// Measure words that turn the number before them into a quantity.
enum Quantifiers {
    private static let single = CodePointSet(
        """
        处台架枚趟幅平方堵间床株批项例列篇栋注亩封艘把目套段人所朵匹张座回场尾条个首阙阵网炮顶丘棵只支袭辆挑担颗壳窠曲墙\
        群腔砣客贯扎捆刀令打手罗坡山岭江溪钟队单双对出口头脚板跳枝件贴针线管名位身堂课本页家户层丝毫厘分钱两斤铢石钧锱忽\
        寸尺丈里寻常铺程米撮勺合升斗盘碗碟叠桶笼盆盒杯斛锅簋篮罐瓶壶卮盏箩箱煲啖袋钵年月日季刻时周天秒旬纪岁世更夜春夏秋\
        冬代伏辈丸泡粒幢堆根道面片块元吨亿万千百角毛
        """)
    /// Words whose first character is no measure word.
    private static let double = ["微克", "公分", "微米", "小时", "美元", "十吨"].map { [CodePoint]($0) }

    /// True if a measure word begins at `index`.
    static func begins(_ text: [CodePoint], _ index: Int) -> Bool {
        guard let first = Scan.at(text, index) else { return false }
        return single.contains(first) || double.contains { text.has($0, at: index) }
    }
}
