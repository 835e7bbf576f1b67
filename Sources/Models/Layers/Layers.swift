package import Checkpoint
package import Tensor
package import TensorKernelTable

/// y = x·Wᵀ + b for x: `[T, K]` → `[T, N]`.
///
/// PyTorch: `nn.Linear` (weight `[N, K]`), or `nn.Conv1d` with a kernel of one (weight `[N, K, 1]`).
package struct Linear: Sendable {
    /// W, packed for the kernels.
    package let weight: PackedMatrix
    /// b, N values.
    package let bias: Tensor?

    /// Reads `weight` and `bias` (if `bias`). With `pointwise`, the weight has a convolution's shape; with
    /// `isQuantizable`, a conversion to int8 may store it in signed bytes.
    package init(
        _ weights: WeightScope, inputs: Int, outputs: Int, bias: Bool = true, pointwise: Bool = false,
        isQuantizable: Bool = false
    ) throws(CheckpointError) {
        weight = try weights.matrix(
            "weight", pointwise ? [outputs, inputs, 1] : [outputs, inputs], isQuantizable: isQuantizable)
        self.bias = bias ? Tensor(try weights.tensor("bias", [outputs])) : nil
    }

    /// A layer of given weights.
    package init(weight: PackedMatrix, bias: Tensor?) {
        self.weight = weight
        self.bias = bias
    }

    /// x: `[T, K]` → `[T, N]`, through an activation.
    package func callAsFunction(_ x: Tensor, activation: Activation = .identity) -> Tensor {
        x.linear(weight, bias: bias, activation: activation)
    }
}

/// Convolution over time: x `[T, Cin]` → `[T', Cout]`.
///
/// PyTorch: `nn.Conv1d` (weight `[Cout, Cin / groups, K]`), with or without `weight_norm`.
package struct Conv1d: Sendable {
    /// The packed weights.
    package let packed: PackedConvolution
    /// Stride, dilation, padding and activations.
    package let options: ConvolutionOptions

    /// Reads the weights; a stored weight norm is folded. `spectral` allows products in the frequency domain.
    package init(
        _ weights: WeightScope, inputs: Int, outputs: Int, kernelSize: Int, groups: Int = 1,
        bias: Bool = true,
        spectral: Bool = false, _ options: ConvolutionOptions = ConvolutionOptions()
    ) throws(CheckpointError) {
        let form = PackedConvolution.Form(
            inputs: inputs, outputs: outputs, taps: kernelSize, groups: groups, spectral: spectral)
        let bias = bias ? Tensor(try weights.tensor("bias", [outputs])) : nil
        packed = PackedConvolution(
            form, bias: bias,
            prepared: try weights.packed(form) { () throws(CheckpointError) in
                form.packed(try weights.weightNorm("weight", [outputs, inputs / groups, kernelSize]))
            })
        self.options = options
    }

    /// x: `[T, Cin]` → `[T', Cout]`, plus a residual of that shape.
    package func callAsFunction(_ x: Tensor, residual: Tensor? = nil) -> Tensor {
        x.convolved(packed, options, residual: residual)
    }
}

/// Transposed convolution over time: x `[T, Cin]` → `[(T − 1)·stride − 2·padding + K, Cout]`.
///
/// PyTorch: `nn.ConvTranspose1d` (weight `[Cin, Cout, K]`) with `weight_norm`.
package struct ConvTranspose1d: Sendable {
    let packed: PackedTransposedConvolution
    let inputActivation: InputActivation

    /// Reads the weights; `inputActivation` is applied to the input.
    package init(
        _ weights: WeightScope, inputs: Int, outputs: Int, kernelSize: Int, stride: Int, padding: Int,
        inputActivation: InputActivation = .identity
    ) throws(CheckpointError) {
        let form = PackedTransposedConvolution.form(
            inputs: inputs, outputs: outputs, taps: kernelSize, stride: stride)
        let bias = Tensor(try weights.tensor("bias", [outputs]))
        packed = PackedTransposedConvolution(
            prepared: try weights.packed(form) { () throws(CheckpointError) in
                PackedTransposedConvolution.packed(
                    try weights.weightNorm("weight", [inputs, outputs, kernelSize]), inputs: inputs,
                    outputs: outputs, taps: kernelSize, stride: stride)
            }, inputs: inputs, outputs: outputs, taps: kernelSize, stride: stride, padding: padding,
            bias: bias)
        self.inputActivation = inputActivation
    }

    /// x: `[T, Cin]` → `[T', Cout]`
    package func callAsFunction(_ x: Tensor) -> Tensor {
        x.transposeConvolved(packed, inputActivation: inputActivation)
    }
}

/// (x − mean) / √(variance + ε) · gain + bias over the last axis.
///
/// PyTorch: `nn.LayerNorm` (`weight`, `bias`), or VITS's `modules.LayerNorm` (`gamma`, `beta`).
package struct LayerNorm: Sendable {
    /// Scale and shift, C values each.
    package let gain: Tensor, bias: Tensor
    let epsilon: Float

    /// Reads gain and bias under their names in the file.
    package init(
        _ weights: WeightScope, _ channels: Int, epsilon: Float = 1e-5, gain: String = "weight",
        bias: String = "bias"
    ) throws(CheckpointError) {
        self.gain = Tensor(try weights.tensor(gain, [channels]))
        self.bias = Tensor(try weights.tensor(bias, [channels]))
        self.epsilon = epsilon
    }

    /// Normalises the rows of x (+ residual): `[T, C]` → `[T, C]`.
    package func callAsFunction(_ x: Tensor, residual: Tensor? = nil) -> Tensor {
        x.layerNormed(gain: gain, bias: bias, epsilon: epsilon, residual: residual)
    }
}

/// A table of vectors by id (PyTorch: `nn.Embedding`).
package struct Embedding: Sendable {
    /// `[V, C]` in the file's precision.
    package let table: EmbeddingTable

    /// Reads `weight`.
    package init(_ weights: WeightScope, entries: Int, channels: Int) throws(CheckpointError) {
        table = EmbeddingTable(try weights.tensor("weight", [entries, channels]))
    }

    /// ids → `[ids.count, C]`
    package func callAsFunction(_ ids: [Int]) -> Tensor { table.rows(at: ids) }
}
