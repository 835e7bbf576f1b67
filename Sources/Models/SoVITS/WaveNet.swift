import Checkpoint
import Tensor

/// WaveNet: gated convolutions, conditioned on the speaker (van den Oord et al. 2016). x `[T, C]`, speaker `[1, G]` →
/// `[T, C]`.
///
/// PyTorch: upstream's `modules.WN` with `dilation_rate = 1`: per layer, x_in = conv(x) + condition,
/// z = tanh(first half) · sigmoid(second half), and a pointwise layer gives what is added to x and to the output.
struct WaveNet: Sendable {
    private let inputs: [Conv1d]
    private let residualSkips: [Linear]
    private let condition: Linear
    private let channels: Int

    init(_ weights: WeightScope, channels C: Int, speakerChannels G: Int) throws(CheckpointError) {
        channels = C
        let depth = (weights["cond_layer"].axes(of: "bias", 1)?[0] ?? 2 * C) / (2 * C)
        var inputs: [Conv1d] = []
        var residualSkips: [Linear] = []
        for index in 0..<depth {
            let scope = weights["in_layers"][index]
            let kernelSize = scope.oddKernel(or: 5)
            inputs.append(
                try Conv1d(
                    scope, inputs: C, outputs: 2 * C, kernelSize: kernelSize,
                    ConvolutionOptions(padding: (kernelSize - 1) / 2))
            )
            residualSkips.append(
                try Linear(
                    folding: weights["res_skip_layers"][index], inputs: C,
                    outputs: index < depth - 1 ? 2 * C : C))
        }
        self.inputs = inputs
        self.residualSkips = residualSkips
        condition = try Linear(folding: weights["cond_layer"], inputs: G, outputs: 2 * C * depth)
    }

    func callAsFunction(_ input: Tensor, speaker: Tensor) -> Tensor {
        let C = channels
        let conditions = condition(speaker)
        var x = input
        var output: Tensor?
        for index in inputs.indices {
            let offset = index * 2 * C
            let row = conditions.columns(offset..<offset + 2 * C)
            let gated = inputs[index](x).addingRow(row).gatedTanh()
            let both = residualSkips[index](gated)
            let skip = index < inputs.count - 1 ? both.columns(C..<2 * C) : both
            if index < inputs.count - 1 { x = x + both.columns(0..<C) }
            output = output.map { $0 + skip } ?? skip
        }
        return output ?? x
    }
}

extension Linear {
    /// A pointwise convolution, with or without weight normalisation.
    init(folding weights: WeightScope, inputs: Int, outputs: Int) throws(CheckpointError) {
        self.init(
            weight: PackedMatrix(
                Tensor(try weights.weightNorm("weight", [outputs, inputs, 1]), [outputs, inputs])),
            bias: Tensor(try weights.tensor("bias", [outputs])))
    }
}
