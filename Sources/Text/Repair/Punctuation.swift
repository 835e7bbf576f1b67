extension TextRepair {
    /// Punctuation that the front end drops: dashes and ellipses in English are pauses, full-width marks between words in Latin letters are
    /// their ASCII forms.
    static func punctuation(_ line: [CodePoint], _ reader: RepairReader) -> [CodePoint] {
        guard line.contains(where: { $0 >= 0x80 || $0 == 0x2D }) else { return line }
        return line.rewriting { line, index in
            let point = line[index]
            if let mark = ascii[point] {
                // Between ideographs upstream keeps them.
                let (before, after) = (line.at(index - 1), next(line, index + 1))
                guard isForeign(before), isForeign(after),
                    Letters.isASCIILetter(before) || Letters.isASCIILetter(after) || reader == .english
                else { return nil }
                return (index + 1, line.at(index + 1) == 0x20 ? [mark] : [mark, 0x20])
            }
            guard reader == .english else { return nil }
            // With the space before it: the front end drops a comma behind a space.
            let mark = point == 0x20 ? line.at(index + 1) : point
            let place = point == 0x20 ? index + 1 : index
            switch mark {
            case 0x2014, 0x2015, 0x2013: return dash(line, place)
            case 0x2D where point == 0x20: return spacedHyphen(line, place)
            case 0x2026: return ellipsis(line, place)
            default: return nil
            }
        }
    }

    private static let ascii: [CodePoint: CodePoint] = [
        0xFF0C: 0x2C, 0x3001: 0x2C, 0x3002: 0x2E, 0xFF1B: 0x3B, 0xFF1A: 0x2C, 0xFF01: 0x21, 0xFF1F: 0x3F,
    ]

    private static func next(_ line: [CodePoint], _ index: Int) -> CodePoint {
        line.at(line.end(from: index) { $0 == 0x20 })
    }

    private static func isForeign(_ point: CodePoint) -> Bool {
        Letters.isASCIILetter(point) || Letters.isDigit(point) || point == 0x25
    }

    /// A dash between words: a pause.
    private static func dash(_ line: [CodePoint], _ index: Int) -> (end: Int, by: [CodePoint])? {
        var end = line.end(from: index) { $0 == line[index] }
        var start = index
        while start > 0, line[start - 1] == 0x20 { start -= 1 }
        end = line.end(from: end) { $0 == 0x20 }
        let isLetters = Letters.isWord(line.at(start - 1)) && Letters.isWord(line.at(end))
        guard isLetters || line.at(start - 1) == 0x22 || line.at(start - 1) == 0x201D else { return nil }
        return (end, [0x2C, 0x20])
    }

    /// A hyphen with spaces on both sides of it, between letters.
    private static func spacedHyphen(_ line: [CodePoint], _ index: Int) -> (end: Int, by: [CodePoint])? {
        guard line.at(index - 1) == 0x20, line.at(index + 1) == 0x20, Letters.isLatin(line.at(index - 2)),
            Letters.isLatin(line.at(index + 2))
        else {
            return nil
        }
        return (index + 2, [0x2C, 0x20])
    }

    private static func ellipsis(_ line: [CodePoint], _ index: Int) -> (end: Int, by: [CodePoint])? {
        let end = line.end(from: index) { $0 == 0x2026 }
        guard Letters.isWord(line.at(index - 1)), Letters.isLatin(next(line, end)) else { return nil }
        return (end, line.at(end) == 0x20 ? [0x2C] : [0x2C, 0x20])
    }
}
