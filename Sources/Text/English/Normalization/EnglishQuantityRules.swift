/// Times, measures and money of upstream's English normaliser (`expend.py`).
enum EnglishQuantityRules {
    private static let comma: CodePoint = 0x2C
    private static let space: CodePoint = 0x20
    private static let bracket: CodePoint = 0x28

    // MARK: Times

    private static let oClock = [CodePoint](" o'clock ")
    private static let morning = [CodePoint]("a.m.")
    private static let afternoon = [CodePoint]("p.m.")

    /// `13:30` → `one thirty p.m.`; 0:30 is zero thirty.
    static func time(
        _ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]
    ) throws(TextError) -> RuleStep {
        guard Scan.isDigit(text, index), EnglishNumberRules.beginsWord(text, index) else { return .none }
        let isShort = Scan.at(text, index + 1) == Scan.colon
        let isLong =
            Scan.isDigit(text, index, 0x30...0x31) && Scan.isDigit(text, index + 1)
            || Scan.at(text, index) == 0x32 && Scan.isDigit(text, index + 1, 0x30...0x33)
        guard isShort || isLong else { return .none }
        let colon = isShort ? index + 1 : index + 2
        guard Scan.at(text, colon) == Scan.colon, Scan.isDigit(text, colon + 1, 0x30...0x35),
            Scan.isDigit(text, colon + 2), EnglishNumberRules.endsWord(text, colon + 3)
        else { return .none }
        let hour = text[index..<colon].reduce(0) { $0 * 10 + Int($1 - 0x30) }
        let spoken = [CodePoint](String(hour > 12 ? hour - 12 : hour))
        try EnglishNumerals.append(spoken[...], and: true, to: &output)
        if text[colon + 1] == 0x30, text[colon + 2] == 0x30 {
            output += oClock
        } else {
            output.append(space)
            try EnglishNumerals.append(text[colon + 1...colon + 2], and: true, to: &output)
            output.append(space)
        }
        output += hour < 12 ? morning : afternoon
        return .match(end: colon + 3)
    }

    // MARK: Measures

    /// In the order they are tried; the first that ends a word counts, so km/h is never reached.
    private static let units: [(sign: [CodePoint], one: [CodePoint], many: [CodePoint])] = [
        ("m", "meter", "meters"), ("km", "kilometer", "kilometers"), ("ft", "feet", "feet"),
        ("L", "liter", "liters"), ("tbsp", "tablespoon", "tablespoons"), ("tsp", "teaspoon", "teaspoons"),
        ("h", "hour", "hours"), ("min", "minute", "minutes"), ("s", "second", "seconds"),
        ("°C", "degree celsius", "degrees celsius"), ("°F", "degree fahrenheit", "degrees fahrenheit"),
    ].map { ([CodePoint]($0.0), [CodePoint]($0.1), [CodePoint]($0.2)) }

    /// `5km` → `5 kilometers`; only the integer 1 is singular.
    static func measure(
        _ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]
    ) throws(TextError) -> RuleStep {
        let whole = EnglishNumberRules.digits(text, index)
        guard whole > index else { return .none }
        guard EnglishNumberRules.beginsWord(text, index) else { return .skip(to: whole) }
        var end = whole
        if Scan.at(text, whole) == Scan.period { end = EnglishNumberRules.digits(text, whole + 1) }
        if end == whole + 1 { end = whole }
        let unit = units.first {
            text.has($0.sign, at: end) && EnglishNumberRules.endsWord(text, end + $0.sign.count)
        }
        guard let unit else { return .skip(to: whole) }
        let number = try EnglishNumerals.value(text[index..<end].filter { $0 != Scan.period }[...])
        output += text[index..<end]
        output.append(space)
        output += end == whole && EnglishNumerals.isOne(number) ? unit.one : unit.many
        return .match(end: end + unit.sign.count)
    }

    // MARK: Money

    private struct Currency {
        let sign: CodePoint
        let one: [CodePoint]
        let many: [CodePoint]
        let oneHundredth: [CodePoint]
        let hundredths: [CodePoint]

        init(_ sign: CodePoint, _ one: String, _ many: String, _ oneHundredth: String, _ hundredths: String) {
            self.sign = sign
            self.one = [CodePoint](one)
            self.many = [CodePoint](many)
            self.oneHundredth = [CodePoint](oneHundredth)
            self.hundredths = [CodePoint](hundredths)
        }
    }
    private static let pounds = Currency(0xA3, " pound", " pounds", " penny", " pence")
    private static let dollars = Currency(0x24, " dollar", " dollars", " cent", " cents")
    private static let and = [CodePoint](" and ")
    private static let zero = [CodePoint]("zero")

    /// Every amount with £, then every amount with $; each before, then after the number.
    static func money(_ text: inout [CodePoint]) throws(TextError) {
        for currency in [pounds, dollars] where text.contains(currency.sign) {
            try rewrite(&text) { text, index, output throws(TextError) in
                guard text[index] == currency.sign else { return .none }
                var end = index + 1
                var next = index + 1
                while isAmount(text, next) {
                    next += 1
                    if Scan.isDigit(text, next - 1) { end = next }
                }
                guard end > index + 1 else { return .skip(to: next) }
                try append(text[index + 1..<end], currency, to: &output)
                return .match(end: end)
            }
            try rewrite(&text) { text, index, output throws(TextError) in
                var end = index
                // An opening bracket counts as part of an amount of dollars, and makes it unreadable.
                while isAmount(text, end) || currency.sign == dollars.sign && Scan.at(text, end) == bracket {
                    end += 1
                }
                guard end > index else { return .none }
                guard Scan.at(text, end) == currency.sign, Scan.isDigit(text, end - 1) else {
                    return .skip(to: end)
                }
                try append(text[index..<end], currency, to: &output)
                return .match(end: end + 1)
            }
        }
    }

    private static func isAmount(_ text: [CodePoint], _ index: Int) -> Bool {
        guard let point = Scan.at(text, index) else { return false }
        return point >= 0x30 && point <= 0x39 || point == Scan.period || point == comma
    }

    private static func append(
        _ amount: ArraySlice<CodePoint>, _ currency: Currency, to output: inout [CodePoint]
    ) throws(TextError) {
        let parts = amount.split(separator: Scan.period, omittingEmptySubsequences: false)
        guard parts.count <= 2 else {
            output += amount
            output += currency.many
            return
        }
        let whole = try number(parts[0], of: amount)
        var rest = ArraySlice<CodePoint>()
        if parts.count == 2 {
            var hundredths = Array(parts[1])
            while hundredths.count < 2 { hundredths.append(0x30) }
            rest = try number(hundredths[...], of: amount)
        }
        if whole.isEmpty, rest.isEmpty {
            output += zero
            output += currency.many
            return
        }
        if !whole.isEmpty {
            output += whole
            output += EnglishNumerals.isOne(whole) ? currency.one : currency.many
        }
        if !whole.isEmpty, !rest.isEmpty { output += and }
        if !rest.isEmpty {
            output += rest
            output += EnglishNumerals.isOne(rest) ? currency.oneHundredth : currency.hundredths
        }
    }

    /// A part of an amount as a number without leading zeros; nothing is zero.
    private static func number(
        _ part: ArraySlice<CodePoint>, of amount: ArraySlice<CodePoint>
    ) throws(TextError) -> ArraySlice<CodePoint> {
        guard part.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            throw .unreadableAmount(String(codePoints: amount.prefix(40)))
        }
        return try EnglishNumerals.value(part)
    }
}
