/// Ranges of measures, temperatures, units of measure (PaddleSpeech's `quantifier.py`).
enum MeasureRules {
    private static let until: CodePoint = 0x81F3  // 至
    /// Units a range of measures may have, in the order they are tried.
    private static let rangeUnits = [
        "%", "°C", "℃", "度", "摄氏度", "cm2", "cm²", "cm3", "cm³", "cm", "db", "ds", "kg", "km", "m2", "m²",
        "m³",
        "m3", "ml", "m", "mm", "s",
    ].map { [CodePoint]($0) }
    private static let temperatureUnits = ["°C", "℃", "度", "摄氏度"].map { [CodePoint]($0) }
    private static let degree = [CodePoint]("度")
    private static let belowZero = [CodePoint]("零下")
    /// Replaced in order, also inside words: mm follows m and never matches.
    private static let measures: [(unit: [CodePoint], name: [CodePoint])] = [
        ("cm2", "平方厘米"), ("cm²", "平方厘米"), ("cm3", "立方厘米"), ("cm³", "立方厘米"), ("cm", "厘米"), ("db", "分贝"),
        ("ds", "毫秒"), ("kg", "千克"), ("km", "千米"), ("m2", "平方米"), ("m²", "平方米"), ("m³", "立方米"),
        ("m3", "立方米"), ("ml", "毫升"), ("m", "米"), ("mm", "毫米"), ("s", "秒"),
    ].map { ([CodePoint]($0.0), [CodePoint]($0.1)) }

    /// 5kg~6kg: the `~` between two measures becomes 至. Everything else stays.
    static func range(_ text: inout [CodePoint]) {
        var lastEnd = 0
        for index in text.indices where text[index] == Scan.tilde {
            guard endsInMeasure(text, lastEnd..<index), let end = measure(text, index + 1) else { continue }
            text[index] = until
            lastEnd = end
        }
    }

    /// True if a range of the text ends in a digit and a unit.
    private static func endsInMeasure(_ text: [CodePoint], _ range: Range<Int>) -> Bool {
        rangeUnits.contains { unit in
            let start = range.upperBound - unit.count
            return start > range.lowerBound && text.has(unit, at: start)
                && PythonUnicode.isDecimal(text[start - 1])
        }
    }

    /// End of a signed number and a unit at `index`.
    private static func measure(_ text: [CodePoint], _ index: Int) -> Int? {
        let start = Scan.at(text, index) == Scan.minus ? index + 1 : index
        var ends: [Int] = []
        if let number = Scan.number(text, start) {
            ends = [number.end]
        } else if Scan.at(text, index) == Scan.period {
            let end = Scan.digits(text, index + 1)
            if end > index + 1 { ends = [end] }
        }
        for end in ends {
            for unit in rangeUnits where text.has(unit, at: end) { return end + unit.count }
        }
        return nil
    }

    /// -3°C → 零下三度. 摄氏度 becomes 度 as well: upstream looks at the wrong group for it.
    static func temperature(
        _ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]
    ) throws(TextError) -> RuleStep {
        let isNegative = text[index] == Scan.minus
        let start = isNegative ? index + 1 : index
        guard let number = Scan.number(text, start) else { return .none }
        guard let unit = temperatureUnits.first(where: { text.has($0, at: number.end) }) else {
            return .skip(to: number.integerEnd)
        }
        if isNegative { output += belowZero }
        try ChineseNumerals.append(text[start..<number.end], to: &output)
        output += degree
        return .match(end: number.end + unit.count)
    }

    /// Units to words, by plain replacement.
    static func units(_ text: inout [CodePoint]) {
        for (unit, name) in measures { text = text.replacing(unit, with: name) }
    }
}
