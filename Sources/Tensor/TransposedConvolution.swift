/// The weights of a transposed convolution, split into one ordinary convolution per output phase: output row
/// t·stride + p − padding sums x[t − j] · w[p + j·stride] over j, so the rows of one phase p are a convolution of
/// the input with every stride-th tap. No multiplication with inserted zeros is made.
public struct PackedTransposedConvolution: Sendable {
    /// Channels in and out, kernel size in taps, stride and padding as in PyTorch's `nn.ConvTranspose1d`.
    public let inputChannels: Int, outputChannels: Int, taps: Int, stride: Int, padding: Int
    let phases: [PackedConvolution]

    /// Packs `weight`: `[inputs, outputs, taps]` as PyTorch stores it.
    public init(
        weight: [Float], inputs: Int, outputs: Int, taps: Int, stride: Int, padding: Int, bias: Tensor?
    ) {
        precondition(
            weight.count == inputs * outputs * taps, "PackedTransposedConvolution: \(weight.count) weights")
        (inputChannels, outputChannels, self.taps) = (inputs, outputs, taps)
        (self.stride, self.padding) = (stride, padding)
        phases = (0..<stride).map { phase in
            let n = phase < taps ? (taps - phase + stride - 1) / stride : 0
            // The convolution reads x[t − n + 1 … t]; its tap i meets x[t − (n − 1 − i)].
            return PackedConvolution(inputs: inputs, outputs: outputs, taps: n, groups: 1, bias: bias) {
                output, input, i in
                weight[(input * outputs + output) * taps + phase + (n - 1 - i) * stride]
            }
        }
    }
}

extension Tensor {
    /// Transposed convolution: x `[T, Cin]` → `[(T − 1)·stride − 2·padding + taps, Cout]`, with a leaky ReLU on
    /// the input when `inputSlope` is given (PyTorch: `F.conv_transpose1d`).
    public func transposeConvolved(_ c: PackedTransposedConvolution, inputSlope: Float? = nil) -> Tensor {
        let (T, _) = dims2("conv_transpose1d", columns: c.inputChannels)
        let rows = (T - 1) * c.stride - 2 * c.padding + c.taps
        precondition(T > 0 && rows > 0, "conv_transpose1d: \(T) rows give \(rows)")
        let result = Tensor(uninitialized: [rows, c.outputChannels])
        for (phase, convolution) in c.phases.enumerated() {
            // Output rows of this phase: t·stride + phase − padding, from the first that is not negative.
            let t0 = max(0, (c.padding - phase + c.stride - 1) / c.stride)
            let first = t0 * c.stride + phase - c.padding
            guard first < rows else { continue }
            let n = (rows - 1 - first) / c.stride + 1
            var options = ConvolutionOptions(inputSlope: inputSlope)
            options.padding.left = convolution.taps - 1 - t0
            convolution.run(
                RowSpan(origin: pointer, high: T, total: T), options, range: 0..<n,
                to: ConvolutionOutput(
                    origin: result.storage.pointer + first * c.outputChannels,
                    stride: c.stride * c.outputChannels))
        }
        return result
    }
}
