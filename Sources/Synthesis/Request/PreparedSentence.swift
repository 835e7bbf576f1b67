import Models
import Tensor
import Text

/// A sentence as the models read it.
struct PreparedSentence {
    /// Its number in the text.
    let number: Int
    /// Its text, as the request has it.
    let text: String
    /// Ids in the voice's symbol table.
    let phonemes: [Int]
    /// One BERT vector per phoneme, `[phonemes.count, C]`; zeros where a language has none.
    let features: Tensor

    /// Prepares the sentences of a batch: phonemes, unless they are known, and features. Sentences without a sound are left
    /// out, as upstream does.
    static func prepare(_ batch: [Plan.Sentence], _ context: SynthesisContext) throws -> [PreparedSentence] {
        var spoken: [(sentence: Plan.Sentence, phonemized: PhonemizedSentence)] = []
        for sentence in batch where sentence.isSpoken {
            try context.checkpoint()
            let phonemized = try phonemize(sentence.normalized, known: sentence.phonemized, context)
            if !phonemized.phonemes.isEmpty { spoken.append((sentence, phonemized)) }
        }
        let features = try context.base.text.features(
            spoken.map(\.phonemized), checkpoint: context.checkpoint)
        return zip(spoken, features).map { pair, features in
            PreparedSentence(
                number: pair.sentence.number, text: pair.sentence.text,
                phonemes: pair.phonemized.phonemes, features: features)
        }
    }

    /// The phonemes of a sentence. Their ids must lie in the tables of both models: a front end of another version would
    /// give others.
    static func phonemize(
        _ sentence: NormalizedSentence, known: PhonemizedSentence? = nil, _ context: SynthesisContext
    ) throws -> PhonemizedSentence {
        let phonemized = try known ?? context.base.text.phonemize(sentence)
        let models = context.models
        let limit = min(models.textToSemantic.model.phoneCount, models.acoustic.model.phoneCount)
        if let wrong = phonemized.phonemes.first(where: { !(0..<limit).contains($0) }) {
            throw SynthesisError(
                .weights, "phone \(wrong) is outside the \(limit) phones of the loaded weights")
        }
        return phonemized
    }
}
