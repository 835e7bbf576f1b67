import ParityStages
import Tensor
import TestSupport

@testable import Models

/// SoVITS with synthetic weights, compared with recorded results of upstream's modules.
struct SoVITSFixture {
    let model: SoVITS
    let version: String
    let golden: Golden

    init(_ version: String, damage: WeightDamage? = nil) throws {
        self.version = version
        golden = try Golden(models: "sovits-" + version)
        model = try SyntheticNetwork.soVITS(version).loaded(damage: damage) { try SoVITS(path: $0) }
    }

    private var tag: String { "sovits-" + version }

    var codes: [Int] { SyntheticNumbers.integers(tag + "/codes", 16, below: 1024) }
    var phones: [Int] { SyntheticNumbers.integers(tag + "/phones", 12, below: 322) }

    /// Three spectrograms of different lengths.
    func spectrogram(_ index: Int) -> Tensor {
        let frames = [20, 15, 26][index]
        let values = SyntheticNumbers.uniform("\(tag)/spectrogram/\(index)", frames * 1025).map {
            abs($0) * 2
        }
        return Tensor(values, [frames, 1025])
    }

    func speaker(_ clips: Range<Int>) -> Tensor {
        Tensor.concatenatingRows(clips.map { model.speakerVector(spectrogram($0)) }).meanOfRows()
    }

    /// Noise of a draw; upstream's is channels first.
    func noise(_ stream: String, frames: Int) -> Tensor {
        let C = model.latentChannels
        return Tensor(SyntheticNumbers.normal("\(tag)/\(stream)/latent/0", frames * C), [C, frames])
            .transposed()
    }

    func quantizer() throws -> Comparison {
        var comparison = Comparison(golden, "vq.")
        let values = SyntheticNumbers.uniform(tag + "/features", 40 * SyntheticNetwork.width).map { $0 * 1.7 }
        try SoVITSStages.quantizer(
            model.quantizer, features: Tensor(values, [40, SyntheticNetwork.width]), &comparison)
        comparison.close()
        return comparison
    }

    func referenceEncoder() throws -> Comparison {
        var comparison = Comparison(golden, "ref_enc_")
        try SoVITSStages.referenceEncoder(
            model, spectrograms: (0..<3).map { spectrogram($0) }, &comparison)
        comparison.close()
        return comparison
    }

    private func input(clips: Range<Int>) -> SoVITSStages.DecoderInput {
        SoVITSStages.DecoderInput(codes: codes, phones: phones, speaker: speaker(clips))
    }

    /// A synthesis with every activation.
    func decode() throws -> Comparison {
        var comparison = Comparison(golden, "s100.")
        try SoVITSStages.decode(
            model, input(clips: 0..<1), noise: noise("s100", frames: 32), &comparison)
        comparison.close()
        return comparison
    }

    /// A synthesis at another speed, or with several references: the encoder's statistics and the waveform.
    func decode(_ name: String, speed: Double, clips: Range<Int>) throws -> Comparison {
        var comparison = Comparison(golden, name + ".", isPartial: true)
        let frames = model.frameCount(tokens: codes.count, speed: speed)
        try SoVITSStages.decode(
            model, input(clips: clips), speed: speed, noise: noise(name, frames: frames), &comparison)
        comparison.close()
        return comparison
    }

    /// A synthesis in three chunks, cross-faded in the encoder's output.
    func chunks() throws -> Comparison {
        var comparison = Comparison(golden, "stream_")
        let overlaps = (0..<3).map { "stream_\($0).overlap" }
        for name in overlaps { comparison.uses(name) }
        let plan = SoVITSStages.ChunkPlan(
            cuts: [0, 6, 9, 16], overlapTokens: try overlaps.map { try golden.integer($0) })
        try SoVITSStages.chunks(
            model, input(clips: 0..<1), plan, noise: { noise("stream/\($0)", frames: $1) }, &comparison)
        comparison.close()
        return comparison
    }
}
