/// One stretch of a sentence in one language, ready for a voice.
public struct TextSegment: Equatable, Sendable {
    /// `zh`, `en`, `ja`, `ko` or `yue`; `punctuation` or `newline` where there is nothing to read.
    public let language: String
    /// The stretch as it was written, before normalisation.
    public let text: String
    /// Normalised text. For `zh`, BERT reads it, one feature per code point.
    public let norm: String
    /// Phone ids in the voice's symbol table.
    public let phones: [Int]
    /// Number of phones of each code point of `norm`, to spread BERT's features; nil where features are zeros.
    public let wordToPhone: [Int]?
}

/// A piece of text as a voice is given it: phones of all its segments, in order.
public struct PreparedSentence: Equatable, Sendable {
    /// Segments by language, at least one.
    public let segments: [TextSegment]

    /// All phone ids.
    public var phones: [Int] { segments.flatMap(\.phones) }
    /// All normalised text.
    public var norm: String { segments.map(\.norm).joined() }
}

extension TextFrontEnd {
    /// Fewest phones a voice speaks well; with fewer the text is tried again with a point in front.
    private static let minimumPhones = 6

    /// Upstream's `get_phones_and_bert` without BERT: splits by language, cleans each part, and repeats once with `.`
    /// in front if that gives fewer than six phones.
    public func prepare(
        _ text: String, language: LanguageCode, version: SymbolVersion
    ) throws -> PreparedSentence {
        try prepare([CodePoint](text), language: language, version: version)
    }

    /// `prepare` on code points.
    package func prepare(
        _ text: [CodePoint], language: LanguageCode, version: SymbolVersion, isRetry: Bool = false
    ) throws -> PreparedSentence {
        let collapsed = LanguageSplitting.collapsingBlanks(text)

        let segments = try splitting.pieces(collapsed, language: language).map { piece in
            let cleaned = try clean(piece.text, language: piece.language, version: version)
            return TextSegment(
                language: piece.language, text: piece.text.string, norm: cleaned.norm, phones: cleaned.ids,
                wordToPhone: cleaned.wordToPhone)
        }
        let sentence = PreparedSentence(segments: segments)
        if !isRetry, sentence.phones.count < TextFrontEnd.minimumPhones {
            return try prepare([0x2E] + collapsed, language: language, version: version, isRetry: true)
        }
        return sentence
    }

    /// The pieces a request's text is spoken in, before they are prepared.
    public func pieces(of text: String, language: LanguageCode, cut: CutMethod) throws(TextError) -> [String]
    {
        let collapsed = PreSegmentation.collapsingMarks([CodePoint](text))
        return try PreSegmentation.pieces(collapsed, isEnglish: language == .en, cut: cut).map(\.string)
    }

    /// A whole request: cut into pieces, each prepared; pieces that normalise to nothing are left out.
    public func prepareAll(
        _ text: String, language: LanguageCode, cut: CutMethod, version: SymbolVersion
    ) throws -> [PreparedSentence] {
        let collapsed = PreSegmentation.collapsingMarks([CodePoint](text))
        return try PreSegmentation.pieces(collapsed, isEnglish: language == .en, cut: cut)
            .map { try prepare($0, language: language, version: version) }
            .filter { !$0.norm.isEmpty }
    }
}
