import Foundation
package import Models
package import Tensor
package import Text

/// The text front end, with BERT behind it or without.
package struct TextPreprocessor: TextPreprocessing {
    private let frontEnd: TextFrontEnd
    /// BERT and its tokenizer.
    private let encoder: (bert: BERT, tokenizer: CharacterTokenizer)?
    /// See `TextPreprocessing`.
    package let featureCount: Int

    /// A front end with BERT.
    package init(frontEnd: TextFrontEnd, bert: BERT, tokenizer: CharacterTokenizer) {
        self.frontEnd = frontEnd
        encoder = (bert, tokenizer)
        featureCount = bert.featureCount
    }

    /// A front end for a voice that was trained without BERT: its features are zeros, as those of languages that BERT
    /// does not read.
    ///
    /// - Parameter featureCount: how many the voice reads.
    package init(frontEnd: TextFrontEnd, featureCount: Int) {
        self.frontEnd = frontEnd
        encoder = nil
        self.featureCount = featureCount
    }

    private func code(_ language: String) throws -> LanguageCode {
        guard let code = LanguageCode(rawValue: language) else {
            throw SynthesisError(.language, "\(language) is not a language code")
        }
        return code
    }

    /// See `TextPreprocessing`. Upstream's cutting leaves an empty sentence before one that is too long for BERT; there is
    /// nothing in it to speak.
    package func sentences(_ text: String, language: String, cut: String) throws -> [String] {
        try translatingErrors {
            try frontEnd.pieces(of: text, language: try code(language), cut: try CutMethod(name: cut))
        }.filter { !$0.isEmpty }
    }

    /// See `TextPreprocessing`.
    package func normalize(_ sentence: String, language: String, version: String) throws -> NormalizedSentence
    {
        let normalized = try translatingErrors {
            try frontEnd.normalize(
                sentence, language: try code(language), version: SymbolVersion(rawValue: version) ?? .v2)
        }
        for segment in normalized.segments where Self.isRead(segment.language, segment.normalizedText) {
            _ = try encode(segment.normalizedText)
        }
        return normalized
    }

    /// See `TextPreprocessing`.
    package func phonemize(_ sentence: NormalizedSentence) throws -> PhonemizedSentence {
        try translatingErrors { try frontEnd.phonemize(sentence) }
    }

    /// See `TextPreprocessing`.
    package func features(_ sentences: [PhonemizedSentence], checkpoint: () throws -> Void) throws -> [Tensor]
    {
        let readings = try sentences.map { try $0.segments.map(reading) }
        let read = readings.flatMap { $0.compactMap { $0 } }
        var features = try encoder?.bert.phoneFeatures(read, checkpoint: checkpoint)[...] ?? []
        return zip(sentences, readings).map { sentence, readings in
            let segments = zip(sentence.segments, readings).map { segment, reading in
                (reading == nil ? nil : features.popFirst())
                    ?? Tensor(repeating: 0, [segment.phonemes.count, featureCount])
            }
            return Tensor.concatenatingRows(segments)
        }
    }

    /// Whether BERT reads a segment.
    private static func isRead(_ language: String, _ normalizedText: String) -> Bool {
        language == "zh" && !normalizedText.isEmpty
    }

    /// BERT's input for a segment; nil where its features are zeros.
    private func reading(_ segment: PhonemizedSegment) throws -> BERT.Reading? {
        guard Self.isRead(segment.language, segment.normalizedText), let wordToPhone = segment.wordToPhone,
            let ids = try encode(segment.normalizedText)
        else { return nil }
        return BERT.Reading(ids: ids, wordToPhone: wordToPhone)
    }

    /// BERT's tokens of a normalised Chinese text, one for each character and one at either end; nil without BERT.
    private func encode(_ text: String) throws -> [Int]? {
        guard let encoder else { return nil }
        let ids = encoder.tokenizer(text)
        let limit = encoder.bert.maximumTokens
        guard ids.count <= limit else {
            throw SynthesisError(
                .text,
                "a sentence of \(ids.count - 2) characters is longer than BERT's \(limit - 2); put "
                    + "punctuation into it, and use a text_split_method that cuts there, such as cut5")
        }
        let characters = text.unicodeScalars.count
        guard ids.count == characters + 2 else {
            throw SynthesisError(.text, "\(characters) characters became \(ids.count - 2) BERT tokens")
        }
        return ids
    }

    private func translatingErrors<T>(_ body: () throws -> T) throws -> T {
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
