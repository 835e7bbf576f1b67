import Foundation
public import Models
public import Tensor
public import Text

/// A sentence as the models read it.
public struct ModelSentence: Sendable {
    /// Phone ids in the voice's symbol table.
    public let phones: [Int]
    /// One BERT vector per phone, `[phones.count, C]`; zeros where a language has none.
    public let bert: Tensor
    /// Normalised text; its length decides how sentences are batched.
    public let norm: String

    /// Puts a sentence together.
    public init(phones: [Int], bert: Tensor, norm: String) {
        self.phones = phones
        self.bert = bert
        self.norm = norm
    }
}

/// What is known of a sentence before BERT has read it.
public struct SentenceOutline: Sendable, Equatable {
    /// Phone ids in the voice's symbol table.
    public let phones: [Int]
    /// Normalised text; its length decides how sentences are batched.
    public let norm: String

    /// Puts an outline together.
    public init(phones: [Int], norm: String) {
        self.phones = phones
        self.norm = norm
    }
}

/// Turns text into what the models read (upstream: `TextPreprocessor`).
public protocol SentencePreparing: Sendable {
    /// The pieces a text is spoken in.
    func pieces(_ text: String, language: String, cut: String) throws -> [String]
    /// The cheap part of `prepare`, without BERT. It fails for every piece that `prepare` refuses, so that a whole
    /// text can be checked before the first sound of it is made.
    func outline(_ piece: String, language: String, version: String) throws -> SentenceOutline
    /// One piece, ready for the models of a version.
    func prepare(_ piece: String, language: String, version: String) throws -> ModelSentence
    /// Several pieces, which may be read together; the results are those of `prepare` piece by piece.
    ///
    /// - Parameter checkpoint: called again and again; throws to stop the work.
    func prepare(
        _ pieces: [String], language: String, version: String, checkpoint: () throws -> Void
    ) throws -> [ModelSentence]
}

extension SentencePreparing {
    /// For preparers that have no cheaper way.
    public func outline(_ piece: String, language: String, version: String) throws -> SentenceOutline {
        let sentence = try prepare(piece, language: language, version: version)
        return SentenceOutline(phones: sentence.phones, norm: sentence.norm)
    }

    /// Piece by piece.
    public func prepare(
        _ pieces: [String], language: String, version: String, checkpoint: () throws -> Void
    ) throws -> [ModelSentence] {
        try pieces.map { piece in
            try checkpoint()
            return try prepare(piece, language: language, version: version)
        }
    }
}

/// The text front end with BERT behind it, or without.
public struct SentencePreparer: SentencePreparing {
    private let frontEnd: TextFrontEnd
    /// BERT, and what makes its tokens.
    private let reader: (bert: BERT, tokenizer: CharacterTokenizer)?
    private let featureCount: Int

    /// Combines them.
    public init(frontEnd: TextFrontEnd, bert: BERT, tokenizer: CharacterTokenizer) {
        self.frontEnd = frontEnd
        reader = (bert, tokenizer)
        featureCount = bert.featureCount
    }

    /// A front end for a voice that was trained without BERT: its features are zeros, as those of languages that BERT
    /// does not read.
    ///
    /// - Parameter featureCount: how many the voice reads.
    public init(frontEnd: TextFrontEnd, featureCount: Int) {
        self.frontEnd = frontEnd
        reader = nil
        self.featureCount = featureCount
    }

    private func code(_ language: String) throws -> LanguageCode {
        guard let code = LanguageCode(rawValue: language) else {
            throw SynthesisError(.language, "\(language) is not a language code")
        }
        return code
    }

    /// See `SentencePreparing`. Upstream's cutting leaves an empty piece before one that is too long for BERT; there is
    /// nothing in it to prepare.
    public func pieces(_ text: String, language: String, cut: String) throws -> [String] {
        try textErrors {
            try frontEnd.pieces(of: text, language: try code(language), cut: try CutMethod(name: cut))
        }.filter { !$0.isEmpty }
    }

    /// See `SentencePreparing`.
    public func outline(_ piece: String, language: String, version: String) throws -> SentenceOutline {
        let sentence = try read(piece, language: language, version: version)
        for segment in sentence.segments { _ = try reading(segment) }
        return SentenceOutline(phones: sentence.phonemes, norm: sentence.normalizedText)
    }

    /// See `SentencePreparing`.
    public func prepare(_ piece: String, language: String, version: String) throws -> ModelSentence {
        try prepare([piece], language: language, version: version, checkpoint: {})[0]
    }

    /// See `SentencePreparing`. BERT reads short pieces together.
    public func prepare(
        _ pieces: [String], language: String, version: String, checkpoint: () throws -> Void
    ) throws -> [ModelSentence] {
        let sentences = try pieces.map { piece in
            try checkpoint()
            return try read(piece, language: language, version: version)
        }
        let readings = try sentences.map { try $0.segments.map(reading) }
        let texts = readings.flatMap { $0.compactMap { $0 } }
        var features = try reader?.bert.phoneFeatures(texts, checkpoint: checkpoint)[...] ?? []
        return zip(sentences, readings).map { sentence, readings in
            let own = features.prefix(readings.count { $0 != nil })
            features = features.dropFirst(own.count)
            return assemble(sentence, readings, features: Array(own))
        }
    }

    /// A sentence with the features of the segments that BERT read, and zeros for the others.
    private func assemble(_ sentence: PhonemizedSentence, _ readings: [BERT.Reading?], features: [Tensor])
        -> ModelSentence
    {
        var features = features[...]
        let parts = zip(sentence.segments, readings).map { segment, reading in
            (reading == nil ? nil : features.popFirst())
                ?? Tensor(repeating: 0, [segment.phonemes.count, featureCount])
        }
        return ModelSentence(
            phones: sentence.phonemes, bert: Tensor.concatenatingRows(parts),
            norm: sentence.normalizedText)
    }

    private func read(_ piece: String, language: String, version: String) throws -> PhonemizedSentence {
        try textErrors {
            try frontEnd.prepare(
                piece, language: try code(language), version: SymbolVersion(rawValue: version) ?? .v2)
        }
    }

    /// What BERT reads of a segment; nil where its features are zeros.
    private func reading(_ segment: PhonemizedSegment) throws -> BERT.Reading? {
        guard let reader, segment.language == "zh", let wordToPhone = segment.wordToPhone,
            !segment.normalizedText.isEmpty
        else { return nil }
        let ids = reader.tokenizer(segment.normalizedText)
        let limit = reader.bert.maximumTokens
        guard ids.count <= limit else {
            throw SynthesisError(
                .text,
                "a sentence of \(ids.count - 2) characters is longer than BERT's \(limit - 2); put "
                    + "punctuation into it, and use a text_split_method that cuts there, such as cut5")
        }
        guard ids.count == wordToPhone.count + 2 else {
            throw SynthesisError(
                .text, "\(wordToPhone.count) characters became \(ids.count - 2) BERT tokens")
        }
        return BERT.Reading(ids: ids, wordToPhone: wordToPhone)
    }

    private func textErrors<T>(_ body: () throws -> T) throws -> T {
        do { return try body() } catch let error as TextError {
            switch error {
            case .packMissing, .packDamaged, .packVersion, .identifierUnusable, .noLanguage:
                throw SynthesisError(.setup, "\(error)")
            case .languageNotBuilt: throw SynthesisError(.language, "\(error)")
            case .unknownCut: throw SynthesisError(.parameter, "\(error)")
            default: throw SynthesisError(.text, "\(error)")
            }
        }
    }
}
