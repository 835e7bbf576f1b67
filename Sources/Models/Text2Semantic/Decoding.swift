package import Tensor

extension Text2Semantic {
    /// Reads the prompt of a sequence: its keys and values, and the state from which the first token is drawn.
    package func prefill(_ request: DecodeRequest, trace: ActivationTrace = .none) -> DecodeSequence {
        let input = request.input
        let cache = KeyValueCache(
            layers: layers.count, channels: channels, heads: heads,
            capacity: input.phones.count + (input.prompt?.count ?? 0) + Self.reservedSteps,
            precision: cachePrecision)
        let prefilled = prefill(input, cache: cache, trace: trace)
        return DecodeSequence(request, vocabulary: tokenCount, cache: cache, prefilled: prefilled)
    }

    /// Steps that a cache holds without growing: about ten seconds of speech.
    private static let reservedSteps = 256

    /// Decodes requests side by side on the calling thread.
    ///
    /// Upstream pads its batch on the left and masks the padding, so that each sequence sees what it would see alone; here
    /// sequences have no padding.
    ///
    /// - Parameters:
    ///   - trace: record the first request's prefill, and every step.
    ///   - checkpoint: called before every prefill and every step; throws to stop.
    ///   - onStep: called after every step with all sequences, finished ones included.
    /// - Returns: the results, in the order of the requests.
    package func decode(
        _ requests: [DecodeRequest], trace: ActivationTrace = .none, checkpoint: () throws -> Void = {},
        onStep: ([DecodeSequence]) throws -> Void = { _ in }
    ) throws -> [GeneratedTokens] {
        let batch = DecodeBatch(model: self, maximumRows: max(requests.count, 1))
        var sequences: [DecodeSequence] = []
        for request in requests {
            try checkpoint()
            sequences.append(prefill(request, trace: sequences.isEmpty ? trace : .none))
        }
        for sequence in sequences { batch.join(sequence) }
        while batch.count > 0 {
            try checkpoint()
            batch.step(trace: trace)
            try onStep(sequences)
        }
        return sequences.compactMap(\.result)
    }

    /// Logits of every token of a given continuation ("teacher forcing"), computed step by step as in decoding: row i has
    /// those from which token i would be drawn after the tokens before it, `[continuation.count, V]`.
    package func logits(_ input: Input, continuation: [Int]) throws -> Tensor {
        precondition(!continuation.isEmpty, "Text2Semantic: no tokens to compute logits for")
        var request = DecodeRequest(input, SamplingOptions(), noise: UnitNoise())
        request.forcedTokens = continuation
        let batch = DecodeBatch(model: self, maximumRows: 1)
        batch.join(prefill(request))
        let trace = ActivationTrace.recording()
        while batch.count > 0 { batch.step(trace: trace) }
        return Tensor.concatenatingRows(trace.recorded.filter { $0.name == "logits" }.map(\.value))
    }
}

/// The noise of sequences that draw nothing.
private final class UnitNoise: SamplingNoise {
    func begin(step: Int, sequence: Int, vocabulary: Int) {}
    func exponential(token: Int) -> Float { 1 }
}
