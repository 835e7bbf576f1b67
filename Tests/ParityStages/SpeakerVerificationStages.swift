package import Models
package import Tensor
package import TestSupport

/// The speaker verification network, compared with upstream's `ERes2NetV2.forward3`.
package enum SpeakerVerificationStages {
    /// The embedding of each clip's filter bank features `[T, 80]` (`0`, `1`, …), and the maps behind the stages of the
    /// first (`layer1`, …).
    ///
    /// - Returns: the embeddings, `[1, E]` each.
    @discardableResult
    package static func embeddings(
        _ model: ERes2NetV2, features: [Tensor], limit: Tolerance, _ comparison: inout Comparison
    ) throws -> [Tensor] {
        return try features.enumerated().map { index, features in
            let trace = ActivationTrace.recording()
            let embedding = model(features, trace: trace)
            for (name, value) in trace.recorded where index == 0 && comparison.has(name) {
                try comparison.check(
                    name, channelsFirst(value, like: try comparison.golden.shape(name)), limit)
            }
            try comparison.check("\(index)", embedding, limit)
            return embedding
        }
    }

    /// Ours `[T, F · C]` in PyTorch's order `[1, C, F, T]`, with the channels of `shape`.
    private static func channelsFirst(_ map: Tensor, like shape: [Int]) -> [Float] {
        let (T, columns) = (map.shape[0], map.shape[1])
        let C = shape.count == 4 ? max(shape[1], 1) : 1
        let F = columns / C
        let values = map.values
        var result = [Float](repeating: 0, count: values.count)
        for c in 0..<C {
            for f in 0..<F {
                for t in 0..<T { result[(c * F + f) * T + t] = values[t * columns + f * C + c] }
            }
        }
        return result
    }
}
