#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Segments a compound into words, as the wordsegment package does: the cut of the highest probability, where a word's
/// probability depends on the word before it if the pair was seen ("stupid backoff": Brants et al. 2007,
/// "Large Language Models in Machine Translation").
///
/// Scores are sums of logarithms in double precision, in the package's order, because ties are real: among equal
/// scores the longer first word wins, as its list of words compares larger.
struct WordSegmenter: Sendable {
    private let counts: WordCounts
    /// A compound is cut in pieces of this length; the last words of a piece are cut again with the next.
    private static let pieceLength = 250
    private static let carriedWords = 5

    init(_ counts: WordCounts) { self.counts = counts }

    /// The words of a compound.
    /// - Parameter text: lower-case letters a–z only.
    /// - Returns: lengths of the words, in order; their sum is the text's length.
    func lengths(_ text: [UInt8]) -> [Int] {
        var result: [Int] = []
        var start = 0
        var carried = 0
        for offset in stride(from: 0, to: text.count, by: Self.pieceLength) {
            let end = min(offset + Self.pieceLength, text.count)
            start = offset - carried
            var words = search(text[start..<end])
            let kept = words.suffix(Self.carriedWords)
            carried = kept.reduce(0, +)
            words.removeLast(kept.count)
            result += words
        }
        // What was carried out of the last piece is cut once more, now as a beginning.
        return result + search(text[(text.count - carried)...])
    }

    /// A position where a word may begin or end, and the best continuation.
    private struct Best {
        var score = -Double.infinity
        var length = 0
        /// Among equal scores the later, longer word wins.
        mutating func offer(_ other: Double, _ otherLength: Int) {
            if other >= score { (score, length) = (other, otherLength) }
        }
    }

    private func search(_ text: ArraySlice<UInt8>) -> [Int] {
        guard !text.isEmpty else { return [] }
        let letters = Array(text)
        let limit = WordCounts.longestWord
        let stride = limit + 1
        // Indexed by begin * stride + length: the word there, its score, and the best that follows it.
        var word = [Int32](repeating: -1, count: letters.count * stride)
        var score = [Double](repeating: 0, count: letters.count * stride)
        var after = [Best](repeating: Best(), count: letters.count * stride)
        for begin in letters.indices {
            var node: PackedByteTrie.Node? = PackedByteTrie.root
            for length in 1...min(limit, letters.count - begin) {
                node = node.flatMap { counts.words.child(of: $0, letters[begin + length - 1]) }
                let cell = begin * stride + length
                if let found = node.flatMap(counts.words.word(at:)) {
                    word[cell] = Int32(truncatingIfNeeded: found)
                    score[cell] = log10(counts.probability(of: found))
                } else {
                    score[cell] = WordCounts.unknown[length]
                }
            }
        }
        /// The best of what begins at an index, after a given word or after one that is in no pair.
        func best(at begin: Int, after previous: Int32) -> Best {
            if begin == letters.count { return Best(score: 0, length: 0) }
            var best = Best()
            let row = previous < 0 ? nil : counts.row(after: Int(previous))
            let share = previous < 0 ? 1 : counts.probability(of: Int(previous))
            for length in 1...min(limit, letters.count - begin) {
                let cell = begin * stride + length
                var own = score[cell]
                if let row, word[cell] >= 0, let pair = counts.pair(in: row, with: Int(word[cell])) {
                    own = log10(pair / share)
                }
                best.offer(own + after[cell].score, length)
            }
            return best
        }
        for end in (1...letters.count).reversed() {
            let plain = best(at: end, after: -1)
            for length in 1...min(limit, end) {
                let cell = (end - length) * stride + length
                let previous = word[cell]
                let paired = end < letters.count && previous >= 0 && counts.row(after: Int(previous)) != nil
                after[cell] = paired ? best(at: end, after: previous) : plain
            }
        }
        var result = [best(at: 0, after: -1).length]
        var begin = 0
        while begin + (result.last ?? 0) < letters.count {
            let length = result.last ?? 0
            result.append(after[begin * stride + length].length)
            begin += length
        }
        return result
    }
}
