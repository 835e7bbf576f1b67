package import Models
import Tensor
package import TestSupport

/// The text-to-semantic model, compared with upstream's `Text2SemanticDecoder`.
package enum TextToSemanticStages {
    /// How a sequence is decoded.
    package struct Decoding {
        /// How tokens are drawn.
        package let options: SamplingOptions
        /// Tokens after which a sequence is cut; −1 for never.
        package let earlyStop: Int
        /// Noise of the draws; used once.
        package let noise: any SamplingNoise

        /// By default without an early stop.
        package init(_ options: SamplingOptions, earlyStop: Int = -1, noise: any SamplingNoise) {
            (self.options, self.earlyStop, self.noise) = (options, earlyStop, noise)
        }

        /// One sequence, as `infer_panel_naive` decodes it.
        package func request(_ input: Text2Semantic.Input) -> DecodeRequest {
            var request = DecodeRequest(input, options, noise: noise)
            request.maxNewTokens = Text2Semantic.maxNewTokens(earlyStop: earlyStop)
            return request
        }

        /// Sequences that are decoded together, as `infer_panel_batch_infer` decodes them.
        package func batch(_ inputs: [Text2Semantic.Input]) -> [DecodeRequest] {
            inputs.enumerated().map { number, input in
                var request = request(input)
                request.sequence = number
                request.truncation = .dropLastToken
                return request
            }
        }
    }

    /// The prompt's pass: every recorded activation, and the first `logits`.
    package static func prefill(
        _ model: Text2Semantic, _ input: Text2Semantic.Input, noise: any SamplingNoise, limit: Tolerance,
        _ comparison: inout Comparison
    ) throws {
        let trace = ActivationTrace.recording()
        // Cut after its first token.
        _ = try model.decode(
            [Decoding(SamplingOptions(topK: 1), earlyStop: 0, noise: noise).request(input)], trace: trace)
        for (name, value) in trace.recorded where name != "hidden" && name != "logits" {
            try comparison.check(name, value, limit)
        }
        try comparison.check("logits", trace.recorded.first { $0.name == "logits" }?.value, limit)
    }

    /// One sequence: `tokens` (prompt and generated), the number of `steps`, how many tokens of the
    /// prompt they begin with (`prefix`), and of the steps
    /// in `kept` the `hidden` states and `logits`.
    ///
    /// - Parameter kept: from the number of steps to those whose logits the golden has.
    package static func sequence(
        _ model: Text2Semantic, _ input: Text2Semantic.Input, _ decoding: Decoding, limit: Tolerance,
        logitsOf kept: (Int) -> [Int] = { Array(0..<$0) }, _ comparison: inout Comparison
    ) throws {
        let trace = ActivationTrace.recording()
        let result = try model.decode([decoding.request(input)], trace: trace)[0]
        try comparison.check("tokens", result.tokens)
        try comparison.check("steps", [result.stepCount])
        let prompt = input.prompt ?? []
        try comparison.check("prefix", [zip(result.tokens, prompt).prefix { $0 == $1 }.count])
        func steps(_ name: String) -> [[Float]] {
            trace.recorded.filter { $0.name == name }.map(\.value.values)
        }
        try comparison.check("hidden", steps("hidden").flatMap { $0 }, limit)
        let logits = steps("logits")
        try comparison.check("logits", kept(logits.count).flatMap { logits[$0] }, limit)
    }

    /// Sequences of different lengths that are decoded together: `tokens_<i>`, the `steps` of all, and the logits of each
    /// step, `logits_<step>`.
    package static func batch(
        _ model: Text2Semantic, _ inputs: [Text2Semantic.Input], _ decoding: Decoding, limit: Tolerance,
        _ comparison: inout Comparison
    ) throws {
        let trace = ActivationTrace.recording()
        let results = try model.decode(decoding.batch(inputs), trace: trace)
        for (index, result) in results.enumerated() {
            try comparison.check("tokens_\(index)", result.tokens)
        }
        try comparison.check("steps", results.map(\.stepCount))
        let logits = trace.recorded.filter { $0.name == "logits" }
        for (step, value) in logits.enumerated() {
            try comparison.check("logits_\(step)", value.value, limit)
        }
    }

    /// The chunks of a streamed sequence: `chunk_<i>`, whether each is the `last`, and their `count`.
    package static func stream(
        _ model: Text2Semantic, _ input: Text2Semantic.Input, _ decoding: Decoding, rule: ChunkRule,
        _ comparison: inout Comparison
    ) throws {
        var ends: [Int] = []
        try model.decode(decoding.request(input), rule: rule) { tokens, isLast in
            if let tokens { try comparison.check("chunk_\(ends.count)", tokens) }
            ends.append(isLast ? 1 : 0)
        }
        try comparison.check("last", ends)
        try comparison.check("count", [ends.count])
    }
}
