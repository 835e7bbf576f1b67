import Text

/// Compiles the Cantonese sections of the pack. `CantoneseLexicon` reads what is written here, in the same order.
struct CantoneseSections {
    private static let package = "tojyutping"
    private static let file = "trie.txt"
    private let sources: SourceFolder

    init(sources: SourceFolder) {
        self.sources = sources
    }

    /// Adds every section.
    func compile(into pack: inout PackWriter) throws {
        var syllables = OrderedStrings<UInt16>()
        var words: [[CodePoint]: UInt32] = [:]
        var readings: [UInt16] = []
        var known: [[UInt16]: UInt32] = [:]
        let entries = try entries()
        for (word, spelled) in entries.sorted(by: { $0.word.lexicographicallyPrecedes($1.word) }) {
            // The normaliser removes everything else.
            guard word.allSatisfy({ (0x4E00...0x9FA5).contains($0) || ChinesePunctuation.contains($0) })
            else {
                continue
            }
            let numbers = spelled.map { syllables.number(of: $0) }
            let offset = known[numbers] ?? UInt32(readings.count)
            if known[numbers] == nil {
                known[numbers] = offset
                readings += numbers
            }
            words[word] = offset
        }
        // Upstream has no initial for syllables like ik1, which is an error at run time.
        let phones = syllables.strings.map { JyutpingSpelling.phones(of: $0) ?? ("", "") }
        var tree = SectionBuilder()
        tree.add(words: words)
        var table = SectionBuilder()
        table.add(UInt32(readings.count))
        table.add(readings)
        table.align()
        var spelling = SectionBuilder()
        spelling.add(phones.map(\.initial))
        spelling.add(phones.map(\.final))
        pack.add("yue.words", tree)
        pack.add("yue.readings", table)
        pack.add("yue.syllables", spelling)
    }

    // MARK: ToJyutping's text format

    /// The words with the first reading of each, one string per character.
    ///
    /// A trie in text form: code points from U+0100 lead to a child; then the readings of the word that ends there, two
    /// characters per syllable (base 90 from `!`), `~` after a syllable that belongs to the same character as the next;
    /// `{` opens the children of the node reached, `}` closes them. A node without `{` has no children.
    private func entries() throws -> [(word: [CodePoint], readings: [String])] {
        let text = [CodePoint](String(decoding: try sources.bytes(Self.package, Self.file), as: UTF8.self))
        guard text.first == 0x7B else { throw SourceError(file: Self.file, reason: "no brace at the start") }
        var entries: [(word: [CodePoint], readings: [String])] = []
        var open: [[CodePoint]] = [[]]
        var index = 1
        func point() throws -> CodePoint {
            guard index < text.count else { throw SourceError(file: Self.file, reason: "cut short") }
            return text[index]
        }
        while var word = open.last {
            while try point() >= 0x100 {
                word.append(try point())
                index += 1
            }
            var first: [[String]]?
            while try point() < 0x7B {
                var syllables: [[String]] = []
                while syllables.count < word.count {
                    var ofOne: [String] = []
                    while true {
                        let high = try point()
                        index += 1
                        let low = try point()
                        index += 1
                        ofOne.append(try syllable(high: high, low: low))
                        guard try point() == 0x7E else { break }
                        index += 1
                    }
                    syllables.append(ofOne)
                }
                first = first ?? syllables
            }
            if let first { entries.append((word, Self.readings(first))) }
            if try point() == 0x7B {
                open.append(word)
                index += 1
            } else if try point() == 0x7D {
                open.removeLast()
                index += 1
            }
        }
        return entries
    }

    /// Readings by character, as ToJyutping returns them: a single character has all its syllables; in a longer word
    /// the syllables are assigned one per character in order.
    private static func readings(_ syllables: [[String]]) -> [String] {
        if syllables.count == 1 { return [syllables[0].joined(separator: " ")] }
        return Array(syllables.flatMap { $0 }.prefix(syllables.count))
    }

    private static let onsets = [
        "", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "ng", "gw", "kw", "w", "h", "z", "c", "s", "j",
    ]
    private static let nuclei = ["aa", "a", "e", "i", "o", "u"]
    private static let codas = ["", "i", "u", "m", "n", "ng", "p", "t", "k"]
    private static let otherRhymes = [
        "oe", "oen", "oeng", "oet", "oek", "eoi", "eon", "eot", "yu", "yun", "yut", "m", "ng",
    ]

    private func syllable(high: CodePoint, low: CodePoint) throws -> String {
        guard high >= 33, low >= 33, high < 123, low < 123 else {
            throw SourceError(file: Self.file, reason: "no syllable of U+\(high), U+\(low)")
        }
        let number = Int(high - 33) * 90 + Int(low - 33)
        let (onset, rhyme, tone) = (number / 402, number % 402 / 6, number % 6 + 1)
        let regular = Self.nuclei.count * Self.codas.count
        guard onset < Self.onsets.count, rhyme < regular + Self.otherRhymes.count else {
            throw SourceError(file: Self.file, reason: "no syllable \(number)")
        }
        let spelled =
            rhyme < regular
            ? Self.nuclei[rhyme / Self.codas.count] + Self.codas[rhyme % Self.codas.count]
            : Self.otherRhymes[rhyme - regular]
        return Self.onsets[onset] + spelled + String(tone)
    }
}
