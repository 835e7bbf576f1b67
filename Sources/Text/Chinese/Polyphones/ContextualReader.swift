/// g2pW's way of reading a sentence: characters with several readings are put to the network, the rest is looked up.
///
/// The sentence is converted to Taiwan-standard characters first, because that is what the network was trained on.
package struct ContextualReader: SentenceReader {
    private let lexicon: ChineseLexicon
    private let converter: TaiwanConverter
    private let network: any PolyphoneNetwork
    private let reader: PinyinReader
    /// Classes and characters of the network.
    package let tables: PolyphoneTables

    /// Reach of a query's text to either side of the sentence's first and last polyphone, in characters.
    private static let context = 16
    /// Characters the network is not trusted with.
    private static let notAsked = CodePointSet("一不和咋嗲剖差攢倒難奔勁拗肖瘙誒泊听噢")
    /// Characters whose listed single reading is not used.
    private static let notListed = CodePointSet("似攢")

    /// - Parameter tables: the network's lists; nil for those of the pack.
    package init(
        _ lexicon: Lexicon, _ chinese: ChineseLexicon, network: any PolyphoneNetwork,
        tables: PolyphoneTables? = nil
    ) throws(TextError) {
        self.lexicon = chinese
        self.network = network
        reader = PinyinReader(chinese)
        converter = try TaiwanConverter(lexicon)
        if let tables { self.tables = tables } else { self.tables = try PolyphoneTables(lexicon, chinese) }
    }

    /// The questions of some sentences, and what is known without asking.
    package struct Questions {
        package var queries: [PolyphoneQuery] = []
        /// Sentence and character each query is about.
        package var places: [(sentence: Int, index: Int)] = []
        package var syllables: [[Syllable]] = []
    }

    package func read(_ sentences: [[CodePoint]]) throws -> [[Syllable]] {
        var questions = try questions(about: sentences)
        guard !questions.queries.isEmpty else { return questions.syllables }
        let chosen = try network.choose(questions.queries)
        guard chosen.count == questions.queries.count else {
            throw TextError.readingCount(
                sentence: sentences.map(\.string).joined(), expected: questions.queries.count,
                found: chosen.count)
        }
        for (place, label) in zip(questions.places, chosen) {
            questions.syllables[place.sentence][place.index] = tables.syllable(ofLabel: label)
        }
        return questions.syllables
    }

    /// Everything up to the network.
    package func questions(about sentences: [[CodePoint]]) throws(TextError) -> Questions {
        var questions = Questions()
        for (number, simplified) in sentences.enumerated() {
            let sentence = converter.convert(simplified)
            guard sentence.count == simplified.count else {
                throw .conversionChangedLength(
                    sentence: simplified.string, from: simplified.count, to: sentence.count)
            }
            // What is not asked is read as pypinyin reads the sentence converted back.
            let back = sentence.map { point in
                let simple = lexicon.simplified[point]
                return simple == PackFormat.none ? point : simple
            }
            var syllables = [Syllable](repeating: .unknown, count: back.count)
            reader.read(back, back.indices, into: &syllables)
            var asked: [Int] = []
            for (index, point) in sentence.enumerated() {
                if tables.number(of: point) != nil, !Self.notAsked.contains(point) {
                    asked.append(index)
                } else if let syllable = tables.monophone(point), !Self.notListed.contains(point) {
                    syllables[index] = syllable
                }
            }
            questions.syllables.append(syllables)
            guard let first = asked.first, let last = asked.last else { continue }
            let lower = max(0, first - Self.context)
            let text = String(codePoints: sentence[lower..<min(sentence.count, last + Self.context + 1)])
            for index in asked {
                guard let character = tables.number(of: sentence[index]) else { continue }
                questions.queries.append(
                    PolyphoneQuery(
                        text: text, index: index - lower, characterID: character,
                        labels: tables.labels(of: character)))
                questions.places.append((number, index))
            }
        }
        return questions
    }
}
