extension TextRepair {
    /// Signs of arithmetic between numbers and words, superscripts, fractions, and dashes between letters.
    static func signs(_ line: [CodePoint], _ reader: RepairReader) -> [CodePoint] {
        guard
            line.contains(where: {
                $0 >= 0x80 || $0 == 0x2B || $0 == 0x3D || $0 == 0x3C || $0 == 0x3E || $0 == 0x25 || $0 == 0x7E
                    || $0 == 0x26
            })
        else { return line }
        return line.rewriting { line, index in
            let point = line[index]
            if point == 0x7E, reader.isChinese, Letters.isDigit(line.at(index + 1)),
                Letters.isHan(line.at(index - 1))
            {
                return (index + 1, [0x81F3])
            }
            guard point >= 0x80 else { return asciiOperation(line, index, reader) }
            if point == 0x2030, Letters.isDigit(line.at(index - 1)) { return (index + 1, reader.perMille) }
            // A wave between quantities: 2毫米~5毫米.
            if point == 0xFF5E || point == 0x223C || point == 0x301C, reader.isChinese,
                Letters.isDigit(line.at(index + 1)), Letters.isHan(line.at(index - 1))
            {
                return (index + 1, [0x81F3])
            }
            if let words = fraction(point, reader) {
                let isBehind = Letters.isDigit(line.at(index - 1))
                return (index + 1, isBehind ? reader.and + words : words)
            }
            if let power = power(point, reader), Letters.isWord(line.at(index - 1)) {
                return (index + 1, power)
            }
            if let words = operation(point, reader) {
                // Beside a word on either side, spaces left out.
                var start = index - 1, end = index + 1
                while line.at(start) == 0x20 { start -= 1 }
                while line.at(end) == 0x20 { end += 1 }
                guard Letters.isWord(line.at(end)) || line.at(end) == 0x28 else { return nil }
                guard
                    Letters.isWord(line.at(start)) || line.at(start) == 0x29 || point == 0xB1
                        || point == 0x2248
                else { return nil }
                return (end, line.at(index - 1) == 0x20 ? Array(words.drop { $0 == 0x20 }) : words)
            }
            // A dash between single letters or words without spaces.
            if point == 0x2013, Letters.isLatin(line.at(index - 1)), Letters.isLatin(line.at(index + 1)) {
                let isLetters = !Letters.isLatin(line.at(index - 2)) && !Letters.isLatin(line.at(index + 2))
                return (index + 1, isLetters ? RepairReader.english.to : [0x2D])
            }
            return nil
        }
    }

    /// + = < > between numbers, signs in front of them, and percent signs in Japanese and Korean.
    private static func asciiOperation(
        _ line: [CodePoint], _ index: Int, _ reader: RepairReader
    ) -> (end: Int, by: [CodePoint])? {
        if line[index] == 0x25, reader == .japanese || reader == .korean, isAlone(line, index) {
            return (index + 1, Array(reader == .japanese ? "パーセント" : "퍼센트"))
        }
        if line[index] == 0x26 { return ampersand(line, index, reader) }
        guard let names = asciiOperations[line[index]] else { return nil }
        var (start, end) = (index - 1, index + 1)
        while line.at(start) == 0x20 { start -= 1 }
        while line.at(end) == 0x20 { end += 1 }
        let isSigned =
            line[index] == 0x2B && (start < 0 || !Letters.isWord(line.at(start))) && end == index + 1
        let isBetween =
            Letters.isDigit(line.at(start)) || line.at(start) == 0x29
            || (line[index] == 0x3D && Letters.isLatin(line.at(start)) && line.at(start) != line.at(end))
        guard
            Letters.isDigit(line.at(end))
                || (line[index] == 0x3D && isBetween && Letters.isLatin(line.at(end))), isSigned || isBetween
        else {
            return nil
        }
        let lead = isSigned || line.at(index - 1) == 0x20 ? "" : " "
        // The Chinese front end has + and = beside ideographs.
        if reader.isChinese, line.contains(where: Letters.isHan), line[index] != 0x3E, line[index] != 0x3C {
            return nil
        }
        return (end, reader.name("\(lead)\(names[0]) ", names[1], names[2], "\(lead)\(names[3]) "))
    }

