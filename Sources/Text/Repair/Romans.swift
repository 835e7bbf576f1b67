extension TextRepair {
    /// Roman numerals behind a word with a capital: Chapter IV → Chapter 4, Henry VIII → Henry the 8th.
    static func romans(_ line: [CodePoint], _ reader: RepairReader) -> [CodePoint] {
        guard reader == .english else { return line }
        return line.rewriting { line, index in
            guard line[index] == 0x20, isRoman(line.at(index + 1)) else { return nil }
            let end = line.end(from: index + 1, limit: 8, where: isRoman)
            guard !Letters.isWord(line.at(end)), line.at(end) != 0x27,
                line.at(end) != 0x2E || !Letters.isLatin(line.at(end + 1)),
                let value = value(line[(index + 1)..<end])
            else { return nil }
            var start = index
            while start > 0, Letters.isASCIILetter(line[start - 1]) { start -= 1 }
            let word = String(codePoints: line[start..<index])
            guard word.count > 1, let first = word.first, first.isUppercase,
                word.dropFirst().allSatisfy(\.isLowercase)
            else { return nil }
            if rulers.contains(word) { return (end, Array(" the \(ordinal(value))")) }
            // I and V, X are words and initials as well.
            guard end - index > 2 || nouns.contains(word) else { return nil }
            return (end, Array(" \(value)"))
        }
    }

    private static func isRoman(_ point: CodePoint) -> Bool {
        point == 0x49 || point == 0x56 || point == 0x58 || point == 0x4C
    }

    /// 1 to 89 in the usual spelling.
    private static func value(_ digits: ArraySlice<CodePoint>) -> Int? {
        let text = String(codePoints: digits)
        for number in 1...89 where spelled(number) == text { return number }
        return nil
    }

    private static func spelled(_ number: Int) -> String {
        var (rest, result) = (number, "")
        for (value, digits) in [(50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")] {
            while rest >= value {
                result += digits
                rest -= value
            }
        }
        return result
    }

    static func ordinal(_ number: Int) -> String {
        let isTeen = (11...13).contains(number % 100)
        let ending = isTeen ? "th" : [1: "st", 2: "nd", 3: "rd"][number % 10] ?? "th"
        return "\(number)\(ending)"
    }

    private static let rulers: Set<String> = [
        "Henry", "Louis", "Elizabeth", "George", "Charles", "James", "Edward", "William", "Richard", "Philip",
        "Paul", "Benedict",
        "Pius", "Catherine", "Peter", "Alexander", "Napoleon", "Frederick", "Nicholas", "Gregory", "Leo",
        "Mary", "Otto", "Ivan",
        "Francis", "Ferdinand", "Leopold", "Ramesses", "Ptolemy", "Innocent", "Clement",
    ]
    private static let nouns: Set<String> = [
        "Chapter", "Part", "Volume", "Act", "Scene", "Section", "Book", "War", "Type", "Phase", "Level",
        "Grade", "Class", "Article",
        "Figure", "Table", "Appendix", "Mark", "Stage", "Step", "Title", "Division", "Group", "Factor",
    ]
}
