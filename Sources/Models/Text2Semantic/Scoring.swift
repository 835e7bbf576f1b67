public import Tensor

extension Text2Semantic {
    /// Scores of every token of a given continuation ("teacher forcing"), step by step as speech is made: row i has the
    /// scores from which token i would be drawn after the tokens before it, `[continuation.count, V]`.
    public func scores(_ input: Input, continuation: [Int]) -> Tensor {
        precondition(!continuation.isEmpty, "Text2Semantic: no tokens to score")
        var running = [begin(input, index: 0, SamplingOptions())]
        let stack = CachedTransformer(layers: layers, heads: heads, epsilon: Self.epsilon, maximumRows: 1)
        var hidden = [running[0].hidden]
        for token in continuation.dropLast() {
            running[0].tokens.append(token)
            advance(&running, stack: stack)
            hidden.append(running[0].hidden)
        }
        return logits(Tensor.concatenatingRows(hidden))
    }
}
