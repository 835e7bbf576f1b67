import Foundation
import Text

/// Compiles wordsegment's counts, as `WordCounts` reads them. Words a compound of letters cannot contain are left out.
struct WordCountSections {
    let unigrams: SectionBuilder
    let bigrams: SectionBuilder

    init(sources: SourceFolder) throws {
        func entries(_ file: String) throws -> [(Substring, UInt64)] {
            try sources.lines("wordsegment", file).filter { !$0.isEmpty }.map { line in
                let fields = line.split(separator: "\t")
                guard fields.count == 2, let count = UInt64(fields[1]) else {
                    throw SourceError(file: file, reason: "a word and its count expected: \(line)")
                }
                return (fields[0], count)
            }
        }
        func canOccur(_ word: Substring) -> Bool {
            word.utf8.count <= 24 && word.utf8.allSatisfy { $0 >= 0x61 && $0 <= 0x7A }
        }
        var counts: [String: UInt64] = [:]
        for (word, count) in try entries("unigrams.txt") where canOccur(word) { counts[String(word)] = count }
        var words = SectionBuilder()
        let order = words.add(byteTrie: counts.keys)
        var large: [UInt64] = []
        let small = order.map { word -> UInt32 in
            let count = counts[word] ?? 0
            guard count >= UInt64(UInt32.max) - 255 else { return UInt32(count) }
            large.append(count)
            return UInt32.max - UInt32(large.count - 1)
        }
        words.add(UInt32(large.count))
        words.align()
        words.add(large)
        words.add(small)
        unigrams = words

        let number = Dictionary(uniqueKeysWithValues: zip(order, UInt32(0)...))
        // Some pairs occur twice; the last one is used.
        var rows: [UInt32: [UInt32: UInt32]] = [:]
        for (pair, count) in try entries("bigrams.txt") {
            let parts = pair.split(separator: " ")
            // A pair is used only after a word that has a count itself; so is what follows.
            guard parts.count == 2, parts.allSatisfy(canOccur), let previous = number[String(parts[0])] else {
                continue
            }
            guard let next = number[String(parts[1])], let count = UInt32(exactly: count) else {
                throw SourceError(file: "bigrams.txt", reason: "\(pair) does not fit the words")
            }
            rows[previous, default: [:]][next] = count
        }
        var starts: [UInt32] = [0]
        var next: [UInt32] = []
        var count: [UInt32] = []
        for previous in rows.keys.sorted() {
            for entry in (rows[previous] ?? [:]).sorted(by: { $0.key < $1.key }) {
                next.append(entry.key)
                count.append(entry.value)
            }
            starts.append(UInt32(next.count))
        }
        var pairs = SectionBuilder()
        pairs.add(UInt32(rows.count))
        pairs.add(UInt32(next.count))
        pairs.add(rows.keys.sorted())
        pairs.add(starts)
        pairs.add(next)
        pairs.add(count)
        bigrams = pairs
    }
}
