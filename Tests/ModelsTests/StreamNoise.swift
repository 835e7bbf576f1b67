import Models
import TestSupport

/// Sampling noise from a named stream, in the order in which upstream draws it: one array `[B, V]` per step, whose rows are
/// the sequences that are still decoded, in the order of their numbers.
final class StreamNoise: SamplingNoise {
    private let stream: String
    private var draws = 0
    private var last = (step: -1, sequence: -1)
    private var row = 0
    private var values: [Float] = []

    init(_ stream: String) { self.stream = stream }

    func begin(step: Int, sequence: Int, vocabulary: Int) {
        if step == last.step, sequence > last.sequence {
            row += 1
        } else {
            row = 0
            draws += 1
        }
        last = (step, sequence)
        // The stream is a function of its name: more rows of it begin with the same ones.
        let count = vocabulary * (row + 1)
        values = Array(SyntheticNumbers.positive("\(stream)/tokens/\(draws - 1)", count).suffix(vocabulary))
    }

    func exponential(token: Int) -> Float { values[token] }
}
