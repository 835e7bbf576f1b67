package import Checkpoint
import Files
import Foundation
package import Tensor
import TensorKernelTable

/// Extends the band of a signal: logarithmic amplitudes and phases `[T, F]` of its spectrum at the higher rate, where the
/// upper half is empty → those of the full band.
///
/// PyTorch: AP-BWE's `APNet_BWE_Model` (Lu et al. 2024), two streams of ConvNeXt blocks that see each other; folder
/// `24kto48k` with `config.json` and `g_24kto48k.zip`, which is a PyTorch file whose tensors lie under `generator`.
package struct BandwidthExtension: Sendable {
    /// Analysis: points of the transform, samples from frame to frame and of the window, and the rate of the output.
    package let fftSize: Int, hopSamples: Int, windowSamples: Int, outputSampleRateHz: Int

    private let amplitude: Stream, phase: Stream
    private let amplitudeOut: Linear, realOut: Linear, imaginaryOut: Linear

    /// Reads the network in a folder; nil where there is none.
    ///
    /// - Throws: `CheckpointError`, `ModelError`.
    package init?(folder: String) throws {
        let original = folder + "/g_24kto48k.zip"
        let converted = ConvertedFile.find(for: original, kind: .bandwidthExtension)
        guard let path = converted ?? (RegularFile.size(original) == nil ? nil : original) else { return nil }
        try self.init(try Checkpoint.open(path), try ConfigFile(folder: folder))
    }

    init(_ checkpoint: Checkpoint, _ config: ConfigFile, recorder: PrepackRecorder? = nil) throws {
        try checkpoint.require(.bandwidthExtension)
        fftSize = try config.int("n_fft", in: 4...16_384)
        hopSamples = try config.int("hop_size", in: 1...16_384)
        windowSamples = try config.int("win_size", in: 1...16_384)
        outputSampleRateHz = try config.int("hr_sampling_rate", in: 8000...192_000)
        guard windowSamples <= fftSize, hopSamples <= windowSamples, fftSize % 2 == 0 else {
            throw ModelError(
                path: config.path, key: "n_fft",
                reason: "\(fftSize) does not hold a window of \(windowSamples) every \(hopSamples) samples")
        }
        let weights = WeightScope(checkpoint, recorder: recorder)
        let F = fftSize / 2 + 1
        amplitude = try Stream(weights, "mag", bins: F)
        phase = try Stream(weights, "pha", bins: F)
        guard amplitude.blocks.count == phase.blocks.count, amplitude.channels == phase.channels else {
            throw ModelError(
                path: checkpoint.path, key: "convnext_pha",
                reason: "has \(phase.blocks.count) blocks, convnext_mag \(amplitude.blocks.count)")
        }
        let C = amplitude.channels
        amplitudeOut = try Linear(weights["linear_post_mag"], inputs: C, outputs: F)
        realOut = try Linear(weights["linear_post_pha_r"], inputs: C, outputs: F)
        imaginaryOut = try Linear(weights["linear_post_pha_i"], inputs: C, outputs: F)
        try weights.assertAllUsed()
        checkpoint.file.releasePages()
    }

    /// One of the two streams.
    private struct Stream: Sendable {
        let input: Conv1d
        let norm: LayerNorm, lastNorm: LayerNorm
        let blocks: [ConvNeXtBlock]
        let channels: Int

        init(_ weights: WeightScope, _ name: String, bins F: Int) throws(CheckpointError) {
            let first = weights["conv_pre_\(name)"]
            let C = first.axes(of: "weight", 3)?[0] ?? 512
            channels = C
            let kernel = first.oddKernel(or: 7)
            input = try Conv1d(
                first, inputs: F, outputs: C, kernelSize: kernel, ConvolutionOptions(padding: kernel / 2))
            norm = try LayerNorm(weights["norm_pre_\(name)"], C, epsilon: 1e-6)
            var blocks: [ConvNeXtBlock] = []
            while !weights["convnext_\(name)"][blocks.count].isEmpty {
                blocks.append(try ConvNeXtBlock(weights["convnext_\(name)"][blocks.count], channels: C))
            }
            self.blocks = blocks
            lastNorm = try LayerNorm(weights["norm_post_\(name)"], C, epsilon: 1e-6)
        }
    }

    /// amplitudes and phases `[T, F]` → the same of the full band.
    package func callAsFunction(amplitude x: Tensor, phase y: Tensor) -> (amplitude: Tensor, phase: Tensor) {
        _ = x.dims2("BandwidthExtension", columns: fftSize / 2 + 1)
        var a = amplitude.norm(amplitude.input(x))
        var p = phase.norm(phase.input(y))
        for (first, second) in zip(amplitude.blocks, phase.blocks) {
            a = a + p
            p = p + a
            a = first(a)
            p = second(p)
        }
        let wide = x + amplitudeOut(amplitude.lastNorm(a))
        let hidden = phase.lastNorm(p)
        let (real, imaginary) = (realOut(hidden), imaginaryOut(hidden))
        return (wide, imaginary.arcTangent(over: real))
    }
}

extension Tensor {
    /// atan2(self, x), elementwise.
    fileprivate func arcTangent(over x: Tensor) -> Tensor {
        var result = self
        result.mutate { out in
            x.withElements { x in
                for i in out.indices { out[i] = atan2f(out[i], x[i]) }
            }
        }
        return result
    }
}
