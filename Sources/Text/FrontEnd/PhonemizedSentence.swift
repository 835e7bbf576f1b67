/// A segment of a sentence in one language: the input of a voice.
package struct PhonemizedSegment: Equatable, Sendable {
    /// `zh`, `en`, `ja`, `ko` or `yue`; `punctuation` or `newline` where there is nothing to pronounce.
    package let language: String
    /// The segment as written, before normalisation.
    package let text: String
    /// Normalised text. For `zh`, BERT reads it, one feature per code point.
    package let normalizedText: String
    /// Phoneme ids in the voice's symbol table.
    package let phonemes: [Int]
    /// Number of phonemes of each code point of `normalizedText` (upstream's `word2ph`), to repeat BERT's features; nil
    /// where features are zeros.
    package let wordToPhone: [Int]?
}

/// A phonemized sentence, the input of a voice: phonemes of all its segments, in order.
package struct PhonemizedSentence: Equatable, Sendable {
    /// Segments by language, at least one.
    package let segments: [PhonemizedSegment]

    /// All phoneme ids.
    package var phonemes: [Int] { segments.flatMap(\.phonemes) }
    /// All normalised text.
    package var normalizedText: String { segments.map(\.normalizedText).joined() }
}

extension TextFrontEnd {
    /// The second stage of upstream's `get_phones_and_bert` (BERT excepted): runs the networks that choose readings of
    /// Chinese characters and guess English words. A sentence of fewer than six phonemes becomes that of the text with
    /// `.` in front.
    /// - Throws: what the polyphone network throws; nothing for reasons of the text.
    package func phonemize(_ sentence: NormalizedSentence) throws -> PhonemizedSentence {
        let phonemized = try sentence.segments.phonemize()
        if let alternative = sentence.alternative, phonemized.phonemes.count < Self.minimumPhonemeCount {
            return try alternative.phonemize()
        }
        return phonemized
    }

    /// Both stages: `normalize`, then `phonemize`.
    package func prepare(
        _ text: String, language: LanguageCode, version: SymbolVersion
    ) throws -> PhonemizedSentence {
        try prepare([CodePoint](text), language: language, version: version)
    }

    /// `prepare` on code points.
    package func prepare(
        _ text: [CodePoint], language: LanguageCode, version: SymbolVersion
    ) throws -> PhonemizedSentence {
        try phonemize(try normalize(text, language: language, version: version))
    }

    /// The sentences that a request's text is cut into, before they are normalised.
    package func pieces(of text: String, language: LanguageCode, cut: CutMethod) throws(TextError) -> [String]
    {
        let collapsed = PreSegmentation.collapsingPunctuation([CodePoint](text))
        return try PreSegmentation.pieces(collapsed, isEnglish: language == .en, cut: cut).map(\.string)
    }

    /// A whole request: cut into sentences, each prepared; those that normalise to nothing are left out.
    package func prepareAll(
        _ text: String, language: LanguageCode, cut: CutMethod, version: SymbolVersion
    ) throws -> [PhonemizedSentence] {
        let collapsed = PreSegmentation.collapsingPunctuation([CodePoint](text))
        return try PreSegmentation.pieces(collapsed, isEnglish: language == .en, cut: cut)
            .map { try prepare($0, language: language, version: version) }
            .filter { !$0.normalizedText.isEmpty }
    }
}
