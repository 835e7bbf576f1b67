package import Checkpoint
import Files
package import Tensor
import TensorKernelTable

/// A network that tells speakers apart: filter bank features `[T, F]` of a 16 kHz signal → an embedding `[1, E]`.
///
/// Four stages of residual blocks over time and frequency, each after the first at half the resolution of the one before;
/// the third, halved once more, and the fourth are fused, and the fused map is averaged over time.
///
/// PyTorch: `ERes2NetV2.forward3` of 3D-Speaker (Chen et al. 2024), as upstream's `sv.SV` uses it; file
/// `sv/pretrained_eres2netv2w24s4ep4.ckpt`. The layers behind the average (`seg_1`) are not used.
package struct ERes2NetV2: Sendable {
    private let stem: NormalizedConvolution
    private let stages: [[Res2Block]]
    private let downsample: NormalizedConvolution
    private let fusion: AttentionalFusion

    /// Bands of the filter bank that upstream computes (`Kaldi.fbank`).
    package static let bands = 80

    /// Reads the checkpoint, or its converted form, at `path`.
    ///
    /// - Throws: `CheckpointError`.
    package init(path: String) throws { try self.init(try Checkpoint.open(path)) }

    init(_ checkpoint: Checkpoint) throws {
        try checkpoint.require(.speakerVerification)
        let weights = WeightScope(checkpoint)
        stem = try NormalizedConvolution(weights["conv1"], norm: weights["bn1"], inputs: 1)
        var width = stem.outputs
        var stages: [[Res2Block]] = []
        for number in 1...4 {
            let scope = weights["layer\(number)"]
            var blocks: [Res2Block] = []
            while blocks.isEmpty || !scope[blocks.count].isEmpty {
                let stride = blocks.isEmpty && number > 1 ? 2 : 1
                let block = try Res2Block(scope[blocks.count], inputs: width, stride: stride)
                width = block.outputs
                blocks.append(block)
            }
            stages.append(blocks)
        }
        self.stages = stages
        downsample = try NormalizedConvolution(
            weights["layer3_ds"], norm: nil, inputs: stages[2].last?.outputs)
        guard downsample.outputs == width else {
            throw CheckpointError.wrongShape(
                path: checkpoint.path, key: "layer3_ds.weight", expected: [width, downsample.inputs, 3, 3],
                found: [downsample.outputs, downsample.inputs, 3, 3])
        }
        fusion = try AttentionalFusion(weights["fuse34"], channels: width)
        try weights.assertAllUsed(ignoring: ["seg_1.", "seg_2.", "seg_bn_1."])
        // All weights were packed.
        checkpoint.file.releasePages()
    }

    /// Values of the embedding.
    package var embeddingCount: Int { downsample.outputs * Self.bandCount(afterHalvings: 3) }

    private static func bandCount(afterHalvings count: Int) -> Int {
        (0..<count).reduce(bands) { bands, _ in (bands - 1) / 2 + 1 }
    }

    /// features `[T, 80]` → `[1, E]`, channels first: all bands of channel 0, then those of channel 1.
    package func callAsFunction(_ features: Tensor, trace: ActivationTrace = .none) -> Tensor {
        _ = features.dims2("ERes2NetV2", columns: Self.bands)
        var bands = Self.bands
        var x = stem(features, bands: bands).activated(.relu)
        var third: Tensor?
        for (index, stage) in stages.enumerated() {
            for (number, block) in stage.enumerated() {
                x = block(x, bands: bands)
                if number == 0, index > 0 { bands = (bands - 1) / 2 + 1 }
            }
            trace("layer\(index + 1)", x)
            if index == 2 { third = x }
        }
        guard let third else { preconditionFailure("ERes2NetV2: no third stage") }
        let reduced = downsample(third, bands: Self.bandCount(afterHalvings: 2), stride: 2)
        trace("layer3_ds", reduced)
        let (T, C) = (x.shape[0], downsample.outputs)
        let fused = fusion(x.reshaped([T * bands, C]), reduced.reshaped([T * bands, C])).reshaped([
            T, bands * C,
        ])
        trace("fuse34", fused)
        return fused.meanOfRows().reshaped([bands, C]).transposed().reshaped([1, C * bands])
    }
}
