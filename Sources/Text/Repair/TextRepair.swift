/// Writes out what upstream's front end would lose or misread: a stage before it, which leaves plain text as it is.
///
/// Rules stand in one file by kind; their examples are the tests in `RepairTests`. They run in this order: forms of characters, spaces,
/// markup and lines of the whole text, then `rules` on each line.
package struct TextRepair: Sendable {
    private let language: LanguageCode

    /// The rules for texts of a language.
    package init(language: LanguageCode) { self.language = language }

    /// The text as the front end reads it right.
    package func callAsFunction(_ text: String) -> String { self(Array(text)).string }

    /// The same in code points.
    package func callAsFunction(_ text: [CodePoint]) -> [CodePoint] {
        var text = Self.characterForms(text)
        text = Self.spaces(text)
        text = Self.markup(text)
        text = Self.lines(text, mark: language == .en ? 0x2E : 0x3002)
        return perLine(text)
    }

    /// The language by which a text in `language` is split: a text with ideographs and without kana and hangul is Chinese, not
    /// Japanese.
    package static func language(_ language: LanguageCode, of text: String) -> LanguageCode {
        guard language == .auto || language == .autoYue else { return language }
        var hasHan = false
        for scalar in text.unicodeScalars {
            if Letters.isKana(scalar.value) || Letters.isHangul(scalar.value) { return language }
            if Letters.isHan(scalar.value) { hasHan = true }
        }
        guard hasHan else { return language }
        return language == .auto ? .zh : .yue
    }

    /// Rules that depend on the language of a line's words.
    private func perLine(_ text: [CodePoint]) -> [CodePoint] {
        var result: [CodePoint] = []
        result.reserveCapacity(text.count + text.count / 8)
        var start = 0
        while start <= text.count {
            let end = text[start...].firstIndex(of: 0x0A) ?? text.count
            let line = Array(text[start..<end])
            let reader = language.reader(of: line)
            result += Self.rules.reduce(line) { $1($0, reader) }
            if end < text.count { result.append(0x0A) }
            start = end + 1
        }
        return result
    }

    /// Rules of a line, in order.
    private static let rules: [@Sendable ([CodePoint], RepairReader) -> [CodePoint]] = [
        identifiers, telephones, dates, times, currencies, romans, numbers, units, signs, punctuation,
        accents, glued,
    ]
}

extension Array where Element == CodePoint {
    /// The text with every match of `rule` replaced, from the left. A rule returns where its match at an index ends and what replaces
    /// it; nil where it does not apply.
    func rewriting(_ rule: (_ text: [CodePoint], _ index: Int) -> (end: Int, by: [CodePoint])?) -> [CodePoint]
    {
        var result: [CodePoint] = []
        var index = 0
        var copied = 0
        while index < count {
            guard let match = rule(self, index), match.end > index else {
                index += 1
                continue
            }
            result += self[copied..<index]
            result += match.by
            index = match.end
            copied = index
        }
        guard copied > 0 else { return self }
        return result + self[copied...]
    }

    /// The code point at `index`; 0 outside.
    func at(_ index: Int) -> CodePoint { indices.contains(index) ? self[index] : 0 }

    /// The end of the run from `index` on that `member` accepts, at most `limit` long.
    func end(from index: Int, limit: Int = .max, where member: (CodePoint) -> Bool) -> Int {
        var end = index
        while end < count, end - index < limit, member(self[end]) { end += 1 }
        return end
    }

    /// The digits from `index` on.
    func digits(from index: Int) -> Int { end(from: index, where: Letters.isDigit) }
}
