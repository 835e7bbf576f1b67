extension NormalizedSentence {
    /// A sentence of one segment whose phonemes are known, for callers that have phonemes of their own.
    ///
    /// - Parameters:
    ///   - text: the sentence.
    ///   - normalizedText: what it is normalised to.
    ///   - phonemes: ids in the version's symbol table.
    ///   - wordToPhone: number of phonemes of each code point of `normalizedText`, if known.
    package init(
        text: String, language: String, normalizedText: String, phonemes: [Int], wordToPhone: [Int]?,
        version: SymbolVersion
    ) {
        let known = PhonemizedText(
            normalizedText: [CodePoint](normalizedText), phonemes: phonemes, wordToPhone: wordToPhone,
            version: version)
        self.init(
            segments: [
                NormalizedSegment(language: language, text: text, draft: PhonemizationDraft(known))
            ], alternative: nil)
    }

    /// The second stage without the repetition of short sentences: all there is to do where the phonemes are known.
    package func phonemizeSegments() throws -> PhonemizedSentence { try segments.phonemize() }
}

extension [NormalizedSegment] {
    /// Runs the networks.
    func phonemize() throws -> PhonemizedSentence {
        PhonemizedSentence(
            segments: try map { segment in
                let text = try segment.draft.phonemize()
                return PhonemizedSegment(
                    language: segment.language, text: segment.text, normalizedText: text.normalizedText,
                    phonemes: text.phonemes, wordToPhone: text.wordToPhone)
            })
    }
}
