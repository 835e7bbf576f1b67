import Checkpoint
import Tensor
import TensorKernelTable

/// The speaker vector of a reference clip: spectrogram `[T, F]` → `[1, G]`.
///
/// PyTorch: upstream's `MelStyleEncoder`: two linear layers with Mish, two gated convolutions with a residual,
/// two-headed self-attention with a residual, a linear layer, and the mean over time. Attention logits are divided by
/// √C, the square root of the full width, where other networks take that of a head.
struct ReferenceEncoder: Sendable {
    private let spectral: (Linear, Linear)
    private let temporal: [Conv1d]
    private let query: Linear, key: Linear, value: Linear, attentionOut: Linear
    private let output: Linear
    private let heads = 2

    /// Frequency bins that are read; upstream gives v2 the lowest 704 of 1025.
    let frequencyBins: Int

    private init(_ weights: WeightScope, speakerChannels G: Int) throws(CheckpointError) {
        let first = weights["spectral"][0]["fc"]
        // The width is split over two heads.
        let shape = first.axes(of: "weight", 2).flatMap { $0[0] % 2 == 0 ? $0 : nil } ?? [128, 704]
        let C = shape[0]
        frequencyBins = shape[1]
        spectral = (
            try Linear(first, inputs: frequencyBins, outputs: C),
            try Linear(weights["spectral"][3]["fc"], inputs: C, outputs: C)
        )
        var temporal: [Conv1d] = []
        for index in 0..<2 {
            let scope = weights["temporal"][index]["conv1"]["conv"]
            let kernelSize = scope.oddKernel(or: 5)
            temporal.append(
                try Conv1d(
                    scope, inputs: C, outputs: 2 * C, kernelSize: kernelSize,
                    ConvolutionOptions(padding: (kernelSize - 1) / 2))
            )
        }
        self.temporal = temporal
        query = try Linear(weights["slf_attn"]["w_qs"], inputs: C, outputs: C)
        key = try Linear(weights["slf_attn"]["w_ks"], inputs: C, outputs: C)
        value = try Linear(weights["slf_attn"]["w_vs"], inputs: C, outputs: C)
        attentionOut = try Linear(weights["slf_attn"]["fc"], inputs: C, outputs: C)
        output = try Linear(weights["fc"]["fc"], inputs: C, outputs: G)
    }

    /// Reads an encoder for the spectrograms of a configuration.
    ///
    /// - Throws: `ModelError` when it reads more bins than they have.
    init(_ weights: WeightScope, _ config: SoVITSConfiguration) throws {
        try self.init(weights, speakerChannels: config.speakerChannels)
        let bins = config.filterLength / 2 + 1
        guard frequencyBins <= bins else {
            throw ModelError(
                path: weights.checkpoint.path, key: "config.data.filter_length",
                reason: "gives \(bins) bins, ref_enc reads \(frequencyBins)")
        }
    }

    /// - Parameter spectrogram: `[T, F]`; of more bins, the lowest are read.
    func callAsFunction(_ spectrogram: Tensor, trace: ActivationTrace) -> Tensor {
        let (_, F) = spectrogram.dims2("ReferenceEncoder.spectrogram")
        precondition(F >= frequencyBins, "ReferenceEncoder: \(F) bins, \(frequencyBins) needed")
        let lowest = F == frequencyBins ? spectrogram : spectrogram.columns(0..<frequencyBins)
        var x = spectral.1(spectral.0(lowest).mish()).mish()
        trace("spectral", x)
        for convolution in temporal { x = x + convolution(x).glu() }
        trace("temporal", x)
        let (_, C) = x.dims2("ReferenceEncoder")
        let attended = query(x).attending(
            keys: key(x), values: value(x), heads: heads, scale: 1 / Float(C).squareRoot())
        x = attentionOut(attended) + x
        trace("slf_attn", x)
        x = output(x)
        trace("fc", x)
        return x.meanOfRows()
    }
}
