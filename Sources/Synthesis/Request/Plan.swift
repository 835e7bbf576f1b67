import Foundation
import Models
import Text

/// A request after validation: its text cut into sentences, each normalised and known to be pronounceable, and these in
/// batches. What can fail for reasons of the request, the reference clips excepted, has failed before a plan exists.
///
/// Networks run over a batch's sentences when its turn comes. Only the order of batches by length needs the phonemes of all
/// sentences first, and nothing is audible then before the last batch: such a plan has them already.
struct Plan: Sendable {
    /// A sentence of the request.
    struct Sentence: Sendable {
        /// Its number in the text, by which noise is addressed.
        let number: Int
        /// Its text, as the request has it.
        let text: String
        let normalized: NormalizedSentence
        /// Known where batches are made by length.
        var phonemized: PhonemizedSentence?
    }

    let request: SynthesisRequest
    /// What the reference clip says; nil for a request without a prompt.
    let prompt: NormalizedSentence?
    /// Sentences that are decoded together.
    let batches: [[Sentence]]
    /// The sentences' numbers, batch by batch, where batches are not in the order of the text.
    let order: [[Int]]?

    /// - Throws: `SynthesisError`; `CancellationError`.
    init(_ request: SynthesisRequest, _ context: SynthesisContext) throws {
        try PlanValidation(request: request, models: context.models, base: context.base).check()
        var request = request
        if request.textRules == .careful { request.repairTexts() }
        // Upstream returns fragments where a version cannot synthesize parts of a sentence.
        if case .chunks = request.delivery, !context.models.acoustic.model.supportsChunks {
            request.delivery = .fragments
        }
        self.request = request
        prompt = try Self.prompt(request, context)
        let sentences = try Self.sentences(request, context)
        guard sentences.contains(where: \.isSpoken) else { throw Self.nothingToSpeak }
        guard request.delivery == .whole else {
            // Chunks are cut from the tokens of one sentence while it is decoded: such a batch holds one sentence.
            let size = request.delivery == .fragments ? request.batchSize : 1
            batches = Batching.batches(
                lengths: sentences.map { _ in 1 }, size: size, threshold: 0, buckets: false
            ).map { rows in rows.map { sentences[$0] } }
            order = nil
            return
        }
        // Upstream drops what has no sound before it makes batches here, and afterwards in the other modes.
        let spoken = try Self.phonemized(sentences.filter(\.isSpoken), context)
        guard !spoken.isEmpty else { throw Self.nothingToSpeak }
        // Upstream does not sort by length when the speed is changed.
        let buckets =
            request.splitBucket && request.speedFactor == 1
            && context.models.acoustic.model.allowsBuckets(isParallel: request.parallelInference)
        let rows = Batching.batches(
            lengths: spoken.map { $0.phonemized?.normalizedText.unicodeScalars.count ?? 0 },
            size: request.batchSize, threshold: request.batchThreshold, buckets: buckets)
        batches = rows.map { $0.map { spoken[$0] } }
        order = buckets ? rows : nil
    }

    private static let nothingToSpeak = SynthesisError(
        .text, "the text has nothing to speak: no character of it has a sound")

    private static func sentences(_ request: SynthesisRequest, _ context: SynthesisContext) throws
        -> [Sentence]
    {
        let text = context.base.text
        let language = request.textLanguage
        return try text.sentences(request.text, language: language, cut: request.splitMethod).enumerated().map
        {
            number, sentence in
            try context.checkpoint()
            return Sentence(
                number: number, text: sentence,
                normalized: try text.normalize(
                    sentence, language: language, version: context.models.version))
        }
    }

    /// Sentences with their phonemes, renumbered, without those that turn out to have none.
    private static func phonemized(_ sentences: [Sentence], _ context: SynthesisContext) throws -> [Sentence]
    {
        var spoken: [Sentence] = []
        for sentence in sentences {
            try context.checkpoint()
            let phonemized = try context.base.text.phonemize(sentence.normalized)
            guard !phonemized.phonemes.isEmpty, !phonemized.normalizedText.isEmpty else { continue }
            spoken.append(
                Sentence(
                    number: spoken.count, text: sentence.text, normalized: sentence.normalized,
                    phonemized: phonemized))
        }
        return spoken
    }

    /// Characters that end a sentence (upstream's `splits`).
    private static let sentenceEnds = Set("，。？！,.?!~:：—…".unicodeScalars)

    private static func prompt(_ request: SynthesisRequest, _ context: SynthesisContext) throws
        -> NormalizedSentence?
    {
        guard !request.promptText.isEmpty else { return nil }
        var scalars = request.promptText.unicodeScalars[...]
        while scalars.first == "\n" { scalars.removeFirst() }
        while scalars.last == "\n" { scalars.removeLast() }
        guard let last = scalars.last else {
            throw SynthesisError(
                .text, "prompt_text holds only line breaks; leave it out to speak without a prompt")
        }
        var text = String(String.UnicodeScalarView(scalars))
        if !sentenceEnds.contains(last) { text += request.promptLanguage == "en" ? "." : "。" }
        return try context.base.text.normalize(
            text, language: request.promptLanguage, version: context.models.version)
    }
}

extension Plan.Sentence {
    /// Whether the sentence has a sound.
    var isSpoken: Bool { normalized.minimumPhonemeCount > 0 }
}

extension SynthesisRequest {
    /// Both texts as the front end reads them right, in the languages that it then splits them by.
    fileprivate mutating func repairTexts() {
        (text, textLanguage) = Self.repaired(text, textLanguage)
        (promptText, promptLanguage) = Self.repaired(promptText, promptLanguage)
    }

    private static func repaired(_ text: String, _ language: String) -> (text: String, language: String) {
        guard let code = LanguageCode(rawValue: language), !text.isEmpty else { return (text, language) }
        let repaired = TextRepair(language: code)(text)
        return (repaired, TextRepair.language(code, of: repaired).rawValue)
    }
}
