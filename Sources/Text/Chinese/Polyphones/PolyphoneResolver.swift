/// g2pW's way to the readings of a sentence: the network chooses among the readings of polyphonic characters, the rest
/// is looked up.
///
/// The sentence is converted to Taiwan-standard characters first, because that is what the network was trained on.
package struct PolyphoneResolver: Sendable {
    private let lexicon: ChineseLexicon
    private let converter: TaiwanConverter
    private let network: any PolyphoneNetwork
    private let pinyin: PinyinReader
    /// Classes and characters of the network.
    package let tables: PolyphoneTables

    /// Reach of a query's text to either side of the sentence's first and last polyphone, in characters.
    private static let context = 16
    /// Polyphonic characters whose reading upstream takes from the dictionary nevertheless.
    private static let excludedPolyphones = CodePointSet("一不和咋嗲剖差攢倒難奔勁拗肖瘙誒泊听噢")
    /// Characters whose listed single reading is not used.
    private static let excludedMonophones = CodePointSet("似攢")

    /// - Parameter tables: the network's lists; nil for those of the pack.
    package init(
        _ lexicon: Lexicon, _ chinese: ChineseLexicon, network: any PolyphoneNetwork,
        tables: PolyphoneTables? = nil
    ) throws(TextError) {
        self.lexicon = chinese
        self.network = network
        pinyin = PinyinReader(chinese)
        converter = try TaiwanConverter(lexicon)
        if let tables { self.tables = tables } else { self.tables = try PolyphoneTables(lexicon, chinese) }
    }

    /// Sentences with the characters whose reading the network has to choose.
    package struct Unresolved: Sendable {
        package let sentences: [[CodePoint]]
        /// What the network is given.
        package var queries: [PolyphoneQuery] = []
        /// Sentence and character of each query.
        package var positions: [(sentence: Int, index: Int)] = []
        /// A syllable per character of each sentence; at the positions of queries, a reading that is possible there.
        package var syllables: [[Syllable]] = []
    }

    /// Everything before the network.
    /// - Parameter sentences: normalised: ideographs with at most one punctuation mark, at the end.
    /// - Throws: `conversionChangedLength`.
    package func unresolved(_ sentences: [[CodePoint]]) throws(TextError) -> Unresolved {
        var result = Unresolved(sentences: sentences)
        for (number, simplified) in sentences.enumerated() {
            let sentence = converter.convert(simplified)
            guard sentence.count == simplified.count else {
                throw .conversionChangedLength(
                    sentence: simplified.string, from: simplified.count, to: sentence.count)
            }
            // The other characters are read as pypinyin reads the sentence converted back.
            let back = sentence.map { point in
                let simple = lexicon.simplified[point]
                return simple == PackFormat.none ? point : simple
            }
            var syllables = [Syllable](repeating: .unknown, count: back.count)
            pinyin.read(back, back.indices, into: &syllables)
            var polyphones: [(index: Int, character: Int)] = []
            for (index, point) in sentence.enumerated() {
                if let character = tables.number(of: point), !Self.excludedPolyphones.contains(point) {
                    polyphones.append((index, character))
                    syllables[index] = tables.firstReading(of: character)
                } else if let syllable = tables.monophone(point), !Self.excludedMonophones.contains(point) {
                    syllables[index] = syllable
                }
            }
            result.syllables.append(syllables)
            guard let first = polyphones.first?.index, let last = polyphones.last?.index else { continue }
            let lower = max(0, first - Self.context)
            let text = String(codePoints: sentence[lower..<min(sentence.count, last + Self.context + 1)])
            for (index, character) in polyphones {
                result.queries.append(
                    PolyphoneQuery(
                        text: text, index: index - lower, characterID: character,
                        labels: tables.labels(of: character)))
                result.positions.append((number, index))
            }
        }
        return result
    }

    /// A syllable per character of every sentence: runs the network once for all queries.
    /// - Throws: what the network throws; `readingCount` if it gives another number of labels than it was given
    ///   queries.
    package func resolve(_ unresolved: Unresolved) throws -> [[Syllable]] {
        guard !unresolved.queries.isEmpty else { return unresolved.syllables }
        let labels = try network.choose(unresolved.queries)
        guard labels.count == unresolved.queries.count else {
            throw TextError.readingCount(
                sentence: unresolved.sentences.map(\.string).joined(), expected: unresolved.queries.count,
                found: labels.count)
        }
        var syllables = unresolved.syllables
        for (index, label) in labels.enumerated() {
            let position = unresolved.positions[index]
            syllables[position.sentence][position.index] = tables.reading(
                of: unresolved.queries[index].characterID, label: label)
        }
        return syllables
    }
}
