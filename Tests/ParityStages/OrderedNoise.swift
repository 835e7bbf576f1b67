public import Models

/// Sampling noise in the order in which upstream draws it: one draw for every step, for all sequences together.
public final class OrderedNoise: SamplingNoise {
    private let values: (_ draw: Int, _ count: Int) -> [Float]
    private var draws = 0
    private var drawn: [Float] = []
    private var vocabulary = 0

    /// - Parameter values: from the index of a draw and its size to that many exponentially distributed numbers.
    public init(_ values: @escaping (_ draw: Int, _ count: Int) -> [Float]) { self.values = values }

    /// See `SamplingNoise`.
    public func begin(step: Int, sequences: [Int], vocabulary: Int) {
        self.vocabulary = vocabulary
        let count = sequences.count * vocabulary
        drawn = values(draws, count)
        precondition(drawn.count == count, "draw \(draws): \(drawn.count) numbers, \(count) needed")
        draws += 1
    }

    /// See `SamplingNoise`.
    public func exponential(row: Int, token: Int) -> Float { drawn[row * vocabulary + token] }
}
