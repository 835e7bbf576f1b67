import Foundation
import Models
import Tensor
import Text

/// Everything a synthesis takes from the reference clips and the prompt.
struct Conditioning {
    /// What the text-to-semantic model reads before each sentence.
    struct Prompt {
        let phonemes: [Int]
        /// One BERT vector per phoneme, `[phonemes, C]`.
        let features: Tensor
        /// Semantic tokens of the reference clip.
        let tokens: [Int]
    }

    /// For the acoustic model: the mean over all clips, completed by the prompt.
    let acoustic: AcousticConditioning
    /// nil for a request without a prompt.
    let prompt: Prompt?

    /// Analyses the clips, unless their features are known, and phonemizes the prompt.
    ///
    /// - Throws: `SynthesisError` for a clip that cannot be used; `CancellationError`.
    init(_ plan: Plan, _ context: SynthesisContext) throws {
        let request = plan.request
        func features(_ path: String, needsPrompt: Bool) throws -> ReferenceFeatures {
            try context.checkpoint()
            return try context.references.features(
                path: path, models: context.models, base: context.base, needsPrompt: needsPrompt,
                isKept: request.keptReferences.contains(path))
        }
        let main = try features(request.referencePath, needsPrompt: true)
        let auxiliary = try request.auxiliaryReferencePaths.filter(FileManager.default.fileExists(atPath:))
            .map { try features($0, needsPrompt: false) }
        let model = context.models.acoustic.model
        let clips = model.average(([main] + auxiliary).map(\.conditioning))
        guard let sentence = plan.prompt, let tokens = main.promptTokens else {
            acoustic = model.conditioning(clips, prompt: nil)
            prompt = nil
            return
        }
        let phonemized = try PreparedSentence.phonemize(sentence, context)
        acoustic = model.conditioning(
            clips, prompt: AcousticPrompt(tokens: tokens, phonemes: phonemized.phonemes))
        prompt = Prompt(
            phonemes: phonemized.phonemes,
            features: try context.base.text.features([phonemized], checkpoint: context.checkpoint)[0],
            tokens: tokens)
    }
}
