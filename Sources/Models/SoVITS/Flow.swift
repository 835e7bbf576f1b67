import Checkpoint
import Tensor

/// A WaveNet of gated convolutions conditioned on the speaker: x `[T, C]` → `[T, C]`.
///
/// PyTorch: upstream's `modules.WN` with `dilation_rate = 1`: per layer, x_in = conv(x) + condition,
/// z = tanh(first half) · sigmoid(second half), and a pointwise layer gives what is added to x and to the output.
struct GatedConvolutions: Sendable {
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
            let taps = scope.oddKernel(or: 5)
            inputs.append(
                try Conv1d(
                    scope, inputs: C, outputs: 2 * C, taps: taps, ConvolutionOptions(padding: (taps - 1) / 2))
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

/// A normalising flow of mean-only coupling layers, run backwards: latent of the prior → latent of the decoder,
/// both `[T, C]`.
///
/// PyTorch: upstream's `ResidualCouplingBlock` with `reverse = True`: before each coupling layer the channels are
/// reversed; then the second half loses what a WaveNet of the first half predicts.
struct Flow: Sendable {
    private struct Coupling {
        let pre: Linear
        let network: GatedConvolutions
        let post: Linear
    }
    private let couplings: [Coupling]
    private let half: Int

    init(_ weights: WeightScope, channels: Int, hidden: Int, speakerChannels: Int) throws(CheckpointError) {
        half = channels / 2
        var couplings: [Coupling] = []
        // Odd entries of the list are the parameterless reversals.
        while !weights["flows"][2 * couplings.count].isEmpty {
            let scope = weights["flows"][2 * couplings.count]
            couplings.append(
                Coupling(
                    pre: try Linear(scope["pre"], inputs: channels / 2, outputs: hidden, pointwise: true),
                    network: try GatedConvolutions(
                        scope["enc"], channels: hidden, speakerChannels: speakerChannels),
                    post: try Linear(scope["post"], inputs: hidden, outputs: channels / 2, pointwise: true)))
        }
        self.couplings = couplings
    }

    func callAsFunction(_ input: Tensor, speaker: Tensor, taps: Taps) -> Tensor {
        var x = input
        for (index, coupling) in couplings.enumerated().reversed() {
            x = x.reversingColumns()
            let first = x.columns(0..<half)
            let mean = coupling.post(coupling.network(coupling.pre(first), speaker: speaker))
            x = first.appendingColumns(x.columns(half..<2 * half) - mean)
            taps("flows.\(2 * index)", x)
        }
        return x
    }
}

extension Linear {
    /// A pointwise convolution whose weight is stored normalised (or not).
    init(folding weights: WeightScope, inputs: Int, outputs: Int) throws(CheckpointError) {
        self.init(
            weight: PackedMatrix(
                Tensor(try weights.weightNorm("weight", [outputs, inputs, 1]), [outputs, inputs])),
            bias: Tensor(try weights.tensor("bias", [outputs])))
    }
}
