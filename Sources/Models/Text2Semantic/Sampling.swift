import Foundation

/// How the next token is drawn from the scores.
public struct SamplingOptions: Sendable, Equatable {
    /// Candidates kept (at least 1), probability mass kept, temperature, penalty of tokens that occurred before.
    public var topK: Int, topP: Float, temperature: Float, repetitionPenalty: Float

    /// Upstream's defaults, unless told otherwise.
    public init(topK: Int = 15, topP: Float = 1, temperature: Float = 1, repetitionPenalty: Float = 1.35) {
        self.topK = topK
        self.topP = topP
        self.temperature = temperature
        self.repetitionPenalty = repetitionPenalty
    }
}

/// Upstream's sampling, step by step (PyTorch: `AR.models.utils.sample`).
///
/// 1. The score of every token that occurred is divided by the penalty (multiplied when negative), once.
/// 2. With top_p < 1, tokens are dropped whose cumulative probability, in falling order, exceeds top_p; the first
///    always stays. The token that crosses the limit is dropped too, unlike in most implementations.
/// 3. Scores are divided by the temperature.
/// 4. Tokens below the k-th score are dropped; ties with it stay.
/// 5. argmax of probability / noise, where noise is exponentially distributed: a draw from the distribution.
public struct TokenSampler: Sendable {
    /// The options in force.
    public let options: SamplingOptions
    private var seen: [Bool]
    private var order: [Int32] = []
    private var kept: [Float] = []

    /// A sampler for a vocabulary, aware of the tokens that precede the first draw.
    public init(_ options: SamplingOptions, vocabulary: Int, previous: [Int]) {
        self.options = options
        seen = [Bool](repeating: false, count: vocabulary)
        for token in previous where seen.indices.contains(token) { seen[token] = true }
    }

    /// Applies the penalty to `scores` in place (upstream's later tests see the penalised scores as well).
    public func penalize(_ scores: inout [Float]) {
        guard options.repetitionPenalty != 1 else { return }
        for i in scores.indices where seen[i] {
            scores[i] =
                scores[i] < 0 ? scores[i] * options.repetitionPenalty : scores[i] / options.repetitionPenalty
        }
    }

    /// Remembers a token as having occurred.
    public mutating func remember(_ token: Int) { seen[token] = true }

    /// Probabilities from penalised scores.
    public mutating func probabilities(_ scores: [Float]) -> [Float] {
        var p = scores
        if options.topP < 1 { dropImprobable(&p) }
        let temperature = max(options.temperature, 1e-5)
        if temperature != 1 { for i in p.indices { p[i] /= temperature } }
        let k = min(max(options.topK, 1), p.count)
        let pivot = Self.largest(k, of: p)
        for i in p.indices where p[i] < pivot { p[i] = -.infinity }
        Self.softmax(&p)
        return p
    }

    /// The token with the largest probability / noise.
    public static func draw(_ probabilities: [Float], noise: (Int) -> Float) -> Int {
        var best = 0
        var bestValue = -Float.infinity
        for i in probabilities.indices where probabilities[i] > 0 {
            let value = probabilities[i] / noise(i)
            if value > bestValue { (best, bestValue) = (i, value) }
        }
        return best
    }

    private mutating func dropImprobable(_ p: inout [Float]) {
        order = (0..<Int32(p.count)).sorted { a, b in
            let (x, y) = (p[Int(a)], p[Int(b)])
            return x == y ? a < b : x > y
        }
        kept = order.map { p[Int($0)] }
        Self.softmax(&kept)
        // PyTorch accumulates in double precision and compares in single.
        var total = 0.0
        for (rank, index) in order.enumerated() {
            total += Double(kept[rank])
            if rank > 0, Float(total) > options.topP { p[Int(index)] = -.infinity }
        }
    }

    /// The k-th largest value, by a heap of the k largest so far.
    static func largest(_ k: Int, of values: [Float]) -> Float {
        if k == 1 { return values.max() ?? -.infinity }
        if k >= values.count { return values.min() ?? -.infinity }
        var heap = Array(values[..<k])
        func sift(_ start: Int) {
            var parent = start
            while true {
                var child = 2 * parent + 1
                guard child < k else { return }
                if child + 1 < k, heap[child + 1] < heap[child] { child += 1 }
                guard heap[child] < heap[parent] else { return }
                heap.swapAt(child, parent)
                parent = child
            }
        }
        for i in stride(from: k / 2 - 1, through: 0, by: -1) { sift(i) }
        for value in values[k...] where value > heap[0] {
            heap[0] = value
            sift(0)
        }
        return heap[0]
    }

    static func softmax(_ x: inout [Float]) {
        let top = x.max() ?? 0
        var total: Float = 0
        for i in x.indices {
            x[i] = x[i] == -.infinity ? 0 : exp(x[i] - top)
            total += x[i]
        }
        for i in x.indices { x[i] /= total }
    }
}

/// The first index of the largest score.
func indexOfMaximum(_ scores: [Float]) -> Int {
    var best = 0
    for i in scores.indices where scores[i] > scores[best] { best = i }
    return best
}