    /// R&D and A & B → R and D, A and B.
    private static func ampersand(
        _ line: [CodePoint], _ index: Int, _ reader: RepairReader
    ) -> (end: Int, by: [CodePoint])? {
        let end = line.end(from: index + 1, limit: 1) { $0 == 0x20 }
        let isSpaced = line.at(index - 1) == 0x20
        guard Letters.isWord(line.at(end)), Letters.isWord(line.at(isSpaced ? index - 2 : index - 1)) else {
            return nil
        }
        // Between Latin words the sign is English in any text.
        let isEnglish =
            Letters.isLatin(line.at(end)) && !Letters.isCJK(line.at(isSpaced ? index - 2 : index - 1))
        let words = (isEnglish ? .english : reader).name(
            isSpaced ? "and " : " and ", "和", "と", isSpaced ? "및 " : " 및 ")
        return (end, words)
    }

    /// Whether no word of the language stands beside a number with a sign behind it; those that do are read with it.
    private static func isAlone(_ line: [CodePoint], _ index: Int) -> Bool {
        var start = index
        while start > 0, Letters.isDigit(line[start - 1]) || line[start - 1] == 0x2E { start -= 1 }
        return start < index && !Letters.isCJK(line.at(index + 1)) && !Letters.isCJK(line.at(start - 1))
    }

    private static let asciiOperations: [CodePoint: [String]] = [
        0x2B: ["plus", "加", "プラス", "더하기"], 0x3D: ["equals", "等于", "イコール", "은"],
        0x3C: ["is less than", "小于", "小なり", "보다 작다"], 0x3E: ["is greater than", "大于", "大なり", "보다 크다"],
    ]

    private static func operation(_ point: CodePoint, _ reader: RepairReader) -> [CodePoint]? {
        operations[point].map { reader.name(" \($0[0]) ", $0[1], $0[2], " \($0[3]) ") }
    }

    private static let operations: [CodePoint: [String]] = [
        0xD7: ["times", "乘", "かける", "곱하기"], 0xF7: ["divided by", "除以", "割る", "나누기"],
        0xB1: ["plus or minus", "正负", "プラスマイナス", "플러스마이너스"], 0x2212: ["minus", "减", "引く", "빼기"],
        0x2248: ["about", "约等于", "約", "약"], 0x2260: ["is not", "不等于", "ノットイコール", "같지 않다"],
        0x2264: ["is at most", "小于等于", "以下", "이하"], 0x2265: ["is at least", "大于等于", "以上", "이상"],
        0x2192: ["to", "到", "から", "에서"],
    ]

    private static func power(_ point: CodePoint, _ reader: RepairReader) -> [CodePoint]? {
        switch point {
        case 0xB2: reader.name(" squared", "的平方", "の二乗", " 제곱")
        case 0xB3: reader.name(" cubed", "的立方", "の三乗", " 세제곱")
        default: nil
        }
    }

    private static func fraction(_ point: CodePoint, _ reader: RepairReader) -> [CodePoint]? {
        fractions[point].map { over, under, english in
            reader.name(
                english, "\(digit(under))分之\(digit(over))", "\(digit(under))分の\(digit(over))",
                "\(under)분의 \(over)")
        }
    }

    private static func digit(_ number: Int) -> Character { Array("零一二三四五六七八九")[number] }

    private static let fractions: [CodePoint: (Int, Int, String)] = [
        0xBD: (1, 2, "a half"), 0xBC: (1, 4, "a quarter"), 0xBE: (3, 4, "three quarters"),
        0x2153: (1, 3, "a third"),
        0x2154: (2, 3, "two thirds"), 0x215B: (1, 8, "an eighth"), 0x2155: (1, 5, "a fifth"),
    ]
}

extension RepairReader {
    /// Behind a number of thousandths.
    fileprivate var perMille: [CodePoint] { name(" per mille", "‰", "パーミル", "퍼밀") }

    /// What joins a whole number and a fraction.
    fileprivate var and: [CodePoint] { name(" and ", "又", "と", "과 ") }
}
