public import Tensor

extension Text2Semantic {
    /// Scores of every token of a given continuation, one pass for all of them ("teacher forcing"): row i has the
    /// scores from which token i would be drawn after the tokens before it, `[continuation.count, V]`.
    public func scores(_ input: Input, continuation: [Int]) -> Tensor {
        precondition(!continuation.isEmpty, "Text2Semantic: no tokens to score")
        let prompt = (input.prompt ?? []) + continuation.dropLast()
        precondition(input.prompt != nil, "Text2Semantic: scoring begins behind a prompt")
        let length = input.phones.count + prompt.count
        let cache = KeyValueCache(
            layers: layers.count, channels: channels, heads: heads, capacity: length)
        let taps = Taps.recording()
        let last = prefill(
            Input(phones: input.phones, bert: input.bert, prompt: prompt), cache: cache, taps: taps)
        let hidden = taps.latest("h_\(layers.count - 1)") ?? last
        return logits(hidden.rows(length - continuation.count..<length))
    }
}
