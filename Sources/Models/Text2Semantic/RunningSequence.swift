import Tensor

/// One sequence while it grows.
struct RunningSequence {
    let index: Int
    var tokens: [Int]
    let prefixCount: Int
    var sampler: TokenSampler
    let cache: KeyValueCache
    var hidden: Tensor

    /// Tokens drawn so far: also the number of the next step.
    var generatedCount: Int { tokens.count - prefixCount }

    /// Draws the next token from a row of scores `[B, V]`. Returns whether it is, or the best score asks for, the end.
    mutating func draw(
        from scores: Tensor, row: Int, vocabulary V: Int, end: Int, noise: (Int) -> Float
    ) -> Bool {
        let width = scores.shape[1]
        var s = scores.withElements { Array($0[row * width..<row * width + V]) }
        sampler.penalize(&s)
        let p = sampler.probabilities(s)
        let token = TokenSampler.draw(p, noise: noise)
        tokens.append(token)
        sampler.remember(token)
        return token == end || indexOfMaximum(s) == end
    }
}
