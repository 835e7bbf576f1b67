import Models
import TestSupport

/// Sampling noise from a named stream, in the order in which upstream draws it.
final class StreamNoise: SamplingNoise {
    private let stream: String
    private var draws = 0
    private var values: [Float] = []
    private var vocabulary = 0

    init(_ stream: String) { self.stream = stream }

    func begin(step: Int, sequences: [Int], vocabulary: Int) {
        self.vocabulary = vocabulary
        values = SyntheticNumbers.positive("\(stream)/tokens/\(draws)", sequences.count * vocabulary)
        draws += 1
    }

    func exponential(row: Int, token: Int) -> Float { values[row * vocabulary + token] }
}
