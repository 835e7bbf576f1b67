/// BudouX's features of a position between two characters: one, two or three characters around it.
package enum PhraseFeature: String, Sendable, CaseIterable {
    case unigram1 = "UW1"
    case unigram2 = "UW2"
    case unigram3 = "UW3"
    case unigram4 = "UW4"
    case unigram5 = "UW5"
    case unigram6 = "UW6"
    case bigram1 = "BW1"
    case bigram2 = "BW2"
    case bigram3 = "BW3"
    case trigram1 = "TW1"
    case trigram2 = "TW2"
    case trigram3 = "TW3"
    case trigram4 = "TW4"

    /// Offsets of the feature's characters; 0 is the character after the position.
    package var offsets: ClosedRange<Int> {
        switch self {
        case .unigram1: -3 ... -3
        case .unigram2: -2 ... -2
        case .unigram3: -1 ... -1
        case .unigram4: 0...0
        case .unigram5: 1...1
        case .unigram6: 2...2
        case .bigram1: -2 ... -1
        case .bigram2: -1...0
        case .bigram3: 0...1
        case .trigram1: -3 ... -1
        case .trigram2: -2...0
        case .trigram3: -1...1
        case .trigram4: 0...2
        }
    }

    /// Number of the feature, from 1, so that no key is 0.
    fileprivate var number: UInt64 {
        switch self {
        case .unigram1: 1
        case .unigram2: 2
        case .unigram3: 3
        case .unigram4: 4
        case .unigram5: 5
        case .unigram6: 6
        case .bigram1: 7
        case .bigram2: 8
        case .bigram3: 9
        case .trigram1: 10
        case .trigram2: 11
        case .trigram3: 12
        case .trigram4: 13
        }
    }

    /// The key of a feature with its characters, all below U+10000: 4 bits of number, then 16 bits each.
    package func key<Points: Collection>(_ points: Points) -> UInt64 where Points.Element == CodePoint {
        points.reduce(number) { $0 << 16 | UInt64($1 & 0xFFFF) }
    }

    /// Where to look for a key first in a table of `slots` (a power of two); then the slots after it.
    @inline(__always)
    package static func slot(of key: UInt64, among slots: Int) -> Int {
        let mixed = (key ^ (key >> 29)) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed >> 32) & (slots - 1)
    }
}

/// Splits a text into phrases with a BudouX model: a position is a boundary if the weights of its features outweigh
/// half the sum of all weights of the model. Integers throughout, so the result is exact.
package struct PhraseSplitter: Sendable {
    private let keys: PackArray<UInt64>
    private let weights: PackArray<Int16>
    private let sum: Int

    /// Reads a section: number of slots, sum of all weights, keys, weights.
    init(_ reader: inout PackReader) throws(TextError) {
        let slots = try reader.count()
        guard slots > 0, slots & (slots - 1) == 0 else { throw reader.damaged("\(slots) slots") }
        sum = Int(try reader.array(Int32.self, count: 1)[0])
        keys = try reader.array(UInt64.self, count: slots)
        weights = try reader.array(Int16.self, count: slots)
    }

    /// The phrases of `text[range]`, in order; text outside the range has no influence.
    package func phrases(_ text: [CodePoint], _ range: Range<Int>) -> [Range<Int>] {
        guard !range.isEmpty else { return [] }
        var phrases: [Range<Int>] = []
        var start = range.lowerBound
        for index in range.dropFirst() where isBorder(text, index, in: range) {
            phrases.append(start..<index)
            start = index
        }
        phrases.append(start..<range.upperBound)
        return phrases
    }

    private func isBorder(_ text: [CodePoint], _ index: Int, in range: Range<Int>) -> Bool {
        var score = 0
        for feature in PhraseFeature.allCases {
            let offsets = feature.offsets
            guard index + offsets.lowerBound >= range.lowerBound,
                index + offsets.upperBound < range.upperBound
            else { continue }
            var key = feature.number
            for offset in offsets { key = key << 16 | UInt64(text[index + offset]) }
            score += weight(key)
        }
        return 2 * score > sum
    }

    @inline(__always)
    private func weight(_ key: UInt64) -> Int {
        var slot = PhraseFeature.slot(of: key, among: keys.count)
        // A table without an empty slot is damage; the walk ends all the same.
        for _ in 0..<keys.count {
            let found = keys[slot]
            if found == key { return Int(weights[slot]) }
            if found == 0 { return 0 }
            slot = (slot + 1) & (keys.count - 1)
        }
        return 0
    }
}
