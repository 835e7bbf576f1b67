import Checkpoint
import Foundation
package import Tensor
import TensorKernelTable

/// The velocity of a flow from noise to a mel spectrogram: noisy frames x `[T, M]`, prompt frames `[T, M]` and features of
/// what is to be spoken `[T, D]`, time t and step size d → `[T, M]`.
///
/// PyTorch: F5-TTS's `DiT` (Chen et al. 2024) with upstream's embedding of the step size, prefix `cfm.estimator`: a stack
/// of transformer blocks whose layer norms are scaled and shifted by the embedding of t and d (Peebles and Xie 2023). Only
/// the first head has rotary positions, because upstream rotates before it splits the heads.
package struct DiffusionTransformer: Sendable {
    private let time: TimestepEmbedding, stepSize: TimestepEmbedding
    private let textBlocks: [ConvNeXtBlock]
    private let inputProjection: Linear
    private let positions: [Conv1d]
    private let blocks: [DiffusionBlock]
    private let modulation: Linear
    private let output: Linear
    private let frequencies: [Float]
    private let width: Int

    /// Bands of the spectrogram, and width of the features.
    package let melBands: Int, featureCount: Int

    init(_ weights: WeightScope) throws(CheckpointError) {
        let shape = weights["input_embed"]["proj"].axes(of: "weight", 2) ?? [1024, 712]
        let M = weights["proj_out"].axes(of: "weight", 2)?[0] ?? 100
        let C = shape[0]
        let D = max(shape[1] - 2 * M, 2)
        (width, melBands, featureCount) = (C, M, D)
        time = try TimestepEmbedding(weights["time_embed"], width: C)
        stepSize = try TimestepEmbedding(weights["d_embed"], width: C)
        var textBlocks: [ConvNeXtBlock] = []
        while !weights["text_embed"]["text_blocks"][textBlocks.count].isEmpty {
            textBlocks.append(
                try ConvNeXtBlock(weights["text_embed"]["text_blocks"][textBlocks.count], channels: D))
        }
        self.textBlocks = textBlocks
        inputProjection = try Linear(weights["input_embed"]["proj"], inputs: 2 * M + D, outputs: C)
        var positions: [Conv1d] = []
        for index in [0, 2] {
            let scope = weights["input_embed"]["conv_pos_embed"]["conv1d"][index]
            let kernel = scope.oddKernel(or: 31)
            let perGroup = scope.axes(of: "weight", 3).flatMap { C % $0[1] == 0 ? $0[1] : nil } ?? C / 16
            positions.append(
                try Conv1d(
                    scope, inputs: C, outputs: C, kernelSize: kernel, groups: C / max(perGroup, 1),
                    ConvolutionOptions(padding: kernel / 2)))
        }
        self.positions = positions
        let pairs = weights["rotary_embed"].axes(of: "inv_freq", 1)?[0] ?? 32
        frequencies = try weights["rotary_embed"].floats("inv_freq", [pairs])
        // The frequencies are those of a head.
        let heads = C / (2 * pairs)
        guard heads > 0, C % (2 * pairs) == 0 else {
            throw CheckpointError.wrongShape(
                path: weights.checkpoint.path, key: weights["rotary_embed"].key("inv_freq"), expected: [32],
                found: [pairs])
        }
        var blocks: [DiffusionBlock] = []
        while blocks.isEmpty || !weights["transformer_blocks"][blocks.count].isEmpty {
            blocks.append(
                try DiffusionBlock(weights["transformer_blocks"][blocks.count], width: C, heads: heads))
        }
        self.blocks = blocks
        modulation = try Linear(weights["norm_out"]["linear"], inputs: C, outputs: 2 * C)
        output = try Linear(weights["proj_out"], inputs: C, outputs: M)
    }

    /// Frequencies of the rotary positions.
    package var rotaryFrequencies: [Float] { frequencies }

    /// What does not change from step to step of a flow.
    package struct Context: Sendable {
        /// T.
        package var frames: Int { features.shape[0] }
        let features: Tensor
        let prompt: Tensor
        /// Cosines and sines of the rotary positions, `[T, 2 · pairs]`.
        let rotation: Tensor
    }

    /// Prepares features `[T, D]` and prompt frames `[T, M]`, zero where there are none.
    package func context(features: Tensor, prompt: Tensor, trace: ActivationTrace = .none) -> Context {
        let (T, D) = features.dims2("DiT.features", columns: featureCount)
        _ = prompt.dims2("DiT.prompt", columns: melBands)
        var x = textBlocks.isEmpty ? features : features + Self.sinusoids(rows: T, columns: D)
        for block in textBlocks { x = block(x) }
        trace("text_embed", x)
        return Context(
            features: x, prompt: prompt,
            rotation: .rotations(rows: x.shape[0], frequencies: frequencies))
    }

    /// cos(t · f) in the first half of the columns, sin(t · f) in the second, with f = 10000^(−2i / D); beyond row 4095
    /// the last (PyTorch: `precompute_freqs_cis`).
    private static func sinusoids(rows T: Int, columns D: Int) -> Tensor {
        let half = D / 2
        let frequencies = (0..<half).map { 1 / powf(10_000, Float(2 * $0) / Float(D)) }
        return Tensor([T, D]) { out in
            for t in 0..<T {
                for i in 0..<half {
                    let angle = Double(Float(min(t, 4095)) * frequencies[i])
                    out[t * D + i] = Float(cos(angle))
                    out[t * D + half + i] = Float(sin(angle))
                }
            }
        }
    }

    /// How the blocks are modulated at every step: the embeddings of times and step size, `[steps, 6C]` a block and
    /// `[steps, 2C]` at the end. Every step's are computed at once, so that the weights are read once.
    package struct Schedule: Sendable {
        let blocks: [Tensor]
        let last: Tensor
    }

    /// The modulations at `times`, with one step size.
    package func schedule(times: [Float], stepSize d: Float, trace: ActivationTrace = .none) -> Schedule {
        let steps = stepSize([d])
        trace("d_embed", steps)
        trace("dt", steps)
        let times = time(times)
        trace("time_embed", times)
        let activated = times.addingRow(steps).silu()
        return Schedule(blocks: blocks.map { $0.modulations(activated) }, last: modulation(activated))
    }

    /// The velocity at step `index` of the schedule: x `[T, M]` → `[T, M]`.
    package func callAsFunction(
        _ x: Tensor, _ context: Context, _ schedule: Schedule, step index: Int, trace: ActivationTrace = .none
    ) -> Tensor {
        let (_, C) = (x.dims2("DiT", columns: melBands), width)
        let projected = inputProjection(
            x.appendingColumns(context.prompt).appendingColumns(context.features))
        trace("input_embed.proj", projected)
        var position = projected
        for convolution in positions { position = convolution(position).mish() }
        trace("input_embed.conv_pos_embed", position)
        var y = position + projected
        trace("input_embed", y)
        for (number, block) in blocks.enumerated() {
            y = block(
                y, schedule.blocks[number].rows(index..<index + 1), rotation: context.rotation,
                trace: trace["transformer_blocks.\(number)"])
            trace("transformer_blocks.\(number)", y)
        }
        let row = schedule.last.rows(index..<index + 1)
        y = y.modulated(scale: row.columns(0..<C), shift: row.columns(C..<2 * C))
        trace("norm_out", y)
        return output(y)
    }
}

extension Tensor {
    /// Layer norm without parameters, then · (1 + scale) + shift: x `[T, C]`, scale and shift `[1, C]`.
    func modulated(scale: Tensor, shift: Tensor) -> Tensor {
        layerNormed(gain: Tensor(repeating: 1, scale.shape) + scale, bias: shift, epsilon: 1e-6)
    }
}
