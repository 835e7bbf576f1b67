/// Splits a request's text into sentences of limited length: upstream's `pre_seg_text` and what precedes it.
package enum PreSegmentation {
    private static let fullStop: CodePoint = 0x3002
    private static let period: CodePoint = 0x2E
    /// Longest sentence for BERT, in code points.
    private static let maximumLength = 510
    /// Shorter pieces are joined with their neighbours.
    private static let minimumLength = 5

    /// A run of two or more of `!?…,.-` keeps its first: repeated punctuation can make the voice repeat words of the
    /// reference clip.
    package static func collapsingPunctuation(_ text: [CodePoint]) -> [CodePoint] {
        ChineseNormalizer.collapsingPunctuation(text)
    }

    /// - Parameters:
    ///   - text: after `collapsingPunctuation`.
    ///   - isEnglish: punctuation that is added is `.` instead of `。`.
    /// - Returns: pieces in order; none for an empty text. A piece can be empty where upstream's is.
    package static func pieces(
        _ text: [CodePoint], isEnglish: Bool, cut: CutMethod
    ) throws(TextError) -> [[CodePoint]] {
        let mark = isEnglish ? period : fullStop
        var text = CutMethod.strip(text, of: CutMethod.newline)
        guard let first = text.first else { return [] }
        if !CutMethod.clausePunctuation.contains(first) {
            let clause = text.prefix { !CutMethod.clausePunctuation.contains($0) }
            if clause.stripped.count < 4 { text.insert(mark, at: 0) }
        }
        let lines = cut.apply(text).split(separator: CutMethod.newline, omittingEmptySubsequences: true)
        let space: [CodePoint] = [0x20]
        // Upstream splits an empty text into one empty line; the outcome is the same.
        let filled = lines.filter { !$0.elementsEqual(space) }
        guard !filled.isEmpty else { throw .noValidText }

        var pieces: [[CodePoint]] = []
        for line in joiningShort(filled) {
            if line[...].stripped.isEmpty || !line.contains(where: PythonUnicode.isWord) { continue }
            var piece = line
            if let last = piece.last, !CutMethod.clausePunctuation.contains(last) { piece.append(mark) }
            if piece.count > maximumLength { pieces += splitLong(piece) } else { pieces.append(piece) }
        }
        return pieces
    }

    private static func joiningShort(_ lines: [ArraySlice<CodePoint>]) -> [[CodePoint]] {
        guard lines.count >= 2 else { return lines.map { Array($0) } }
        var joined: [[CodePoint]] = []
        var current: [CodePoint] = []
        for line in lines {
            current += line
            if current.count >= minimumLength {
                joined.append(current)
                current = []
            }
        }
        if !current.isEmpty {
            if joined.isEmpty { joined.append(current) } else { joined[joined.count - 1] += current }
        }
        return joined
    }

    /// Splits greedily at clause punctuation. A clause longer than the limit stays whole, and the text collected before
    /// it is emitted even if it is empty.
    private static func splitLong(_ text: [CodePoint]) -> [[CodePoint]] {
        var result: [[CodePoint]] = []
        var current: [CodePoint] = []
        func add(_ segment: ArraySlice<CodePoint>) {
            if current.count + segment.count > maximumLength {
                result.append(current)
                current = Array(segment)
            } else {
                current += segment
            }
        }
        var start = 0
        for (index, mark) in text.enumerated() where CutMethod.clausePunctuation.contains(mark) {
            add(text[start..<index])
            add(text[index...index])
            start = index + 1
        }
        add(text[start...])
        if !current.isEmpty { result.append(current) }
        return result
    }
}
