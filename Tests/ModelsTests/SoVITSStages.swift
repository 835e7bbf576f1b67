import Tensor
import TestSupport

@testable import Models

/// The comparisons of SoVITS with upstream's, stage by stage.
struct SoVITSStages {
    let model: SoVITS
    let version: String
    let golden: Golden

    init(_ version: String, damage: WeightDamage? = nil) throws {
        self.version = version
        golden = try Golden(models: "sovits-" + version)
        model = try SyntheticNetwork.soVITS(version).loaded(damage: damage) { try SoVITS(path: $0) }
    }

    private var tag: String { "sovits-" + version }
    private let hidden = Tolerances.hidden()

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
        let taps = Taps.recording()
        let codes = model.quantizer.encode(Tensor(values, [40, SyntheticNetwork.width]), taps: taps)
        try comparison.check("ssl_proj", taps.latest("ssl_proj")?.values, hidden)
        try comparison.check("codes", codes)
        try comparison.check("decoded", model.quantizer.decode(codes).values, Tolerances.tokens)
        comparison.close()
        return comparison
    }

    func referenceEncoder() throws -> Comparison {
        var comparison = Comparison(golden, "ref_enc_")
        for index in 0..<3 {
            let taps = Taps.recording()
            let vector = model.speakerVector(spectrogram(index), taps: taps)
            for (name, value) in taps.recorded where index == 0 {
                try comparison.check("0.\(name)", value.values, hidden)
            }
            try comparison.check("\(index)", vector.values, hidden)
        }
        comparison.close()
        return comparison
    }

    /// A synthesis with every tap.
    func decode() throws -> Comparison {
        var comparison = Comparison(golden, "s100.")
        let taps = Taps.recording()
        let wav = model.decode(
            codes: codes, phones: phones, speaker: speaker(0..<1), noise: noise("s100", frames: 32),
            taps: taps)
        for (name, value) in taps.recorded {
            let tolerance = name.hasPrefix("dec.") ? Tolerances.waveform : hidden
            try comparison.check(name, value.values, tolerance)
        }
        try comparison.check("wav", wav.values, Tolerances.waveform)
        comparison.close()
        return comparison
    }

    /// A synthesis at another speed, or with several references.
    func decode(_ name: String, speed: Double, clips: Range<Int>) throws -> Comparison {
        var comparison = Comparison(golden, name + ".")
        let taps = Taps.recording()
        let frames = model.frameCount(tokens: codes.count, speed: speed)
        let wav = model.decode(
            codes: codes, phones: phones, speaker: speaker(clips), speed: speed,
            noise: noise(name, frames: frames),
            taps: taps)
        try comparison.check("enc_p.proj", taps.latest("enc_p.proj")?.values, hidden)
        try comparison.check("wav", wav.values, Tolerances.waveform)
        comparison.close()
        return comparison
    }

    /// A synthesis in three parts, cross-faded in the encoder's output.
    func parts() throws -> Comparison {
        var comparison = Comparison(golden, "stream_")
        let cuts = [0, 6, 9, 16]
        let speaker = speaker(0..<1)
        var last: Tensor?
        for index in 0..<3 {
            let count = cuts[index + 1] - cuts[index]
            let context = index > 0 ? 2 + (10 - count) : 2
            let overlap = last.map { latent in
                latent.rows(max(0, latent.shape[0] - 2 * context)..<latent.shape[0])
            }
            let part = model.decodeChunk(
                codes: Array(codes[..<cuts[index + 1]]), phones: phones, speaker: speaker,
                resultTokens: index == 0 ? nil : count + context, overlap: overlap,
                noise: { noise("stream/\(index)", frames: $0) })
            try comparison.check("\(index).overlap", [context])
            try comparison.check("\(index).latent", part.latent.values, hidden)
            try comparison.check("\(index).wav", part.samples.values, Tolerances.waveform)
            last = part.latent
        }
        comparison.close()
        return comparison
    }
}
