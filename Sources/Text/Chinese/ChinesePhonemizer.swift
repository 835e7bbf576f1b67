/// Mandarin Chinese to phonemes.
///
/// First stage: normalise, cut each sentence into tagged words, merge words. Second stage: choose readings, change
/// tones, 儿化 (v2), two phonemes per syllable. Without a polyphone network everything happens in the first stage.
package struct ChinesePhonemizer: Phonemizer {
    private let lexicon: ChineseLexicon
    private let normalizer: ChineseNormalizer
    private let cutter: WordCutter
    private let merger: WordMerger
    private let sandhi: ToneSandhi
    private let erhua: Erhua
    private let punctuationIDs: [CodePoint: Int]
    /// Chooses readings by context in v2; nil for pypinyin's word-wise readings.
    package let polyphones: PolyphoneResolver?

    package init(_ lexicon: ChineseLexicon, polyphones: PolyphoneResolver? = nil) {
        self.lexicon = lexicon
        self.polyphones = polyphones
        normalizer = ChineseNormalizer(lexicon)
        cutter = WordCutter(lexicon)
        merger = WordMerger(lexicon)
        sandhi = ToneSandhi(lexicon)
        erhua = Erhua(lexicon)
        punctuationIDs = Dictionary(
            uniqueKeysWithValues: ChinesePunctuation.all.map { ($0, SymbolTable.v1.id([$0].string) ?? 0) })
    }

    package func analyze(_ text: [CodePoint], version: SymbolVersion) throws(TextError) -> PhonemizationDraft
    {
        try analyze(text, version: version, readings: .network)
    }

    /// See `Phonemizer`.
    /// - Parameter readings: where readings come from in v2.
    /// - Throws: the normaliser's errors; `noPhones`, `misaligned`, `conversionChangedLength`; `readingCount` for
    ///   recorded readings that do not match the text.
    package func analyze(
        _ text: [CodePoint], version: SymbolVersion, readings: PolyphoneReadings
    ) throws(TextError) -> PhonemizationDraft {
        let special = SpecialPause.all.first { text.contains($0.character) }
        let comma: CodePoint = 0x2C
        let normalized = try normalizer.normalize(
            special.map { pause in text.map { $0 == pause.character ? comma : $0 } } ?? text)
        let written = Self.sentences(normalized)
        let pending = Pending(
            phonemizer: self, text: normalized, sentences: try written.map(words), version: version,
            pause: special?.symbol)
        switch version == .v2 ? readings : .dictionary {
        case .recorded(let readings):
            guard readings.count == written.count else {
                throw .readingCount(
                    sentence: normalized.string, expected: written.count, found: readings.count)
            }
            let syllables = readings.map { $0.map(lexicon.syllables.syllable) }
            return PhonemizationDraft(try pending.phonemized(readings: syllables))
        case .network:
            guard let polyphones else { return PhonemizationDraft(try pending.phonemized(readings: nil)) }
            let unresolved = try polyphones.unresolved(written)
            // Whether a text has phonemes, and how many, does not depend on which of its possible readings a character
            // gets.
            let possible = try pending.phonemized(readings: unresolved.syllables)
            guard !unresolved.queries.isEmpty else { return PhonemizationDraft(possible) }
            return PhonemizationDraft(
                Unresolved(pending: pending, readings: unresolved, polyphones: polyphones),
                normalizedText: normalized, minimumPhonemeCount: possible.phonemes.count, isCountExact: true)
        case .dictionary: return PhonemizationDraft(try pending.phonemized(readings: nil))
        }
    }

    /// A text that waits for the polyphone network.
    private struct Unresolved: PendingPhonemes {
        let pending: Pending
        let readings: PolyphoneResolver.Unresolved
        let polyphones: PolyphoneResolver

        func phonemize() throws -> PhonemizedText {
            try pending.phonemized(readings: try polyphones.resolve(readings))
        }
    }

    /// Sentences end after each punctuation mark.
    private static func sentences(_ text: [CodePoint]) -> [[CodePoint]] {
        var sentences: [[CodePoint]] = []
        var start = 0
        for (index, point) in text.enumerated() where ChinesePunctuation.contains(point) {
            sentences.append(Array(text[start...index]))
            start = index + 1
        }
        if start < text.count { sentences.append(Array(text[start...])) }
        return sentences
    }

    /// A sentence's words, with pypinyin's word-wise readings.
    private func words(_ sentence: [CodePoint]) throws(TextError) -> SentenceWords {
        var words = SentenceWords(sentence, cut: try cutter.tagged(sentence))
        merger.merge(&words)
        return words
    }

    // MARK: Readings to phonemes

    /// A normalised text cut into words, before readings by context.
    private struct Pending: Sendable {
        let phonemizer: ChinesePhonemizer
        let text: [CodePoint]
        let sentences: [SentenceWords]
        let version: SymbolVersion
        /// The symbol of a special pause, which replaces commas.
        let pause: String?

        /// - Parameter readings: a syllable per character of each sentence; nil to keep the word-wise readings.
        func phonemized(readings: [[Syllable]]?) throws(TextError) -> PhonemizedText {
            var ids: [Int] = []
            var counts: [Int] = []
            ids.reserveCapacity(text.count * 2)
            counts.reserveCapacity(text.count)
            for (index, words) in sentences.enumerated() {
                var words = words
                if let readings { try phonemizer.use(readings[index], in: &words) }
                try phonemizer.append(words, version: version, ids: &ids, counts: &counts)
            }
            guard counts.count == text.count else {
                throw .misaligned(characters: text.count, read: counts.count)
            }
            if let pause {
                let table = SymbolTable.table(version)
                guard let pauseID = table.id(pause) else { throw .unknownSymbol(pause) }
                let commaID = table.id(",")
                for index in ids.indices where ids[index] == commaID { ids[index] = pauseID }
            }
            return PhonemizedText(
                normalizedText: text, phonemes: ids, wordToPhone: counts, version: version)
        }
    }

    /// Changes tones, and appends the phoneme ids (equal in v1 and v2) and the number of phonemes of each character.
    private func append(
        _ words: SentenceWords, version: SymbolVersion, ids: inout [Int], counts: inout [Int]
    ) throws(TextError) {
        var sentence = words
        for word in sentence.words {
            sandhi.apply(to: word, in: &sentence)
            if version == .v2 { erhua.apply(to: word, in: &sentence) }
        }
        for (point, syllable) in zip(sentence.text, sentence.syllables) {
            if syllable == .punctuation, let id = punctuationIDs[point] {
                ids.append(id)
                counts.append(1)
            } else if let phones = lexicon.syllables.phones(syllable) {
                ids.append(phones.0)
                ids.append(phones.1)
                counts.append(2)
            } else {
                throw .noPhones(of: [point].string, sentence: sentence.text.string)
            }
        }
    }

    /// Replaces the word-wise readings by readings in context, corrected by the correction list.
    ///
    /// A word on the list gets the list's readings; otherwise every character that is an entry of its own gets that.
    private func use(_ readings: [Syllable], in sentence: inout SentenceWords) throws(TextError) {
        guard readings.count == sentence.text.count else {
            throw .readingCount(
                sentence: sentence.text.string, expected: sentence.text.count, found: readings.count)
        }
        for word in sentence.words {
            if let offset = lexicon.corrections.value(of: sentence.text[word.range]) {
                for index in word.range {
                    let packed = lexicon.correctionReadings[offset + index - word.range.lowerBound]
                    sentence.syllables[index] = Syllable(packed: packed)
                }
                continue
            }
            for index in word.range {
                let own = lexicon.corrections.value(of: CollectionOfOne(sentence.text[index]))
                if let own {
                    sentence.syllables[index] = Syllable(packed: lexicon.correctionReadings[own])
                } else if ChinesePunctuation.contains(sentence.text[index]) {
                    sentence.syllables[index] = .punctuation
                } else {
                    sentence.syllables[index] = readings[index]
                }
            }
        }
    }
}
