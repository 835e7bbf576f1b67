/// A segment of a sentence in one language after the first stage: normalised, its phonemes known except what networks
/// decide.
package struct NormalizedSegment: Sendable {
    /// `zh`, `en`, `ja`, `ko` or `yue`; `punctuation` or `newline` where there is nothing to pronounce.
    package let language: String
    /// The segment as written, before normalisation.
    package let text: String
    /// Normalised text. For `zh`, BERT reads it, one feature per code point.
    package var normalizedText: String { draft.normalizedText }
    /// The language's own result.
    let draft: PhonemizationDraft
}

/// A sentence after the first stage of the front end: split by language and normalised, and checked to be
/// pronounceable.
package struct NormalizedSentence: Sendable {
    /// Segments by language, at least one.
    package let segments: [NormalizedSegment]
    /// The segments of the same text with a period in front, which replace `segments` if those turn out to have too few
    /// phonemes; nil where they cannot.
    let alternative: [NormalizedSegment]?

    /// All normalised text.
    package var normalizedText: String { segments.map(\.normalizedText).joined() }
    /// Fewest phonemes that `phonemize` can give; 0 only for a sentence that has none.
    package var minimumPhonemeCount: Int { segments.reduce(0) { $0 + $1.draft.minimumPhonemeCount } }
}

extension TextFrontEnd {
    /// Fewest phonemes that a voice pronounces reliably; with fewer, the text is converted again with a period in
    /// front.
    static let minimumPhonemeCount = 6

    /// The first stage of upstream's `get_phones_and_bert`: splits a sentence by language and normalises each part.
    ///
    /// Dictionaries and rules are applied here, and their results kept; no network runs, except that an English word in
    /// no dictionary with `'s` after it is converted at once, because `'s` needs a word with phonemes before it.
    /// - Throws: every `TextError` that the text causes. A sentence that passes can be phonemized.
    package func normalize(
        _ text: String, language: LanguageCode, version: SymbolVersion
    ) throws(TextError) -> NormalizedSentence {
        try normalize([CodePoint](text), language: language, version: version)
    }

    /// `normalize` on code points.
    package func normalize(
        _ text: [CodePoint], language: LanguageCode, version: SymbolVersion
    ) throws(TextError) -> NormalizedSentence {
        let collapsed = LanguageSplitting.collapsingSpaces(text)
        let sentence = NormalizedSentence(
            segments: try segments(collapsed, language: language, version: version), alternative: nil)
        guard sentence.minimumPhonemeCount < Self.minimumPhonemeCount else { return sentence }
        let period: CodePoint = 0x2E
        let repeated = try segments([period] + collapsed, language: language, version: version)
        return sentence.segments.allSatisfy(\.draft.isCountExact)
            ? NormalizedSentence(segments: repeated, alternative: nil)
            : NormalizedSentence(segments: sentence.segments, alternative: repeated)
    }

    private func segments(
        _ text: [CodePoint], language: LanguageCode, version: SymbolVersion
    ) throws(TextError) -> [NormalizedSegment] {
        var segments: [NormalizedSegment] = []
        for piece in try splitting.pieces(text, language: language) {
            segments.append(
                NormalizedSegment(
                    language: piece.language, text: piece.text.string,
                    draft: try analyze(piece.text, language: piece.language, version: version)))
        }
        return segments
    }
}
