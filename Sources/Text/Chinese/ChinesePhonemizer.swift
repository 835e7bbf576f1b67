/// Normalised Chinese to phones.
///
/// Per sentence: cut into tagged words, merge words, read them, change tones, 儿化 (v2), two phones per syllable.
package struct ChinesePhonemizer: Sendable {
    private let lexicon: ChineseLexicon
    private let cutter: WordCutter
    private let merger: WordMerger
    private let sandhi: ToneSandhi
    private let erhua: Erhua
    private let markIDs: [CodePoint: Int]

    package init(_ lexicon: ChineseLexicon) {
        self.lexicon = lexicon
        cutter = WordCutter(lexicon)
        merger = WordMerger(lexicon)
        sandhi = ToneSandhi(lexicon)
        erhua = Erhua(lexicon)
        markIDs = Dictionary(
            uniqueKeysWithValues: ChineseMarks.all.map { ($0, SymbolTable.v1.id([$0].string) ?? 0) })
    }

    /// Phones of a text: their ids (equal in v1 and v2) and the number of phones of each character.
    package struct Phones: Equatable, Sendable {
        package var ids: [Int] = []
        package var perCharacter: [Int] = []
    }

    /// - Parameters:
    ///   - normalized: what `ChineseNormalizer` gives.
    ///   - version: v2 has 儿化.
    ///   - reader: chooses readings by context; nil for pypinyin's readings word by word.
    package func phones(
        of normalized: [CodePoint], version: SymbolVersion, reader: (any SentenceReader)? = nil
    ) throws -> Phones {
        var result = Phones()
        result.ids.reserveCapacity(normalized.count * 2)
        result.perCharacter.reserveCapacity(normalized.count)
        let sentences = ChinesePhonemizer.sentences(normalized)
        var given: [[Syllable]]?
        if let reader {
            given = sentences.isEmpty ? [] : try reader.read(sentences)
            guard given?.count == sentences.count else {
                throw TextError.readingCount(
                    sentence: normalized.string, expected: sentences.count, found: given?.count ?? 0)
            }
        }
        for (index, sentence) in sentences.enumerated() {
            try append(sentence, version: version, readings: given?[index], to: &result)
        }
        guard result.perCharacter.count == normalized.count else {
            throw TextError.misaligned(characters: normalized.count, read: result.perCharacter.count)
        }
        return result
    }

    /// Sentences end after each mark.
    private static func sentences(_ text: [CodePoint]) -> [[CodePoint]] {
        var sentences: [[CodePoint]] = []
        var start = 0
        for (index, point) in text.enumerated() where ChineseMarks.contains(point) {
            sentences.append(Array(text[start...index]))
            start = index + 1
        }
        if start < text.count { sentences.append(Array(text[start...])) }
        return sentences
    }

    private func append(
        _ text: [CodePoint], version: SymbolVersion, readings: [Syllable]?, to result: inout Phones
    ) throws(TextError) {
        var sentence = SentenceWords(text, cut: try cutter.tagged(text))
        merger.merge(&sentence)
        if let readings { try useReadings(readings, in: &sentence) }
        for word in sentence.words {
            sandhi.apply(to: word, in: &sentence)
            if version == .v2 { erhua.apply(to: word, in: &sentence) }
        }
        for (point, syllable) in zip(sentence.text, sentence.syllables) {
            if syllable == .mark, let id = markIDs[point] {
                result.ids.append(id)
                result.perCharacter.append(1)
            } else if let phones = lexicon.syllables.phones(syllable) {
                result.ids.append(phones.0)
                result.ids.append(phones.1)
                result.perCharacter.append(2)
            } else {
                throw .noPhones(of: [point].string, sentence: text.string)
            }
        }
    }

    /// Puts a polyphone reader's answers in place of the word-wise readings, corrected by the correction list.
    ///
    /// A word on the list gets the list's readings; otherwise every character that is an entry of its own gets that.
    private func useReadings(_ readings: [Syllable], in sentence: inout SentenceWords) throws(TextError) {
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
                } else if ChineseMarks.contains(sentence.text[index]) {
                    sentence.syllables[index] = .mark
                } else {
                    sentence.syllables[index] = readings[index]
                }
            }
        }
    }
}
