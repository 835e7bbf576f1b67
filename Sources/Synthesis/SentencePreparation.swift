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

/// Turns text into what the models read (upstream: `TextPreprocessor`).
public protocol SentencePreparing: Sendable {
    /// The pieces a text is spoken in.
    func pieces(_ text: String, language: String, cut: String) throws -> [String]
    /// One piece, ready for the models of a version.
    func prepare(_ piece: String, language: String, version: String) throws -> ModelSentence
}

/// The text front end with BERT behind it.
public struct SentencePreparer: SentencePreparing {
    private let frontEnd: TextFrontEnd
    private let bert: BERT
    private let tokenizer: CharacterTokenizer

    /// Combines the two.
    public init(frontEnd: TextFrontEnd, bert: BERT, tokenizer: CharacterTokenizer) {
        self.frontEnd = frontEnd
        self.bert = bert
        self.tokenizer = tokenizer
    }

    private func code(_ language: String) throws -> LanguageCode {
        guard let code = LanguageCode(rawValue: language) else {
            throw SynthesisError(.language, "\(language) is not a language code")
        }
        return code
    }

    /// See `SentencePreparing`.
    public func pieces(_ text: String, language: String, cut: String) throws -> [String] {
        try textErrors {
            try frontEnd.pieces(of: text, language: try code(language), cut: try CutMethod(name: cut))
        }
    }

    /// See `SentencePreparing`.
    public func prepare(_ piece: String, language: String, version: String) throws -> ModelSentence {
        let symbols = SymbolVersion(rawValue: version) ?? .v2
        let sentence = try textErrors {
            try frontEnd.prepare(piece, language: try code(language), version: symbols)
        }
        var features: [Tensor] = []
        for segment in sentence.segments {
            guard segment.language == "zh", let wordToPhone = segment.wordToPhone, !segment.norm.isEmpty
            else {
                features.append(Tensor(repeating: 0, [segment.phones.count, bert.featureCount]))
                continue
            }
            let ids = tokenizer(segment.norm)
            guard ids.count <= bert.maximumTokens else {
                throw SynthesisError(
                    .text,
                    "a sentence of \(ids.count - 2) characters is longer than BERT's \(bert.maximumTokens - 2); use a "
                        + "text_split_method that cuts it, such as cut5")
            }
            guard ids.count == wordToPhone.count + 2 else {
                throw SynthesisError(
                    .text, "\(wordToPhone.count) characters became \(ids.count - 2) BERT tokens")
            }
            features.append(bert.phoneFeatures(ids, wordToPhone: wordToPhone))
        }
        return ModelSentence(
            phones: sentence.phones, bert: Tensor.concatenatingRows(features), norm: sentence.norm)
    }

    private func textErrors<T>(_ body: () throws -> T) throws -> T {
        do { return try body() } catch let error as TextError {
            switch error {
            case .packMissing, .packDamaged, .packVersion: throw SynthesisError(.setup, "\(error)")
            case .languageNotBuilt, .segmentationNotBuilt: throw SynthesisError(.language, "\(error)")
            case .unknownCut: throw SynthesisError(.parameter, "\(error)")
            default: throw SynthesisError(.text, "\(error)")
            }
        }
    }
}
