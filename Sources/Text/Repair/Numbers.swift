extension TextRepair {
    /// Numbers as their place says: below zero, from one to another, too long to be a quantity.
    static func numbers(_ line: [CodePoint], _ reader: RepairReader) -> [CodePoint] {
        guard line.contains(where: Letters.isDigit) else { return line }
        return line.rewriting { line, index in
            (reader.isChinese ? score(line, index) ?? chineseRange(line, index) : nil)
                ?? negative(line, index, reader) ?? range(line, index, reader) ?? long(line, index, reader)
                ?? (reader == .english ? decade(line, index) ?? feet(line, index) : nil)
        }
    }

    private static func isMinus(_ point: CodePoint) -> Bool {
        point == 0x2D || point == 0x2212 || point == 0x2013 || point == 0xFF0D
    }

    /// A minus sign before a number, behind a space, an opening bracket or the beginning.
    private static func negative(
        _ line: [CodePoint], _ index: Int, _ reader: RepairReader
    ) -> (end: Int, by: [CodePoint])? {
        guard isMinus(line[index]), Letters.isDigit(line.at(index + 1)) else { return nil }
        let before = line.at(index - 1)
        let isFree =
            index == 0 || before == 0x20 || before == 0x28 || before == 0xFF08 || before == 0x2C
            || before == 0xFF0C
            || before == 0x3A || before == 0xFF1A
            || (Letters.isCJK(before) && !Letters.isHangul(before) && reader.isUnspaced)
        // 5 -3 is a difference, and so is 5 - 3.
        let previous = line[..<index].last { $0 != 0x20 } ?? 0
        guard isFree, !Letters.isDigit(previous) || before != 0x20 else { return nil }
        // A hyphen between ideographs and a number joins them: 型号-2.
        if Letters.isCJK(before), line[index] != 0x2212, !isQuantity(line, index + 1) { return nil }
        if line[index] == 0x2D, reader.isChinese || reader == .english && index == 0 { return nil }
        // The Chinese front end reads a hyphen there, as 零下 before degrees.
        return (index + 1, reader.isChinese ? [0x2D] : reader.below)
    }

    /// Whether a unit of temperature or a percent sign follows the number.
    private static func isQuantity(_ line: [CodePoint], _ index: Int) -> Bool {
        let end = line.end(from: index) { Letters.isDigit($0) || $0 == 0x2E }
        let next = line.at(end) == 0x20 ? line.at(end + 1) : line.at(end)
        return next == 0x2103 || next == 0x2109 || next == 0xB0 || next == 0x25 || next == 0x5EA6
            || next == 0x6444
    }

    /// Two numbers with a dash: from one to the other, or their difference.
    private static func range(_ line: [CodePoint], _ index: Int, _ reader: RepairReader) -> (
        end: Int, by: [CodePoint]
    )? {
        guard Letters.isDigit(line[index]), index == 0 || !isJoined(line[index - 1]) else { return nil }
        let first = numberEnd(line, index)
        var dash = first
        while line.at(dash) == 0x20 { dash += 1 }
        let mark = line.at(dash)
        guard isMinus(mark) || mark == 0x7E || mark == 0x223C || mark == 0xFF5E || mark == 0x2014 else {
            return nil
        }
        var second = dash + 1
        while line.at(second) == 0x20 { second += 1 }
        // Spaces on both sides or on none.
        guard (dash > first) == (second > dash + 1), Letters.isDigit(line.at(second)) else { return nil }
        let end = numberEnd(line, second)
        // Telephone numbers, dates and identifiers have more parts, or letters.
        guard !isJoined(line.at(end)) || Letters.isLatin(line.at(end)) && mark != 0x2D else { return nil }
        let (a, b) = (value(line, index, first), value(line, second, end))
        let numbers = (Array(line[index..<first]), Array(line[second..<end]))
        if mark == 0x2212 || (dash > first && mark == 0x2D) {
            return (end, numbers.0 + reader.minus + numbers.1)
        }
        if reader.isChinese, mark == 0x7E || mark == 0xFF5E || mark == 0x223C {
            // The Chinese front end reads the ASCII form.
            return mark == 0x7E ? nil : (end, numbers.0 + [0x7E] + numbers.1)
        }
        guard let a, let b else { return nil }
        if mark == 0x2D {
            // Years and small quantities only: 555-1234 is none.
            guard first - index <= 4, end - second <= 4, line[index] != 0x30 || first - index == 1 else {
                return nil
            }
            if reader.isChinese, rooms.contains(line.at(end)) || line.has([0x5355, 0x5143], at: end) {
                return (end, numbers.0 + [0x6760] + numbers.1)
            }
            guard a < b, first - index == end - second || b < 1000 else { return nil }
        }
        return (end, numbers.0 + reader.to + numbers.1)
    }

    /// Behind numbers of houses and rooms.
    private static let rooms = CodePointSet("房室号楼栋幢")

    /// What a number is part of, where it stands beside it.
    private static func isJoined(_ point: CodePoint) -> Bool {
        Letters.isDigit(point) || Letters.isLatin(point) || isMinus(point) || point == 0x2F || point == 0x5F
            || point == 0x3A
    }

    /// The end of digits with a decimal part and groups.
    private static func numberEnd(_ line: [CodePoint], _ index: Int) -> Int {
        var end = line.digits(from: index)
        while line.at(end) == 0x2C, line.end(from: end + 1, limit: 4, where: Letters.isDigit) == end + 4 {
            end += 4
        }
        if line.at(end) == 0x2E, Letters.isDigit(line.at(end + 1)) { end = line.digits(from: end + 1) }
        return end
    }

    private static func value(_ line: [CodePoint], _ start: Int, _ end: Int) -> Double? {
        guard end - start <= 15 else { return nil }
        return Double(String(codePoints: line[start..<end].filter { $0 != 0x2C }[...]))
    }

    /// 周一-周五, 1楼-3楼, 3月1日-5日 → 周一到周五 …: a dash behind a unit of counting or of the calendar.
    private static func chineseRange(_ line: [CodePoint], _ index: Int) -> (end: Int, by: [CodePoint])? {
        guard
            isMinus(line[index])
                || line[index] == 0x2014 && line.at(index + 1) != 0x2014 && line.at(index - 1) != 0x2014
        else { return nil }
        let after = line.at(index + 1)
        let isCounted = counters.contains(line.at(index - 1)) && Letters.isDigit(after)
        let isWeekday =
            (after == 0x5468 || after == 0x661F)
            && (line.at(index - 2) == 0x5468 || line.at(index - 2) == 0x671F)
        return isCounted || isWeekday ? (index + 1, [0x5230]) : nil
    }

    private static let counters = CodePointSet("月日号楼层年点时岁级元米度")

    /// 3-2 and 3:2 beside a word of matches → 3比2.
    private static func score(_ line: [CodePoint], _ index: Int) -> (end: Int, by: [CodePoint])? {
        guard Letters.isDigit(line[index]), index == 0 || !isJoined(line[index - 1]) else { return nil }
        let first = line.digits(from: index)
        guard first - index <= 3, line.at(first) == 0x2D || line.at(first) == 0x3A || line.at(first) == 0xFF1A
        else { return nil }
        let second = line.digits(from: first + 1)
        guard second > first + 1, second - first <= 4, !isJoined(line.at(second)) else { return nil }
        let words =
            String(codePoints: line[max(0, index - 4)..<index]) + " "
            + String(codePoints: line[second..<min(line.count, second + 3)])
        guard matchWords.contains(where: { words.contains($0) }) else { return nil }
        return (second, line[index..<first] + [0x6BD4] + line[(first + 1)..<second])
    }

    private static let matchWords = ["比分", "获胜", "战胜", "击败", "大胜", "险胜", "取胜", "战平", "领先", "落后", "逆转"]

    /// 1990s and 80s → 19 nineties, eighties.
    private static func decade(_ line: [CodePoint], _ index: Int) -> (end: Int, by: [CodePoint])? {
        guard Letters.isDigit(line[index]), index == 0 || !isJoined(line[index - 1]) else { return nil }
        let end = line.digits(from: index)
        let mark = line.at(end) == 0x27 ? end + 1 : end
        guard end - index == 4 || end - index == 2, line[end - 1] == 0x30, line.at(mark) == 0x73,
            !Letters.isWord(line.at(mark + 1))
        else {
            return nil
        }
        let name = decades[Int(line[end - 2] - 0x30)]
        if end - index == 2 { return name.isEmpty ? nil : (mark + 1, Array(name)) }
        let century = line[index..<(end - 2)]
        if name.isEmpty {
            let isThousand = century.last == 0x30
            return (mark + 1, isThousand ? [line[index]] + Array(" thousands") : century + Array(" hundreds"))
        }
        return (mark + 1, century + Array(" " + name))
    }

    private static let decades = [
        "", "tens", "twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties",
        "nineties",
    ]

    /// 5'10" → 5 feet 10 inches.
    private static func feet(_ line: [CodePoint], _ index: Int) -> (end: Int, by: [CodePoint])? {
        guard Letters.isDigit(line[index]), index == 0 || !isJoined(line[index - 1]) else { return nil }
        let feet = line.digits(from: index)
        guard feet - index <= 2, line.at(feet) == 0x27 || line.at(feet) == 0x2032,
            Letters.isDigit(line.at(feet + 1))
        else { return nil }
        let inches = line.digits(from: feet + 1)
        guard inches - feet <= 3,
            line.at(inches) == 0x22 || line.at(inches) == 0x2033 || line.at(inches) == 0x201D
        else { return nil }
        return (
            inches + 1, line[index..<feet] + Array(" feet ") + line[(feet + 1)..<inches] + Array(" inches")
        )
    }

    /// Longer than any quantity that people read as one: digit by digit.
    private static let longestQuantity = 18

    private static func long(_ line: [CodePoint], _ index: Int, _ reader: RepairReader) -> (
        end: Int, by: [CodePoint]
    )? {
        guard Letters.isDigit(line[index]), index == 0 || !Letters.isDigit(line[index - 1]) else {
            return nil
        }
        let end = line.digits(from: index)
        // The Chinese front end reads long numbers by their digits.
        guard end - index > longestQuantity, !reader.isChinese else {
            // The rest of a run is no start of one.
            return nil
        }
        var spoken: [CodePoint] = []
        for (offset, digit) in line[index..<end].enumerated() {
            if offset > 0 {
                spoken += offset % 4 == 0 ? reader.groupPause : reader.isUnspaced ? [] : [0x20]
            }
            spoken.append(digit)
            if reader.isUnspaced { spoken.append(0x20) }
        }
        return (end, spoken)
    }

}

extension RepairReader {
    /// Between two numbers: from one to the other, and their difference; in front of one below zero; after every fourth digit.
    var to: [CodePoint] { name(" to ", "到", "から", "에서 ") }
    var minus: [CodePoint] { name(" minus ", "减", "引く", " 빼기 ") }
    var below: [CodePoint] { name("minus ", "负", "マイナス", "마이너스 ") }
    var groupPause: [CodePoint] { name(", ", "，", "、", ", ") }
}
