/// A bit vector with constant-time rank: the number of set bits before an index.
///
/// A memory-mapped trie stores values for some of its nodes only; rank takes a bit and a half per node where
/// an array of numbers takes 32.
package struct RankBitVector: Sendable {
    private let words: PackArray<UInt64>
    /// Number of set bits before each 64-bit word.
    private let before: PackArray<UInt32>

    /// Reads a row of `count` bits: words of 64 bits, lowest first, then a running count per word.
    package init(_ reader: inout PackReader, count: Int) throws(TextError) {
        let wordCount = (count + 63) / 64
        try reader.align()
        words = try reader.array(UInt64.self, count: wordCount)
        before = try reader.array(UInt32.self, count: wordCount)
        try reader.align()
    }

    /// The number of set bits before the bit at `index`, nil if that bit is not set.
    @inline(__always)
    package func rank(at index: Int) -> Int? {
        let word = words[index >> 6]
        let bit: UInt64 = 1 << UInt64(index & 63)
        guard word & bit != 0 else { return nil }
        return Int(before[index >> 6]) + (word & (bit - 1)).nonzeroBitCount
    }
}
