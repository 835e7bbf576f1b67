package import Tensor
package import TestSupport

/// The order in which PyTorch keeps the axes of an array.
package enum PyTorchAxes {
    /// As ours: `[T, C]`, of linear layers and transformers.
    case timeMajor
    /// `[C, T]`, of convolutions.
    case channelsFirst
}

extension Comparison {
    /// Compares a tensor of ours, `[T, C]`, with the array of a PyTorch module that keeps its axes as `axes` says.
    package mutating func check(
        _ name: String, _ found: Tensor?, _ tolerance: Tolerance, axes: PyTorchAxes = .timeMajor
    ) throws {
        let isTransposed = axes == .channelsFirst && storesChannelsFirst
        try check(name, isTransposed ? found?.transposed().values : found?.values, tolerance)
    }
}

extension Golden {
    /// The last two axes as a matrix; the axes before must have one entry.
    package func matrix(_ name: String) throws -> Tensor {
        let axes = try shape(name)
        guard axes.count >= 2, axes.dropLast(2).allSatisfy({ $0 == 1 }) else {
            throw NotAMatrix(name: name, shape: axes)
        }
        return Tensor(try floats(name), Array(axes.suffix(2)))
    }

    /// A matrix stored channels first, in our time-major layout.
    package func timeMajor(_ name: String) throws -> Tensor { try matrix(name).transposed() }

    struct NotAMatrix: Error { let name: String, shape: [Int] }
}
