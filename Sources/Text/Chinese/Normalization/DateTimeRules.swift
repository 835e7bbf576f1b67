/// Dates, times and time ranges (PaddleSpeech's `chronology.py`).
enum DateTimeRules {
    private static let year: CodePoint = 0x5E74  // 年
    private static let month: CodePoint = 0x6708  // 月
    private static let day: CodePoint = 0x65E5  // 日
    private static let dayNumber: CodePoint = 0x53F7  // 号
    private static let hour: CodePoint = 0x70B9  // 点
    private static let half: CodePoint = 0x534A  // 半
    private static let minute: CodePoint = 0x5206  // 分
    private static let second: CodePoint = 0x79D2  // 秒
    private static let until: CodePoint = 0x81F3  // 至

    /// `YYYY年` or `YY年`, with month and day if they follow. Not anchored: 100年 gives 一零零年 in the end.
    static func date(_ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]) throws(TextError)
        -> RuleStep
    {
        guard PythonUnicode.isDecimal(text[index]) else { return .none }
        let end = Scan.digits(text, index)
        guard Scan.at(text, end) == year, end - index >= 2 else { return .skip(to: end) }
        // Four digits if possible, else two, at the leftmost position that matches.
        let first = end - index >= 4 ? end - 4 : end - 2
        guard first == index else { return .skip(to: first) }
        try ChineseNumerals.appendDigits(text[index..<end], to: &output)
        output.append(year)
        var next = end + 1
        if let number = oneOrTwoDigits(text, next, upTo: 12), Scan.at(text, number) == month {
            try ChineseNumerals.appendCardinal(text[next..<number], to: &output)
            output.append(month)
            next = number + 1
        }
        if let number = oneOrTwoDigits(text, next, upTo: 31), let unit = Scan.at(text, number),
            unit == day || unit == dayNumber
        {
            try ChineseNumerals.appendCardinal(text[next..<number], to: &output)
            output.append(unit)
            next = number + 1
        }
        return .match(end: next)
    }

    /// A whole run of one or two ASCII digits from 1 (or 01) to a limit. A longer run never fits: a unit must follow.
    private static func oneOrTwoDigits(_ text: [CodePoint], _ index: Int, upTo limit: Int) -> Int? {
        guard Scan.isDigit(text, index) else { return nil }
        var value = Int(text[index] - 0x30)
        var end = index + 1
        if Scan.isDigit(text, end) {
            value = value * 10 + Int(text[end] - 0x30)
            end += 1
        }
        return value >= 1 && value <= limit ? end : nil
    }

    /// `YYYY-MM-DD` with the same separator `-`, `/`, `.` or space twice.
    static func numericDate(
        _ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]
    ) throws(TextError) -> RuleStep {
        guard PythonUnicode.isDecimal(text[index]) else { return .none }
        let runEnd = Scan.digits(text, index)
        guard runEnd - index >= 4 else { return .skip(to: runEnd) }
        guard runEnd - index == 4 else { return .skip(to: runEnd - 4) }
        guard let separator = Scan.at(text, runEnd), [0x2D, 0x20, 0x2F, 0x2E].contains(separator),
            let monthEnd = twoDigits(text, runEnd + 1, upTo: 12), Scan.at(text, monthEnd) == separator,
            let dayEnd = twoDigits(text, monthEnd + 1, upTo: 31)
        else { return .none }
        try ChineseNumerals.appendDigits(text[index..<runEnd], to: &output)
        output.append(year)
        try ChineseNumerals.appendCardinal(text[runEnd + 1..<monthEnd], to: &output)
        output.append(month)
        try ChineseNumerals.appendCardinal(text[monthEnd + 1..<dayEnd], to: &output)
        output.append(day)
        return .match(end: dayEnd)
    }

    private static func twoDigits(_ text: [CodePoint], _ index: Int, upTo limit: Int) -> Int? {
        guard Scan.isDigit(text, index), Scan.isDigit(text, index + 1) else { return nil }
        let value = Int(text[index] - 0x30) * 10 + Int(text[index + 1] - 0x30)
        return value >= 1 && value <= limit ? index + 2 : nil
    }

    /// A time of day `H:MM` or `H:MM:SS`; each part a range of indices.
    private struct Time {
        let hour: Range<Int>
        let minute: Range<Int>
        let second: Range<Int>?
        let end: Int
    }

    /// The longest form at `index`, with seconds if they follow.
    private static func time(_ text: [CodePoint], _ index: Int) -> Time? {
        var hourEnd = index
        if Scan.isDigit(text, index, 0x30...0x31), Scan.isDigit(text, index + 1),
            Scan.at(text, index + 2) == Scan.colon
        {
            hourEnd = index + 2
        } else if Scan.isDigit(text, index), Scan.at(text, index + 1) == Scan.colon {
            hourEnd = index + 1
        } else if Scan.at(text, index) == 0x32, Scan.isDigit(text, index + 1, 0x30...0x33),
            Scan.at(text, index + 2) == Scan.colon
        {
            hourEnd = index + 2
        } else {
            return nil
        }
        func sixty(_ start: Int) -> Range<Int>? {
            Scan.isDigit(text, start, 0x30...0x35) && Scan.isDigit(text, start + 1) ? start..<start + 2 : nil
        }
        guard let minute = sixty(hourEnd + 1) else { return nil }
        if Scan.at(text, minute.upperBound) == Scan.colon, let second = sixty(minute.upperBound + 1) {
            return Time(hour: index..<hourEnd, minute: minute, second: second, end: second.upperBound)
        }
        return Time(hour: index..<hourEnd, minute: minute, second: nil, end: minute.upperBound)
    }

    private static func append(
        _ time: Time, _ text: [CodePoint], isHalf: Bool, to output: inout [CodePoint]
    ) throws(TextError) {
        try ChineseNumerals.append(text[time.hour], to: &output)
        output.append(hour)
        if text[time.minute].contains(where: { $0 != 0x30 }) {
            if isHalf {
                output.append(half)
            } else {
                try appendSixty(text[time.minute], to: &output)
                output.append(minute)
            }
        }
        if let range = time.second, text[range].contains(where: { $0 != 0x30 }) {
            try appendSixty(text[range], to: &output)
            output.append(second)
        }
    }

    /// 05 → 零五.
    private static func appendSixty(_ number: ArraySlice<CodePoint>, to output: inout [CodePoint])
        throws(TextError)
    {
        if number.first == 0x30 { output.append(ChineseNumerals.zero) }
        try ChineseNumerals.append(number.drop { $0 == 0x30 }, to: &output)
    }

    private static func isThirty(_ time: Time, _ text: [CodePoint]) -> Bool {
        text[time.minute].elementsEqual([0x33, 0x30])
    }

    /// `time ~ time` or `time - time`. Whether the second is read 半 depends on the *first* time's minute, as upstream.
    static func timeRange(
        _ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]
    ) throws(TextError) -> RuleStep {
        guard let first = time(text, index), let separator = Scan.at(text, first.end),
            separator == Scan.tilde || separator == Scan.minus, let second = time(text, first.end + 1)
        else { return .none }
        let isHalf = isThirty(first, text)
        try append(first, text, isHalf: isHalf, to: &output)
        output.append(until)
        try append(second, text, isHalf: isHalf, to: &output)
        return .match(end: second.end)
    }

    /// A single time.
    static func time(_ text: [CodePoint], _ index: Int, _ output: inout [CodePoint]) throws(TextError)
        -> RuleStep
    {
        guard let found = time(text, index) else { return .none }
        try append(found, text, isHalf: isThirty(found, text), to: &output)
        return .match(end: found.end)
    }
}
