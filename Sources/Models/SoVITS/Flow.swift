import Checkpoint
import Tensor

/// A normalising flow of mean-only coupling layers, inverted: latent of the prior → latent of the decoder,
/// both `[T, C]`.
///
/// PyTorch: upstream's `ResidualCouplingBlock` with `reverse = True`: before each coupling layer the channels are
/// reversed; then the output of a WaveNet over the first half is subtracted from the second half.
struct Flow: Sendable {
    private struct Coupling {
        let pre: Linear
        let network: WaveNet
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
                    network: try WaveNet(
                        scope["enc"], channels: hidden, speakerChannels: speakerChannels),
                    post: try Linear(scope["post"], inputs: hidden, outputs: channels / 2, pointwise: true)))
        }
        self.couplings = couplings
    }

    func callAsFunction(_ input: Tensor, speaker: Tensor, trace: ActivationTrace) -> Tensor {
        var x = input
        for (index, coupling) in couplings.enumerated().reversed() {
            x = x.reversingColumns()
            let first = x.columns(0..<half)
            let mean = coupling.post(coupling.network(coupling.pre(first), speaker: speaker))
            x = first.appendingColumns(x.columns(half..<2 * half) - mean)
            trace("flows.\(2 * index)", x)
        }
        return x
    }
}
