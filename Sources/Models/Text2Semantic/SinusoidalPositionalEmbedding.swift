import Foundation
import Tensor

/// Sinusoidal positions with a learned weight: x[t] + α·pe[t], pe[t, 2i] = sin(t·wᵢ),
/// pe[t, 2i + 1] = cos(t·wᵢ), wᵢ = 10000^(−2i / C).
///
/// PyTorch: upstream's `SinePositionalEmbedding` with `scale = false`. Frequencies and angles are rounded to single
/// precision as there, since at t = 1000 a double-precision angle would differ in the fifth digit.
struct SinusoidalPositionalEmbedding: Sendable {
    let channels: Int
    let alpha: Float
    private let frequencies: [Float]

    init(channels: Int, alpha: Float) {
        self.channels = channels
        self.alpha = alpha
        let step = Float(-(log(10_000.0) / Double(channels)))
        frequencies = (0..<channels / 2).map { Float(exp(Double(Float(2 * $0) * step))) }
    }

    private func write(_ t: Int, _ body: (Int, Float) -> Void) {
        for (i, frequency) in frequencies.enumerated() {
            let angle = Double(Float(t) * frequency)
            body(2 * i, Float(sin(angle)))
            body(2 * i + 1, Float(cos(angle)))
        }
    }

    /// x: `[T, C]` plus the weighted positions 0 ..< T.
    func added(to x: Tensor) -> Tensor {
        let (T, C) = x.dims2("SinusoidalPositionalEmbedding", columns: channels)
        var result = x
        result.mutate { out in
            for t in 0..<T { write(t) { out[t * C + $0] += alpha * $1 } }
        }
        return result
    }

    /// Adds one position to one row.
    func add(position: Int, toRow row: Int, of x: inout Tensor) {
        let C = channels
        x.mutate { out in write(position) { out[row * C + $0] += alpha * $1 } }
    }

    /// The unweighted table `[count, C]`.
    func table(count: Int) -> Tensor {
        Tensor([count, channels]) { out in
            for t in 0..<count { write(t) { out[t * channels + $0] = $1 } }
        }
    }
}
