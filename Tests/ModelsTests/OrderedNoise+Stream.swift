import ParityStages
import TestSupport

extension OrderedNoise {
    /// The draws `<stream>/tokens/0`, `<stream>/tokens/1`, … of the synthetic numbers.
    convenience init(stream: String) {
        self.init { draw, count in SyntheticNumbers.positive("\(stream)/tokens/\(draw)", count) }
    }
}
