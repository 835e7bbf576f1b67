import Audio
import Foundation
import Models
import Tensor
import TestSupport

/// Quantizer, reference encoder and decoder.
struct SoVITSStages {
    let model: SoVITS
    let version: String
    let models: String
    let references: String
    let goldens: GoldenSet

    /// The clips that upstream's goldens average, in order.
    static let clips = ["ref32k", "ref44k_stereo", "ref24k_loud"]

    func speaker(_ clip: String, taps: Taps = .none) throws -> Tensor {
        let analysis = try ReferenceAudio.spectrogram32k(
            try AudioReader.read(path: "\(references)/\(clip).wav"))
        let s = analysis.spectrogram
        return model.speakerVector(Tensor(s.values, [s.frequencyBins, s.frames]).transposed(), taps: taps)
    }

    func run(_ stage: Stage) throws {
        let name = stage.name.split(separator: "/").last.map(String.init) ?? ""
        if name.hasPrefix("vq_") {
            try quantizer(stage)
        } else if name == "ref_enc" {
            try referenceEncoder(stage)
        } else if name == "decode_streaming" {
            try streaming(stage)
        } else if name.hasPrefix("decode_") {
            try decode(stage)
        } else {
            stage.fail(stage.name, "unknown stage")
        }
    }

    private func quantizer(_ stage: Stage) throws {
        stage.uses("ssl_in", "margin")
        let taps = Taps.recording()
        let features = try stage.golden.timeMajor("ssl_in")
        let codes = model.quantizer.encode(features, taps: taps)
        try stage.compareTransposed("ssl_proj", taps.latest("ssl_proj"), Tolerances.hidden())
        try stage.compareInts("codes", codes)
        try stage.compareTransposed("decoded", model.quantizer.decode(codes), Tolerances.tokens)
    }

    private func referenceEncoder(_ stage: Stage) throws {
        let limit = Tolerances.hidden()
        stage.uses("spec_0")
        var vectors: [Tensor] = []
        for (i, clip) in Self.clips.enumerated() {
            let taps = Taps.recording()
            let vector = try speaker(clip, taps: taps)
            vectors.append(vector)
            if i == 0 {
                for (name, value) in taps.recorded {
                    if name == "temporal" {
                        try stage.compareTransposed("ref_enc_0.\(name)", value, limit)
                    } else {
                        try stage.compare("ref_enc_0.\(name)", value.values, limit)
                    }
                }
            }
            try stage.compare("ref_enc_\(i)", vector.values, limit)
        }
        try stage.compare("mean_of_3", Tensor.concatenatingRows(vectors).meanOfRows().values, limit)
    }

    private func decode(_ stage: Stage) throws {
        let golden = stage.golden
        let hidden = Tolerances.hidden()
        stage.uses("codes", "text", "noise_0", "speed")
        let clips = stage.name.hasSuffix("_multi") ? Self.clips : [Self.clips[0]]
        let speaker = Tensor.concatenatingRows(try clips.map { try self.speaker($0) }).meanOfRows()
        // 1.3 was written in single precision; its shortest decimal is what upstream was given.
        let speed = Double("\(try golden.floats("speed")[0])") ?? 1
        let taps = Taps.recording()
        let wav = model.decode(
            codes: try golden.ints("codes"), phones: try golden.ints("text"), speaker: speaker, speed: speed,
            noise: try golden.timeMajor("noise_0"), taps: taps)
        for (name, value) in taps.recorded {
            if name == "enc_p.text_embedding" {
                try stage.compare(name, value.values, hidden)
            } else {
                try stage.compareTransposed(
                    name, value, name.hasPrefix("dec.") ? Tolerances.waveform : hidden)
            }
        }
        let statistics = taps.latest("enc_p.proj")
        let C = model.latentChannels
        try stage.compareTransposed("m_p", statistics?.columns(0..<C), hidden)
        try stage.compareTransposed("logs_p", statistics?.columns(C..<2 * C), hidden)
        try stage.compare("wav", wav.values, Tolerances.waveform)
    }

    private func streaming(_ stage: Stage) throws {
        let golden = stage.golden
        stage.uses("codes", "text", "cuts")
        let codes = try golden.ints("codes")
        let cuts = try golden.ints("cuts")
        let speaker = try speaker(Self.clips[0])
        var last: Tensor?
        for i in 0..<cuts.count - 1 {
            let overlapTokens = try golden.int("chunk_\(i)_olen")
            stage.uses("chunk_\(i)_olen", "chunk_\(i)_noise_0")
            let noise = try golden.timeMajor("chunk_\(i)_noise_0")
            let overlap = last.map { $0.rows(max(0, $0.shape[0] - 2 * overlapTokens)..<$0.shape[0]) }
            let part = model.decodeChunk(
                codes: Array(codes[..<cuts[i + 1]]), phones: try golden.ints("text"), speaker: speaker,
                resultTokens: i == 0 ? nil : cuts[i + 1] - cuts[i] + overlapTokens, overlap: overlap,
                noise: { _ in noise })
            try stage.compare("chunk_\(i)_wav", part.samples.values, Tolerances.waveform)
            try stage.compareTransposed("chunk_\(i)_latent", part.latent, Tolerances.hidden())
            let ones = [Float](repeating: 1, count: part.latent.shape[0])
            try stage.compare("chunk_\(i)_mask", ones, Tolerances.tokens)
            last = part.latent
        }
    }
}
