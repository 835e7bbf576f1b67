extension TextRepair {
    /// Dates that begin with the year, in Chinese: 1995/3/1 and 1995.3.1 → 1995年3月1日.
    static func dates(_ line: [CodePoint], _ reader: RepairReader) -> [CodePoint] {
        if reader == .english { return isoDates(line) }
        guard reader.isChinese || reader == .japanese, line.contains(where: { $0 == 0x2F || $0 == 0x2E })
        else { return line }
        return line.rewriting { line, index in
            guard Letters.isDigit(line[index]), index == 0 || !isNumeral(line[index - 1]) else { return nil }
            let year = line.digits(from: index)
            let mark = line.at(year)
            if let monthAndDay = monthAndDay(line, index) { return monthAndDay }
            guard year - index == 4, mark == 0x2F || mark == 0x2E, line[index] == 0x31 || line[index] == 0x32
            else { return nil }
            let month = line.digits(from: year + 1)
            guard isNumber(line, year + 1, month, in: 1...12), line.at(month) == mark else { return nil }
            let day = line.digits(from: month + 1)
            guard isNumber(line, month + 1, day, in: 1...31),
                !isNumeral(line.at(day)) || !Letters.isDigit(line.at(day + 1))
            else {
                return nil
            }
            // 2024/5/1日 has its day already.
            let end = line.at(day) == 0x65E5 ? day + 1 : day
            return (
                end,
                line[index..<year] + [0x5E74] + number(line, year + 1, month) + [0x6708]
                    + number(line, month + 1, day)
                    + [0x65E5]
            )
        }
    }

    /// 7/12 and 12/5 → 7月12日: what can be a date and is no usual fraction.
    private static func monthAndDay(
        _ line: [CodePoint], _ index: Int
    ) -> (end: Int, by: [CodePoint])? {
        let month = line.digits(from: index)
        guard isNumber(line, index, month, in: 1...12), line.at(month) == 0x2F else { return nil }
        let day = line.digits(from: month + 1)
        guard isNumber(line, month + 1, day, in: 1...31), !isNumeral(line.at(day)) else { return nil }
        let (a, b) = (value(line[index..<month]), value(line[(month + 1)..<day]))
        guard b > 10 || a > b, b > 0, a != 24 else { return nil }
        let end = line.at(day) == 0x65E5 ? day + 1 : day
        return (end, number(line, index, month) + [0x6708] + number(line, month + 1, day) + [0x65E5])
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ]

    /// 2024-05-01, 5/1/2024 → May 1st, 2024.
    private static func isoDates(_ line: [CodePoint]) -> [CodePoint] {
        guard line.contains(where: { $0 == 0x2D || $0 == 0x2F }) else { return line }
        return line.rewriting { line, index in
            if let date = slashed(line, index) { return date }
            guard line[index] == 0x31 || line[index] == 0x32, index == 0 || !isNumeral(line[index - 1]) else {
                return nil
            }
            let year = line.digits(from: index)
            guard year - index == 4, line.at(year) == 0x2D else { return nil }
            let month = line.digits(from: year + 1)
            guard month - year == 3, isNumber(line, year + 1, month, in: 1...12), line.at(month) == 0x2D
            else { return nil }
            let day = line.digits(from: month + 1)
            guard day - month == 3, isNumber(line, month + 1, day, in: 1...31),
                !isNumeral(line.at(day)) || !Letters.isWord(line.at(day + 1))
            else {
                return nil
            }
            let name = months[value(line[(year + 1)..<month]) - 1]
            let ordinal = ordinal(value(line[(month + 1)..<day]))
            return (day, Array("\(name) \(ordinal), ") + line[index..<year])
        }
    }

    /// The value of at most 18 digits.
    private static func value(_ digits: ArraySlice<CodePoint>) -> Int {
        digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private static func isNumeral(_ point: CodePoint) -> Bool {
        Letters.isDigit(point) || point == 0x2E || point == 0x2F || point == 0x2D
            || Letters.isASCIILetter(point)
    }

    private static func isNumber(_ line: [CodePoint], _ start: Int, _ end: Int, in range: ClosedRange<Int>)
        -> Bool
    {
        guard end > start, end - start <= 2 else { return false }
        return range.contains(value(line[start..<end]))
    }

    /// Without a leading zero.
    private static func number(_ line: [CodePoint], _ start: Int, _ end: Int) -> ArraySlice<CodePoint> {
        end - start == 2 && line[start] == 0x30 ? line[(start + 1)..<end] : line[start..<end]
    }

    /// 12/25/2023, and 25/12/2023 where only that can be meant.
    private static func slashed(_ line: [CodePoint], _ index: Int) -> (end: Int, by: [CodePoint])? {
        guard Letters.isDigit(line[index]), index == 0 || !isNumeral(line[index - 1]) else { return nil }
        let first = line.digits(from: index)
        guard isNumber(line, index, first, in: 1...31), line.at(first) == 0x2F else { return nil }
        let second = line.digits(from: first + 1)
        guard isNumber(line, first + 1, second, in: 1...31), line.at(second) == 0x2F else { return nil }
        let year = line.digits(from: second + 1)
        guard year - second == 5, line.at(second + 1) == 0x31 || line.at(second + 1) == 0x32,
            !Letters.isWord(line.at(year))
        else { return nil }
        let (a, b) = (value(line[index..<first]), value(line[(first + 1)..<second]))
        let (month, day) = a <= 12 ? (a, b) : (b, a)
        guard month <= 12 else { return nil }
        return (year, Array("\(months[month - 1]) \(ordinal(day)), ") + line[(second + 1)..<year])
    }

    /// Times of the twelve-hour clock in English: 4:00 pm → 4 p m, 4:30pm → 4 30 p m; ranges of times and seconds: 10:30-11:00, 16:45:30;
    /// hours and minutes in Japanese and Korean.
    static func times(_ line: [CodePoint], _ reader: RepairReader) -> [CodePoint] {
        guard !reader.isChinese, line.contains(where: { $0 | 0x20 == 0x6D || $0 == 0x3A }) else {
            return line
        }
        return line.rewriting { line, index in
            if let clock = clock(line, index, reader) { return clock }
            guard reader == .english else { return nil }
            guard Letters.isDigit(line[index]),
                index == 0 || !isNumeral(line[index - 1]) && line[index - 1] != 0x3A
            else { return nil }
            let hour = line.digits(from: index)
            guard isNumber(line, index, hour, in: 1...12) else { return nil }
            var end = hour
            var minutes: ArraySlice<CodePoint> = []
            if line.at(hour) == 0x3A {
                end = line.digits(from: hour + 1)
                guard end - hour == 3 else { return nil }
                minutes = line[(hour + 1)..<end]
            }
            let half = line.end(from: end, limit: 1) { $0 == 0x20 }
            let letter = line.at(half) | 0x20
            guard letter == 0x61 || letter == 0x70 else { return nil }
            var after = half + 1
            if line.at(after) == 0x2E { after += 1 }
            guard line.at(after) | 0x20 == 0x6D else { return nil }
            after += 1
            let isDotted = line.at(after - 2) == 0x2E && line.at(after) == 0x2E
            if isDotted { after += 1 }
            guard !Letters.isWord(line.at(after)) else { return nil }
            // am in capitals or small letters only: "I am" has no number before it, but "at 4 am I" does.
            let isWhole = minutes.allSatisfy { $0 == 0x30 }
            var words = Array(line[index..<hour])
            if !isWhole {
                let isSingle = minutes.first == 0x30
                words += isSingle ? Array(" oh ") + minutes.dropFirst() : [0x20] + minutes
            }
            words += letter == 0x61 ? Array(" a m") : Array(" p m")
            // The period of "p.m." may be that of the sentence.
            if isDotted, line.end(from: after, where: { $0 == 0x20 }) == line.count { words.append(0x2E) }
            return (after, words)
        }
    }

    /// 10:30 in Japanese and Korean, 16:45:30 and the first time of a range in English.
    private static func clock(
        _ line: [CodePoint], _ index: Int, _ reader: RepairReader
    ) -> (end: Int, by: [CodePoint])? {
        guard Letters.isDigit(line[index]),
            index == 0 || !isNumeral(line[index - 1]) && line[index - 1] != 0x3A
        else { return nil }
        let hour = line.digits(from: index)
        guard isNumber(line, index, hour, in: 0...24), line.at(hour) == 0x3A else { return nil }
        let minute = line.digits(from: hour + 1)
        guard minute - hour == 3, isNumber(line, hour + 1, minute, in: 0...59) else { return nil }
        var (second, end) = (minute, minute)
        if line.at(minute) == 0x3A {
            second = line.digits(from: minute + 1)
            guard second - minute == 3, isNumber(line, minute + 1, second, in: 0...59) else { return nil }
            end = second
        }
        guard line.at(end) != 0x3A else { return nil }
        let hasSeconds = second > minute
        let minutes = number(line, hour + 1, minute)
        switch reader {
        case .english:
            if hasSeconds {
                return (
                    end,
                    line[index..<minute] + Array(" and ") + number(line, minute + 1, second)
                        + Array(" seconds")
                )
            }
            let next = line.at(end)
            guard next == 0x2D || next == 0x2013, Letters.isDigit(line.at(end + 1)) else { return nil }
            return (end + 1, line[index..<minute] + Array(" to "))
        case .japanese, .korean:
            let names = reader == .japanese ? ("時", "分", "秒") : ("시 ", "분", " 초")
            var words = number(line, index, hour) + Array(names.0)
            if minutes != [0x30] || hasSeconds { words += minutes + Array(names.1) }
            if hasSeconds { words += number(line, minute + 1, second) + Array(names.2) }
            return (end, Array(words))
        case .chinese, .cantonese: return nil
        }
    }
}
