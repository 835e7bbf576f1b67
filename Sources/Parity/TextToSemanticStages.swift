import Foundation
import Models
import Tensor
import TestSupport

/// Recorded sampling noise, in the order upstream drew it; ones when nothing was recorded (top_k = 1 needs none).
final class RecordedNoise: SamplingNoise {
    private let golden: Golden
    private let prefix: String
    private var next = 0

    init(_ golden: Golden, prefix: String = "expq_") {
        self.golden = golden
        self.prefix = prefix
    }

    /// What was recorded of this step: a row for each sequence that is still decoded, in the order of their numbers.
    private var recorded: [Float] = []
    private var last = (step: -1, sequence: -1)
    private var row = 0
    private var values: [Float] = []

    func begin(step: Int, sequence: Int, vocabulary: Int) {
        if step == last.step, sequence > last.sequence {
            row += 1
        } else {
            row = 0
            recorded = (try? golden.floats("\(prefix)\(next)")) ?? []
            next += 1
        }
        last = (step, sequence)
        let range = row * vocabulary..<(row + 1) * vocabulary
        values =
            recorded.count % vocabulary == 0 && range.upperBound <= recorded.count
            ? Array(recorded[range]) : [Float](repeating: 1, count: vocabulary)
    }

    func exponential(token: Int) -> Float { values[token] }
}

struct TextToSemanticStages {
    let model: Text2Semantic
    let version: String
    let goldens: GoldenSet
    let input: Text2Semantic.Input
    private let hidden: Tolerance

    init(model: Text2Semantic, version: String, goldens: GoldenSet) throws {
        self.model = model
        self.version = version
        self.goldens = goldens
        let prefill = try goldens.open("\(version)/gpt_prefill")
        input = Text2Semantic.Input(
            phones: try prefill.ints("phones"), bert: try prefill.timeMajor("bert"),
            prompt: try prefill.ints("prompt"))
        hidden = Tolerances.hidden(
            yardstick: goldens.yardsticks["\(version)/gpt_prefill last hidden: max|f32-f64|"] ?? 0)
    }

    private func noPromptInput() -> Text2Semantic.Input {
        Text2Semantic.Input(phones: input.phones, bert: input.bert, prompt: nil)
    }

    private static func sampling(topK: Int, topP: Float = 1, temperature: Float = 1) -> SamplingOptions {
        SamplingOptions(topK: topK, topP: topP, temperature: temperature, repetitionPenalty: 1.35)
    }

