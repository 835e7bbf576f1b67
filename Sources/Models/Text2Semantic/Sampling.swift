import Foundation
import Tensor

/// How the next token is drawn from the logits.
package struct SamplingOptions: Sendable, Equatable {
    /// Candidates kept (at least 1), probability mass kept, temperature, penalty of tokens that occurred before.
    package var topK: Int, topP: Float, temperature: Float, repetitionPenalty: Float

    /// Upstream's defaults for what is not given.
    package init(topK: Int = 15, topP: Float = 1, temperature: Float = 1, repetitionPenalty: Float = 1.35) {
        self.topK = topK
        self.topP = topP
        self.temperature = temperature
        self.repetitionPenalty = repetitionPenalty
    }
}

/// Upstream's sampling, step by step (PyTorch: `AR.models.utils.sample`).
///
/// 1. The logit of every token that occurred is divided by the penalty (multiplied when negative), once.
/// 2. With top_p < 1, tokens are dropped whose cumulative probability, in descending order, exceeds top_p; the first
///    always stays. The token that crosses the limit is dropped too, unlike in most implementations.
/// 3. Logits are divided by the temperature.
/// 4. Tokens below the k-th logit are dropped; ties with it stay.
/// 5. argmax of probability / noise, where noise is exponentially distributed: a draw from the distribution.
package struct TokenSampler: Sendable {
    /// The options in force.
    package let options: SamplingOptions
    private var seen: [Bool]

    /// A sampler for a vocabulary, with the tokens that precede the first draw.
    package init(_ options: SamplingOptions, vocabulary: Int, previous: [Int]) {
        self.options = options
        seen = [Bool](repeating: false, count: vocabulary)
        for token in previous where seen.indices.contains(token) { seen[token] = true }
    }

    /// Draws a token from the logits in `buffers`. Returns it and the token with the largest penalised logit.
    mutating func sample(_ buffers: inout SamplingBuffers, noise: any SamplingNoise) -> (
        token: Int, likeliest: Int
    ) {
        penalize(&buffers)
        let likeliest = indexOfMaximum(buffers.logits, count: buffers.count)
        computeProbabilities(&buffers)
        let token = Self.draw(buffers) { noise.exponential(token: $0) }
        seen[token] = true
        return (token, likeliest)
    }

    /// Applies the penalty to the logits in place (upstream's later steps see the penalised logits as well).
    package func penalize(_ buffers: inout SamplingBuffers) {
        let penalty = options.repetitionPenalty
        guard penalty != 1 else { return }
        for i in 0..<buffers.count where seen[i] {
            let logit = buffers.logits[i]
            buffers.logits[i] = logit < 0 ? logit * penalty : logit / penalty
        }
    }

    /// Probabilities from penalised logits.
    package func computeProbabilities(_ buffers: inout SamplingBuffers) {
        let V = buffers.count
        for i in 0..<V { buffers.probabilities[i] = buffers.logits[i] }
        if options.topP < 1 { buffers.dropImprobable(topP: options.topP) }
        let temperature = max(options.temperature, 1e-5)
        if temperature != 1 { for i in 0..<V { buffers.probabilities[i] /= temperature } }
        let pivot = buffers.largest(min(max(options.topK, 1), V))
        for i in 0..<V where buffers.probabilities[i] < pivot { buffers.probabilities[i] = -.infinity }
        softmax(&buffers.probabilities, count: V)
    }

    /// The token with the largest probability / noise.
    package static func draw(_ buffers: SamplingBuffers, noise: (Int) -> Float) -> Int {
        var best = 0
        var bestValue = -Float.infinity
        for i in 0..<buffers.count where buffers.probabilities[i] > 0 {
            let value = buffers.probabilities[i] / noise(i)
            if value > bestValue { (best, bestValue) = (i, value) }
        }
        return best
    }
}

/// x ← softmax(x) over the first `count` elements.
func softmax(_ x: inout [Float], count: Int) {
    let top = x[..<count].max() ?? 0
    var total: Float = 0
    for i in 0..<count {
        x[i] = x[i] == -.infinity ? 0 : exp(x[i] - top)
        total += x[i]
    }
    for i in 0..<count { x[i] /= total }
}

/// The first index of the largest of the first `count` values.
func indexOfMaximum(_ values: [Float], count: Int) -> Int {
    var best = 0
    for i in 0..<count where values[i] > values[best] { best = i }
    return best
}

/// The first index of the largest value.
func indexOfMaximum(_ values: [Float]) -> Int { indexOfMaximum(values, count: values.count) }
