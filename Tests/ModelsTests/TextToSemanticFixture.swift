import ParityStages
import Tensor
import TestSupport

@testable import Models

/// The text-to-semantic model with synthetic weights, compared with recorded results of upstream's module.
struct TextToSemanticFixture {
    let model: Text2Semantic
    let version: String
    let golden: Golden

    init(_ version: String, damage: WeightDamage? = nil) throws {
        self.version = version
        golden = try Golden(models: "gpt-" + version)
        model = try SyntheticNetwork.textToSemantic(version).loaded(damage: damage) {
            try Text2Semantic(path: $0)
        }
    }

    private var tag: String { "gpt-" + version }
    static let lengths = [24, 17, 31]

    func phones(_ index: Int) -> [Int] {
        SyntheticNumbers.integers("\(tag)/phones/\(index)", Self.lengths[index], below: model.phoneCount)
    }

    var prompt: [Int] { SyntheticNumbers.integers(tag + "/prompt", 20, below: 1024) }

    func input(_ index: Int, prompted: Bool = true) -> Text2Semantic.Input {
        let count = Self.lengths[index]
        let bert = SyntheticNumbers.uniform("\(tag)/bert/\(index)", count * SyntheticNetwork.width).map {
            $0 * 1.5
        }
        return Text2Semantic.Input(
            phones: phones(index), bert: Tensor(bert, [count, SyntheticNetwork.width]),
            prompt: prompted ? prompt : nil)
    }

    func noise(_ name: String) -> OrderedNoise { OrderedNoise(stream: "\(tag)/\(name)") }

    static let greedy = SamplingOptions(topK: 1)

    /// One sequence, as `infer_panel_naive` decodes it.
    func decode(
        _ input: Text2Semantic.Input, _ options: SamplingOptions, earlyStop: Int = -1,
        noise: any SamplingNoise, trace: ActivationTrace = .none, checkpoint: () throws -> Void = {}
    ) throws -> GeneratedTokens {
        let decoding = TextToSemanticStages.Decoding(options, earlyStop: earlyStop, noise: noise)
        return try model.decode([decoding.request(input)], trace: trace, checkpoint: checkpoint)[0]
    }

    private let limit = Tolerances.hidden()

    /// Options of a row of the recorded grid.
    func options(_ row: Int) throws -> SamplingOptions { try SamplingStage.options(golden, row: row) }

    /// Every activation of the prompt's pass, and the logits of the first token.
    func prefill() throws -> Comparison {
        var comparison = Comparison(golden, "prefill.")
        try TextToSemanticStages.prefill(
            model, input(0), noise: noise("prefill"), limit: limit, &comparison)
        comparison.close()
        return comparison
    }

    private func sequence(
        _ name: String, _ input: Text2Semantic.Input, _ options: SamplingOptions, earlyStop: Int = -1,
        noise stream: String? = nil
    ) throws -> Comparison {
        var comparison = Comparison(golden, name + ".", isPartial: true)
        try TextToSemanticStages.sequence(
            model, input, .init(options, earlyStop: earlyStop, noise: noise(stream ?? name)), limit: limit,
            logitsOf: { count in [0, 1, 5, count - 1].filter((0..<count).contains) }, &comparison)
        comparison.close()
        return comparison
    }

    func greedy() throws -> Comparison { try sequence("greedy", input(0), Self.greedy) }

    func sampled(_ row: Int) throws -> Comparison {
        try sequence("sampled_\(row)", input(0), try options(row), noise: "draw/\(row)")
    }

    func stoppedEarly() throws -> Comparison { try sequence("early", input(0), Self.greedy, earlyStop: 9) }

    func unprompted() throws -> Comparison {
        try sequence("unprompted", input(0, prompted: false), Self.greedy)
    }

    /// Three sequences of different lengths that are decoded together.
    func batch(_ name: String, topK: Int = 1, earlyStop: Int = -1) throws -> Comparison {
        var comparison = Comparison(golden, name + ".", isPartial: true)
        try TextToSemanticStages.batch(
            model, (0..<3).map { input($0) },
            .init(SamplingOptions(topK: topK), earlyStop: earlyStop, noise: noise(name)), limit: limit,
            &comparison)
        comparison.close()
        return comparison
    }

    /// Chunks of a streamed sentence by a rule.
    func stream(_ name: String, _ rule: ChunkRule) throws -> Comparison {
        var comparison = Comparison(golden, name + ".", isPartial: true)
        try TextToSemanticStages.stream(
            model, input(0), .init(SamplingOptions(topK: 15), noise: noise(name)), rule: rule, &comparison)
        comparison.close()
        return comparison
    }
}

extension DecodeRequest {
    /// Sequences that are decoded together, with noise that is drawn for all of them at once.
    static func batch(
        _ inputs: [Text2Semantic.Input], _ options: SamplingOptions, earlyStop: Int, noise: any SamplingNoise
    ) -> [DecodeRequest] {
        TextToSemanticStages.Decoding(options, earlyStop: earlyStop, noise: noise).batch(inputs)
    }
}