    func run(_ stage: Stage) throws {
        let golden = stage.golden
        switch stage.name.split(separator: "/").last.map(String.init) ?? "" {
        case "gpt_prefill":
            stage.uses("phones", "bert", "prompt")
            let taps = Taps.recording()
            _ = try model.decode(
                Self.batch([input], Self.sampling(topK: 1), earlyStop: 0, golden), taps: taps)
            for (name, value) in taps.recorded where name != "hidden" && name != "logits" {
                try stage.compare(name, value.values, hidden)
            }
            try stage.compare("logits", taps.recorded.first { $0.name == "logits" }?.value.values, hidden)
            try stage.compare("pe", model.positionTable(count: 600).values, hidden)
            try stage.compare("alpha_text", [model.positionWeights.text], Tolerances.tokens)
            try stage.compare("alpha_audio", [model.positionWeights.audio], Tolerances.tokens)
        case "gpt_greedy":
            try naive(stage, Self.sampling(topK: 1))
        case "gpt_sample_k15":
            try naive(stage, Self.sampling(topK: 15))
        case "gpt_sample_k20_p09_t08":
            try naive(stage, Self.sampling(topK: 20, topP: 0.9, temperature: 0.8))
        case "gpt_early_stop25":
            try naive(stage, Self.sampling(topK: 1), earlyStop: 25)
        case "gpt_no_prompt":
            let taps = Taps.recording()
            let result = try model.decode(
                [DecodeRequest(noPromptInput(), Self.sampling(topK: 1), noise: RecordedNoise(golden))],
                taps: taps)[0]
            try stage.compareInts("y", result.tokens)
            try stage.compareInts("idx", [result.stepCount])
            try stage.compare(
                "logits", taps.recorded.filter { $0.name == "logits" }.flatMap(\.value.values), hidden)
        case "gpt_batch1":
            let results = try model.decode(
                Self.batch([input], Self.sampling(topK: 1), earlyStop: -1, golden))
            try stage.compareInts("y0", results[0].tokens)
            try stage.compareInts("idx", [results[0].stepCount])
        case "gpt_batch2":
            stage.uses("x0", "x1", "b0", "b1", "prompt")
            let prompt = try golden.ints("prompt")
            let inputs = try (0...1).map {
                Text2Semantic.Input(
                    phones: try golden.ints("x\($0)"), bert: try golden.timeMajor("b\($0)"), prompt: prompt)
            }
            let taps = Taps.recording()
            let results = try model.decode(
                Self.batch(inputs, Self.sampling(topK: 1), earlyStop: -1, golden), taps: taps)
            for i in 0...1 { try stage.compareInts("y\(i)", results[i].tokens) }
            try stage.compareInts("idx", results.map(\.stepCount))
            let logits = taps.recorded.filter { $0.name == "logits" }.map(\.value.values)
            for i in 0...1 { try stage.compare("logits_step\(i)", logits[i], hidden) }
        case "gpt_stream_mute", "gpt_stream_fixed":
            try stream(stage)
        default:
            stage.fail(stage.name, "unknown stage")
        }
    }

    /// A batch as `infer_panel_batch_infer` decodes it.
    private static func batch(
        _ inputs: [Text2Semantic.Input], _ options: SamplingOptions, earlyStop: Int, _ golden: Golden
    ) -> [DecodeRequest] {
        let noise = RecordedNoise(golden)
        return inputs.enumerated().map { sequence, input in
            var request = DecodeRequest(input, options, noise: noise)
            request.sequence = sequence
            request.maxNewTokens = Text2Semantic.maxNewTokens(earlyStop: earlyStop)
            request.truncation = .dropLastToken
            return request
        }
    }

    private func naive(_ stage: Stage, _ options: SamplingOptions, earlyStop: Int = -1) throws {
        stage.usesPrefix("expq_")
        let taps = Taps.recording()
        var request = DecodeRequest(input, options, noise: RecordedNoise(stage.golden))
        request.maxNewTokens = Text2Semantic.maxNewTokens(earlyStop: earlyStop)
        let result = try model.decode([request], taps: taps)[0]
        let recorded = taps.recorded
        try stage.compareInts("y", result.tokens)
        try stage.compareInts("idx", [result.stepCount])
        try stage.compareInts("prefix_len", [input.prompt?.count ?? 0])
        for name in ["logits", "hidden"] {
            try stage.compare(name, recorded.filter { $0.name == name }.flatMap(\.value.values), hidden)
        }
    }

    private func stream(_ stage: Stage) throws {
        let silence = model.similarity(to: 486)
        try stage.compare("sim", silence, Tolerances.audio)
        let rule: ChunkRule =
            stage.name.hasSuffix("mute")
            ? .quiet(length: 16, silence: try stage.golden.floats("sim"), threshold: 0) : .fixed(length: 16)
        var chunks: [[Int]?] = []
        var finals: [Int] = []
        let request = DecodeRequest(input, Self.sampling(topK: 1), noise: RecordedNoise(stage.golden))
        try model.decode(request, rule: rule) { tokens, last in
            chunks.append(tokens)
            finals.append(last ? 1 : 0)
        }
        try stage.compareInts("n", [chunks.count])
        try stage.compareInts("final", finals)
        for (i, chunk) in chunks.enumerated() { try stage.compareInts("chunk_\(i)", chunk) }
    }
}
