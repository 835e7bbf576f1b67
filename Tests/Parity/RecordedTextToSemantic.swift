import Models
import ParityStages
import Tensor
import TestSupport

extension OrderedNoise {
    /// The draws that a golden has as `expq_0`, `expq_1`, …; ones where it has none (top-k of 1 needs no noise).
    convenience init(_ golden: Golden) {
        self.init { draw, count in
            guard let values = try? golden.floats("expq_\(draw)"), values.count >= count else {
                return [Float](repeating: 1, count: count)
            }
            return values
        }
    }
}

/// The text-to-semantic model on recorded phones, features, prompts and noise.
struct RecordedTextToSemantic {
    let model: Text2Semantic
    private let input: Text2Semantic.Input
    private let limit: Tolerance

    /// - Parameter version: whose `gpt_prefill` has the input of all stages.
    init(model: Text2Semantic, version: String, goldens: GoldenSet) throws {
        self.model = model
        let prefill = try goldens.open("\(version)/gpt_prefill")
        input = Text2Semantic.Input(
            phones: try prefill.integers("phones"), bert: try prefill.timeMajor("bert"),
            prompt: try prefill.integers("prompt"))
        limit = Tolerances.hidden(
            float32Error: goldens.float32Errors["\(version)/gpt_prefill last hidden: max|f32-f64|"] ?? 0)
    }

    private static func options(topK: Int, topP: Float = 1, temperature: Float = 1) -> SamplingOptions {
        SamplingOptions(topK: topK, topP: topP, temperature: temperature, repetitionPenalty: 1.35)
    }

    /// - Parameter kind: the name of the stage without its version.
    func run(_ kind: String, _ comparison: inout Comparison) throws {
        let golden = comparison.golden
        comparison.arrayName = Self.arrayName
        let greedy = Self.options(topK: 1)
        switch kind {
        case "gpt_prefill": try prefill(&comparison)
        case "gpt_greedy": try sequence(greedy, &comparison)
        case "gpt_sample_k15": try sequence(Self.options(topK: 15), &comparison)
        case "gpt_sample_k20_p09_t08":
            try sequence(Self.options(topK: 20, topP: 0.9, temperature: 0.8), &comparison)
        case "gpt_early_stop25": try sequence(greedy, earlyStop: 25, &comparison)
        case "gpt_no_prompt":
            let unprompted = Text2Semantic.Input(phones: input.phones, bert: input.bert, prompt: nil)
            try TextToSemanticStages.sequence(
                model, unprompted, .init(greedy, noise: OrderedNoise(golden)), limit: limit, &comparison)
        case "gpt_batch1": try batch([input], &comparison)
        case "gpt_batch2":
            comparison.uses("x0", "x1", "b0", "b1", "prompt")
            let prompt = try golden.integers("prompt")
            let inputs = try (0...1).map {
                Text2Semantic.Input(
                    phones: try golden.integers("x\($0)"), bert: try golden.timeMajor("b\($0)"),
                    prompt: prompt)
            }
            try batch(inputs, &comparison)
        case "gpt_stream_mute", "gpt_stream_fixed":
            try stream(isFixed: kind.hasSuffix("fixed"), &comparison)
        default:
            comparison.fail(kind, "unknown stage")
        }
    }

    /// From the names of `TextToSemanticStages` to those of the goldens.
    private static func arrayName(_ name: String) -> String {
        switch name {
        case "tokens": "y"
        case "steps": "idx"
        case "prefix": "prefix_len"
        case "count": "n"
        case "last": "final"
        default:
            name.replacing("tokens_", with: "y").replacing("logits_", with: "logits_step")
        }
    }

    private func prefill(_ comparison: inout Comparison) throws {
        comparison.uses("phones", "bert", "prompt")
        try TextToSemanticStages.prefill(
            model, input, noise: OrderedNoise(comparison.golden), limit: limit, &comparison)
        try comparison.check("pe", model.positionTable(count: 600).values, limit)
        try comparison.check("alpha_text", [model.positionWeights.text], Tolerances.tokens)
        try comparison.check("alpha_audio", [model.positionWeights.audio], Tolerances.tokens)
    }

    private func sequence(
        _ options: SamplingOptions, earlyStop: Int = -1, _ comparison: inout Comparison
    ) throws {
        comparison.uses(prefix: "expq_")
        try TextToSemanticStages.sequence(
            model, input, .init(options, earlyStop: earlyStop, noise: OrderedNoise(comparison.golden)),
            limit: limit, &comparison)
    }

    private func batch(_ inputs: [Text2Semantic.Input], _ comparison: inout Comparison) throws {
        try TextToSemanticStages.batch(
            model, inputs, .init(Self.options(topK: 1), noise: OrderedNoise(comparison.golden)), limit: limit,
            &comparison)
    }

    private func stream(isFixed: Bool, _ comparison: inout Comparison) throws {
        try comparison.check("sim", model.similarity(to: 486), Tolerances.audio)
        let rule: ChunkRule =
            isFixed
            ? .fixed(length: 16)
            : .quiet(length: 16, silence: try comparison.golden.floats("sim"), threshold: 0)
        try TextToSemanticStages.stream(
            model, input, .init(Self.options(topK: 1), noise: OrderedNoise(comparison.golden)), rule: rule,
            &comparison)
    }
}
