#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Frequencies of words and word pairs (the Google Web 1T counts that come with wordsegment).
package struct WordCounts: Sendable {
    /// Words of 1…24 letters a–z.
    let words: PackedByteTrie
    private let count: PackArray<UInt32>
    /// Counts too large for 32 bits; `count` then holds the index here, from the top down.
    private let large: PackArray<UInt64>
    private let previous: PackArray<UInt32>
    private let rowStart: PackArray<UInt32>
    private let next: PackArray<UInt32>
    private let pairCount: PackArray<UInt32>

    /// Number of words of the corpus.
    static let total = 1_024_908_267_229.0
    /// Longest word a compound is cut into.
    static let longestWord = 24

    init(unigrams: inout PackReader, bigrams: inout PackReader) throws(TextError) {
        words = try PackedByteTrie(&unigrams)
        let many = try unigrams.count()
        try unigrams.align()
        large = try unigrams.array(UInt64.self, count: many)
        count = try unigrams.array(UInt32.self, count: words.wordCount)
        let rows = try bigrams.count()
        let pairs = try bigrams.count()
        previous = try bigrams.array(UInt32.self, count: rows)
        rowStart = try bigrams.array(UInt32.self, count: rows + 1)
        next = try bigrams.array(UInt32.self, count: pairs)
        pairCount = try bigrams.array(UInt32.self, count: pairs)
    }

    /// Probability of a word of the corpus.
    func probability(of word: Int) -> Double {
        let found = count[word]
        let place = Int(UInt32.max - found)
        return (place < large.count ? Double(large[place]) : Double(found)) / Self.total
    }

    /// Logarithms of the probability of an unknown word, by its length 0…24.
    static let unknown: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
        1e18,
        1e19, 1e20, 1e21, 1e22, 1e23, 1e24,
    ].map { log10(10.0 / (total * $0)) }

    /// The words that follow a word in some pair, as a range of indices; nil if there are none.
    func row(after word: Int) -> Range<Int>? {
        var lower = 0
        var upper = previous.count
        while lower < upper {
            let middle = (lower + upper) >> 1
            let found = Int(previous[middle])
            if found == word {
                let (start, end) = (Int(rowStart[middle]), Int(rowStart[middle + 1]))
                return start < end && end <= next.count ? start..<end : nil
            }
            if found < word { lower = middle + 1 } else { upper = middle }
        }
        return nil
    }

    /// Share of a pair in the corpus; nil if the row does not have it.
    func pair(in row: Range<Int>, with word: Int) -> Double? {
        var (lower, upper) = (row.lowerBound, row.upperBound)
        while lower < upper {
            let middle = (lower + upper) >> 1
            let found = Int(next[middle])
            if found == word { return Double(pairCount[middle]) / Self.total }
            if found < word { lower = middle + 1 } else { upper = middle }
        }
        return nil
    }
}
