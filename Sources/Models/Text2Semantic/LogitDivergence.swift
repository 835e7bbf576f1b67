import Foundation
package import Tensor

/// How far the logits of two models for the same tokens diverge.
package struct LogitDivergence: Sendable {
    /// Sentences and tokens so far.
    package private(set) var sentences = 0, steps = 0
    /// Largest |Δ log p| of a spoken token.
    package private(set) var largestDifference = 0.0
    private var same = 0
    private var differences = 0.0, divergences = 0.0

    /// A comparison of no sentences.
    package init() {}

    /// Share of steps with the same best token.
    package var agreement: Double { Double(same) / Double(max(steps, 1)) }
    /// Mean |Δ log p| of the spoken tokens.
    package var meanDifference: Double { differences / Double(max(steps, 1)) }
    /// Mean Kullback–Leibler divergence Σ p · (log p − log q) per step, in nats.
    package var meanDivergence: Double { divergences / Double(max(steps, 1)) }

    /// Adds a sentence: both models' logits `[T, V]`, and the T tokens that were spoken.
    package mutating func add(_ first: Tensor, _ second: Tensor, tokens: [Int]) {
        let (T, V) = first.dims2("LogitDivergence")
        precondition(
            second.shape == [T, V] && tokens.count == T,
            "LogitDivergence: [\(T), \(V)] against \(second.shape) for \(tokens.count) tokens")
        let (x, y) = (first.values, second.values)
        for (row, token) in tokens.enumerated() {
            let place = row * V..<(row + 1) * V
            let (p, q) = (Self.logProbabilities(x[place]), Self.logProbabilities(y[place]))
            if indexOfMaximum(Array(x[place])) == indexOfMaximum(Array(y[place])) { same += 1 }
            let difference = abs(p[token] - q[token])
            differences += difference
            largestDifference = max(largestDifference, difference)
            for i in 0..<V { divergences += exp(p[i]) * (p[i] - q[i]) }
        }
        steps += T
        sentences += 1
    }

    /// Log-probabilities from one step's logits.
    private static func logProbabilities(_ logits: ArraySlice<Float>) -> [Double] {
        let top = Double(logits.max() ?? 0)
        let total = log(logits.reduce(0) { $0 + exp(Double($1) - top) })
        return logits.map { Double($0) - top - total }
    }
}
