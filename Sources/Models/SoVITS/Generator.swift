import Checkpoint
import Tensor
import TensorKernelTable

/// HiFi-GAN's generator: latent `[T, C]` and speaker `[1, G]` → samples `[T · Π rates, 1]` (Kong et al. 2020).
///
/// PyTorch: upstream's `Generator`, prefix `dec`.
struct Generator: Sendable {
    private let input: Conv1d
    private let condition: Linear
    private let stages: [Stage]
    private let output: Conv1d

    private struct Stage {
        let upsample: ConvTranspose1d
        let blocks: [ResidualBlock]
    }

    init(_ weights: WeightScope, _ config: SoVITSConfiguration) throws(CheckpointError) {
        let C = config.upsampleChannels
        input = try Conv1d(
            weights["conv_pre"], inputs: config.interChannels, outputs: C, taps: 7,
            ConvolutionOptions(padding: 3))
        condition = try Linear(weights["cond"], inputs: config.speakerChannels, outputs: C, pointwise: true)
        let kinds = config.resblockKernels.count
        var stages: [Stage] = []
        for (index, (rate, kernel)) in zip(config.upsampleRates, config.upsampleKernels).enumerated() {
            let channels = C >> (index + 1)
            var blocks: [ResidualBlock] = []
            for kind in 0..<kinds {
                blocks.append(
                    try ResidualBlock(
                        weights["resblocks"][index * kinds + kind], channels: channels,
                        kernel: config.resblockKernels[kind], dilations: config.resblockDilations[kind],
                        paired: config.resblock == "1"))
            }
            stages.append(
                Stage(
                    upsample: try ConvTranspose1d(
                        weights["ups"][index], inputs: C >> index, outputs: channels, taps: kernel,
                        stride: rate,
                        padding: (kernel - rate) / 2, inputSlope: 0.1),
                    blocks: blocks))
        }
        self.stages = stages
        output = try Conv1d(
            weights["conv_post"], inputs: C >> config.upsampleRates.count, outputs: 1, taps: 7,
            bias: weights["conv_post"].has("bias"),
            ConvolutionOptions(padding: 3, inputSlope: 0.01))
    }

    func callAsFunction(_ latent: Tensor, speaker: Tensor, taps: Taps) -> Tensor {
        let before = input(latent)
        taps("conv_pre", before)
        let row = condition(speaker)
        taps("cond", row)
        var x = before.addingRow(row)
        for (index, stage) in stages.enumerated() {
            let upsampled = stage.upsample(x)
            taps("ups.\(index)", upsampled)
            var sum: Tensor?
            for block in stage.blocks {
                let y = block(upsampled)
                sum = sum.map { $0 + y } ?? y
            }
            x = (sum ?? upsampled) * (1 / Float(stage.blocks.count))
        }
        let samples = output(x)
        taps("conv_post", samples)
        return samples.activated(.tanh)
    }
}

/// Dilated convolutions with residuals: x `[T, C]` → `[T, C]`.
///
/// PyTorch: upstream's `ResBlock1` (pairs: a dilated and a plain convolution) and `ResBlock2` (single ones). The
/// leaky ReLU of slope 0.1 before each is part of the convolution's input pass.
struct ResidualBlock: Sendable {
    private let first: [Conv1d]
    private let second: [Conv1d]

    init(_ weights: WeightScope, channels C: Int, kernel: Int, dilations: [Int], paired: Bool)
        throws(CheckpointError)
    {
        func layer(_ scope: WeightScope, dilation: Int) throws(CheckpointError) -> Conv1d {
            try Conv1d(
                scope, inputs: C, outputs: C, taps: kernel, spectral: true,
                ConvolutionOptions(
                    dilation: dilation, padding: (kernel * dilation - dilation) / 2, inputSlope: 0.1))
        }
        var first: [Conv1d] = []
        var second: [Conv1d] = []
        for (index, dilation) in dilations.enumerated() {
            first.append(try layer(weights[paired ? "convs1" : "convs"][index], dilation: dilation))
            if paired { second.append(try layer(weights["convs2"][index], dilation: 1)) }
        }
        self.first = first
        self.second = second
    }

    func callAsFunction(_ input: Tensor) -> Tensor {
        var x = input
        for index in first.indices {
            x = second.isEmpty ? first[index](x, residual: x) : second[index](first[index](x), residual: x)
        }
        return x
    }
}
