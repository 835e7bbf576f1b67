import Checkpoint
import Tensor

/// A convolution over time and frequency whose batch normalization is folded into its weights.
/// x `[T, F · Cin]` → `[T', F' · Cout]`.
///
/// PyTorch: `nn.Conv2d` (weight `[Cout, Cin, K, K]`, K odd, K / 2 zeros around the map), then `nn.BatchNorm2d` where the
/// checkpoint has one.
struct NormalizedConvolution: Sendable {
    private enum Weights {
        case pointwise(Linear)
        case square(PackedConvolution)
    }
    private let weights: Weights
    private let kernel: Int
    /// Channels of the input and of the output.
    let inputs: Int, outputs: Int

    /// - Parameters:
    ///   - weights: of the convolution.
    ///   - norm: of the batch normalization that follows; nil for none.
    ///   - inputs: nil where the file determines the width of the input.
    init(_ weights: WeightScope, norm: WeightScope?, inputs expected: Int?) throws(CheckpointError) {
        let shape = weights.axes(of: "weight", 4) ?? [64, expected ?? 64, 3, 3]
        let (N, C, K) = (shape[0], expected ?? shape[1], shape[2] % 2 == 1 ? shape[2] : 3)
        (inputs, outputs, kernel) = (C, N, K)
        var values = try weights.floats("weight", [N, C, K, K])
        let isBiased = weights.has("bias")
        var bias = isBiased ? try weights.floats("bias", [N]) : [Float](repeating: 0, count: N)
        if let norm {
            let (scale, shift) = try Self.scaleAndShift(norm, channels: N)
            let size = C * K * K
            for n in 0..<N {
                for i in n * size..<(n + 1) * size { values[i] *= scale[n] }
                bias[n] = bias[n] * scale[n] + shift[n]
            }
        }
        let offset = isBiased || norm != nil ? Tensor(bias, [N]) : nil
        guard K > 1 else {
            self.weights = .pointwise(Linear(weight: PackedMatrix(Tensor(values, [N, C])), bias: offset))
            return
        }
        // PyTorch's kernel axes are frequency, then time; bands become groups of input channels.
        var packed = [Float](repeating: 0, count: values.count)
        for n in 0..<N {
            for c in 0..<C {
                for band in 0..<K {
                    for tap in 0..<K {
                        packed[(n * K * C + band * C + c) * K + tap] =
                            values[((n * C + c) * K + band) * K + tap]
                    }
                }
            }
        }
        self.weights = .square(
            PackedConvolution(weight: packed, inputs: K * C, outputs: N, taps: K, bias: offset))
    }

    /// γ / √(variance + ε) and β − mean · scale per channel (PyTorch: `nn.BatchNorm2d`, ε = 1e-5, in inference).
    private static func scaleAndShift(
        _ weights: WeightScope, channels: Int
    ) throws(CheckpointError) -> (scale: [Float], shift: [Float]) {
        let gain = try weights.floats("weight", [channels])
        let bias = try weights.floats("bias", [channels])
        let mean = try weights.floats("running_mean", [channels])
        let variance = try weights.floats("running_var", [channels])
        weights.markUsed("num_batches_tracked")
        let scale = zip(gain, variance).map { Float(Double($0) / (Double($1) + 1e-5).squareRoot()) }
        return (scale, (0..<channels).map { bias[$0] - mean[$0] * scale[$0] })
    }

    /// x `[T, F · Cin]` of F bands. A pointwise convolution has a stride of 1.
    func callAsFunction(_ x: Tensor, bands F: Int, stride: Int = 1) -> Tensor {
        switch weights {
        case .square(let weights): return x.convolved2d(weights, bands: F, kernel: kernel, stride: stride)
        case .pointwise(let linear):
            precondition(stride == 1, "NormalizedConvolution: stride \(stride) of a pointwise convolution")
            let T = x.shape[0]
            return linear(x.reshaped([T * F, inputs])).reshaped([T, F * outputs])
        }
    }
}
