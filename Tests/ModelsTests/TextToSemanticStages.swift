import Tensor
import TestSupport

@testable import Models

/// The comparisons of the text-to-semantic model with upstream's, stage by stage.
struct TextToSemanticStages {
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

    func noise(_ name: String) -> StreamNoise { StreamNoise("\(tag)/\(name)") }

    static let greedy = SamplingOptions(topK: 1)

    /// Options of a row of the recorded grid.
    func options(_ row: Int) throws -> SamplingOptions {
        let grid = try golden.floats("grid")
        return SamplingOptions(
            topK: Int(grid[row * 4]), topP: grid[row * 4 + 1], temperature: grid[row * 4 + 2],
            repetitionPenalty: grid[row * 4 + 3])
    }

    /// Every tap of the prompt's pass, and the logits of the first token.
    func prefill() throws -> Comparison {
        var comparison = Comparison(golden, "prefill.")
        let taps = Taps.recording()
        let cache = KeyValueCache(
            layers: 2, channels: model.channels, heads: model.heads, capacity: 64)
        let last = model.prefill(input(0), cache: cache, taps: taps)
        for (name, value) in taps.recorded { try comparison.check(name, value.values, Tolerances.hidden()) }
        try comparison.check("logits", model.prediction(last).values, Tolerances.hidden())
        comparison.close()
        return comparison
    }

    private func hidden(_ taps: Taps) -> [Float] {
        taps.recorded.filter { $0.name == "hidden" }.flatMap(\.value.values)
    }

    private func compare(
        _ comparison: inout Comparison, _ result: GeneratedTokens, _ taps: Taps
    ) throws {
        try comparison.check("tokens", result.tokens)
        try comparison.check("steps", [result.stepCount])
        try comparison.check("hidden", hidden(taps), Tolerances.hidden())
    }

    /// One sequence, as `infer_panel_naive` decodes it.
    func decode(
        _ input: Text2Semantic.Input, _ options: SamplingOptions, earlyStop: Int = -1,
        noise: any SamplingNoise, taps: Taps = .none, checkpoint: () throws -> Void = {}
    ) throws -> GeneratedTokens {
        var request = DecodeRequest(input, options, noise: noise)
        request.maxNewTokens = Text2Semantic.maxNewTokens(earlyStop: earlyStop)
        return try model.decode([request], taps: taps, checkpoint: checkpoint)[0]
    }

    func greedy() throws -> Comparison {
        var comparison = Comparison(golden, "greedy.")
        let taps = Taps.recording()
        let result = try decode(input(0), Self.greedy, noise: noise("greedy"), taps: taps)
        try compare(&comparison, result, taps)
        let logits = taps.recorded.filter { $0.name == "logits" }.map(\.value.values)
        let steps = [0, 1, 5, logits.count - 1].filter(logits.indices.contains)
        try comparison.check("logits", steps.flatMap { logits[$0] }, Tolerances.hidden())
        comparison.close()
        return comparison
    }

    func sampled(_ row: Int) throws -> Comparison {
        var comparison = Comparison(golden, "sampled_\(row).")
        let taps = Taps.recording()
        let result = try decode(input(0), try options(row), noise: noise("draw/\(row)"), taps: taps)
        try compare(&comparison, result, taps)
        comparison.close()
        return comparison
    }

    func stoppedEarly() throws -> Comparison {
        var comparison = Comparison(golden, "early.")
        let result = try decode(input(0), Self.greedy, earlyStop: 9, noise: noise("early"))
        try comparison.check("tokens", result.tokens)
        try comparison.check("steps", [result.stepCount])
        comparison.close()
        return comparison
    }

    func unprompted() throws -> Comparison {
        var comparison = Comparison(golden, "unprompted.")
        let taps = Taps.recording()
        let result = try decode(
            input(0, prompted: false), Self.greedy, noise: noise("unprompted"), taps: taps)
        try compare(&comparison, result, taps)
        comparison.close()
        return comparison
    }

    /// Three sequences of different lengths side by side.
    func batch(_ name: String, topK: Int = 1, earlyStop: Int = -1) throws -> Comparison {
        var comparison = Comparison(golden, name + ".")
        let results = try model.decode(
            DecodeRequest.batch(
                (0..<3).map { input($0) }, SamplingOptions(topK: topK), earlyStop: earlyStop,
                noise: noise(name)))
        for index in 0..<3 { try comparison.check("tokens_\(index)", results[index].tokens) }
        try comparison.check("steps", results.map(\.stepCount))
        comparison.close()
        return comparison
    }

    /// Chunks of a streamed sentence by a rule.
    func stream(_ name: String, _ rule: ChunkRule) throws -> Comparison {
        var comparison = Comparison(golden, name + ".")
        var ends: [Int] = []
        let request = DecodeRequest(input(0), SamplingOptions(topK: 15), noise: noise(name))
        try model.decode(request, rule: rule) { tokens, isLast in
            if let tokens { try comparison.check("chunk_\(ends.count)", tokens) }
            ends.append(isLast ? 1 : 0)
        }
        try comparison.check("last", ends)
        comparison.close()
        return comparison
    }
}

extension DecodeRequest {
    /// A batch as `infer_panel_batch_infer` decodes it, with noise that is drawn for all sequences together.
    static func batch(
        _ inputs: [Text2Semantic.Input], _ options: SamplingOptions, earlyStop: Int, noise: any SamplingNoise
    ) -> [DecodeRequest] {
        inputs.enumerated().map { sequence, input in
            var request = DecodeRequest(input, options, noise: noise)
            request.sequence = sequence
            request.maxNewTokens = Text2Semantic.maxNewTokens(earlyStop: earlyStop)
            request.truncation = .dropLastToken
            return request
        }
    }
}
