/// How a long text is split into sentences: upstream's `cut0` … `cut5`.
package enum CutMethod: String, Sendable, CaseIterable {
    /// Not at all.
    case cut0
    /// After every four sentences.
    case cut1
    /// After about fifty characters, at a sentence's end.
    case cut2
    /// At each `。`, which is lost.
    case cut3
    /// At each `.` that is not between digits, which is lost.
    case cut4
    /// After every punctuation mark.
    case cut5

    /// The method of a name.
    package init(name: String) throws(TextError) {
        guard let method = CutMethod(rawValue: name) else { throw .unknownCut(name) }
        self = method
    }

    /// Lines of a text after cutting, joined by line breaks as upstream does.
    func apply(_ text: [CodePoint]) -> [CodePoint] {
        let trimmed = CutMethod.strip(text, of: CutMethod.newline)
        switch self {
        case .cut0: return CutMethod.isOnlyPunctuation(text[...]) ? [CutMethod.newline] : text
        case .cut1: return CutMethod.joined(CutMethod.byFour(trimmed))
        case .cut2: return CutMethod.byFifty(trimmed)
        case .cut3: return CutMethod.joined(CutMethod.atFullStops(trimmed))
        case .cut4: return CutMethod.joined(CutMethod.atPeriods(trimmed))
        case .cut5: return CutMethod.afterPunctuation(trimmed)
        }
    }

    static let newline: CodePoint = 0x0A
    private static let fullStop: CodePoint = 0x3002
    private static let period: CodePoint = 0x2E
    /// Punctuation that ends a clause for splitting.
    static let clausePunctuation = CodePointSet("，。？！,.?!~:：—…")
    private static let asciiPunctuation = CodePointSet("!?…,.- ")
    private static let cut5Punctuation = CodePointSet(",.;?!、，。？！：…")

    /// True if there is nothing but ASCII punctuation, `…` and spaces (also for an empty text).
    private static func isOnlyPunctuation(_ text: ArraySlice<CodePoint>) -> Bool {
        text.allSatisfy(asciiPunctuation.contains)
    }

    static func strip(_ text: [CodePoint], of mark: CodePoint) -> [CodePoint] {
        var slice = text[...]
        while slice.first == mark { slice.removeFirst() }
        while slice.last == mark { slice.removeLast() }
        return Array(slice)
    }

    private static func joined(_ parts: [ArraySlice<CodePoint>]) -> [CodePoint] {
        Array(parts.filter { !isOnlyPunctuation($0) }.joined(separator: CollectionOfOne(newline)))
    }

    /// Sentences, each with its punctuation; `……` counts as `。`, `——` as `，`, and a final `。` is added where
    /// punctuation is missing.
    private static func sentences(_ text: [CodePoint]) -> [[CodePoint]] {
        var text = text.replacing([0x2026, 0x2026], with: [fullStop]).replacing(
            [0x2014, 0x2014], with: [0xFF0C])
        if let last = text.last, !clausePunctuation.contains(last) { text.append(fullStop) }
        var sentences: [[CodePoint]] = []
        var start = 0
        for (index, point) in text.enumerated() where clausePunctuation.contains(point) {
            sentences.append(Array(text[start...index]))
            start = index + 1
        }
        return sentences
    }

    /// Groups begin at every fourth sentence, but the last beginning is dropped: the last group has up to seven.
    private static func byFour(_ text: [CodePoint]) -> [ArraySlice<CodePoint>] {
        let sentences = self.sentences(text)
        guard sentences.count > 4 else { return [text[...]] }
        let starts = Array(stride(from: 0, to: sentences.count, by: 4).dropLast())
        return starts.enumerated().map { number, start in
            let end = number + 1 < starts.count ? starts[number + 1] : sentences.count
            return sentences[start..<end].flatMap { $0 }[...]
        }
    }

    private static func byFifty(_ text: [CodePoint]) -> [CodePoint] {
        let sentences = self.sentences(text)
        guard sentences.count >= 2 else { return text }
        var groups: [[CodePoint]] = []
        var current: [CodePoint] = []
        for sentence in sentences {
            current += sentence
            if current.count > 50 {
                groups.append(current)
                current = []
            }
        }
        if !current.isEmpty { groups.append(current) }
        if groups.count > 1, let last = groups.last, last.count < 50 {
            groups.removeLast()
            groups[groups.count - 1] += last
        }
        return joined(groups.map { $0[...] })
    }

    private static func atFullStops(_ text: [CodePoint]) -> [ArraySlice<CodePoint>] {
        strip(text, of: fullStop)[...].split(separator: fullStop, omittingEmptySubsequences: false)
    }

    private static func atPeriods(_ text: [CodePoint]) -> [ArraySlice<CodePoint>] {
        let text = strip(text, of: period)
        var parts: [ArraySlice<CodePoint>] = []
        var start = 0
        for (index, mark) in text.enumerated() where mark == period {
            if index > 0, PythonUnicode.isDecimal(text[index - 1]) { continue }
            if index + 1 < text.count, PythonUnicode.isDecimal(text[index + 1]) { continue }
            parts.append(text[start..<index])
            start = index + 1
        }
        parts.append(text[start...])
        return parts
    }

    private static func afterPunctuation(_ text: [CodePoint]) -> [CodePoint] {
        var items: [ArraySlice<CodePoint>] = []
        var start = 0
        for (index, mark) in text.enumerated() where cut5Punctuation.contains(mark) {
            if mark == period, index > 0, index < text.count - 1, PythonUnicode.isDigit(text[index - 1]),
                PythonUnicode.isDigit(text[index + 1])
            {
                continue
            }
            items.append(text[start...index])
            start = index + 1
        }
        if start < text.count { items.append(text[start...]) }
        let kept = items.filter { !$0.allSatisfy(cut5Punctuation.contains) }
        return Array(kept.joined(separator: CollectionOfOne(newline)))
    }
}
