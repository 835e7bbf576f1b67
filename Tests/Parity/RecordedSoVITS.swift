import Audio
import Models
import ParityStages
import Tensor
import TestSupport

/// SoVITS on recorded codes, phones and noise, and on the recorded clips.
struct RecordedSoVITS {
    let model: SoVITS
    /// For versions whose speaker vector needs them.
    let embeddings: RecordedEmbeddings?
    /// The folder of the clips.
    let references: String

    /// The clips whose speaker vectors upstream averages, in order.
    static let clips = ["ref32k", "ref44k_stereo", "ref24k_loud"]

    private func spectrogram(_ clip: String) throws -> Tensor {
        let analysis = try ReferenceAudio.spectrogram32k(
            try AudioReader.read(path: "\(references)/\(clip).wav"))
        let s = analysis.spectrogram
        return Tensor(s.values, [s.frequencyBins, s.frames]).transposed()
    }

    /// The speaker vector of a clip, or the mean of several. What it is made of is compared where it was recorded.
    private func speaker(_ clips: [String], _ comparison: inout Comparison) throws -> Tensor {
        var vectors: [Tensor] = []
        for clip in clips {
            let trace = ActivationTrace.recording()
            let embedding = try embeddings?.recorded(clip)
            vectors.append(
                model.speakerVector(try spectrogram(clip), embedding: embedding, trace: trace))
            for (name, value) in trace.recorded { try comparison.check(name, value, Tolerances.hidden()) }
        }
        return Tensor.concatenatingRows(vectors).meanOfRows()
    }

    /// - Parameter kind: the name of the stage without its version.
    func run(_ kind: String, _ comparison: inout Comparison) throws {
        if kind.hasPrefix("vq_") {
            comparison.uses("ssl_in", "margin")
            let features = try comparison.golden.timeMajor("ssl_in")
            try SoVITSStages.quantizer(model.quantizer, features: features, &comparison)
        } else if kind == "sv" {
            guard let embeddings else { return comparison.fail(kind, "the version has no embeddings") }
            try embeddings.compare(&comparison)
        } else if kind == "ref_enc" {
            try referenceEncoder(&comparison)
        } else if kind == "decode_streaming" {
            try chunks(&comparison)
        } else if kind.hasPrefix("decode_") {
            try decode(isMean: kind.hasSuffix("_multi"), &comparison)
        } else {
            comparison.fail(kind, "unknown stage")
        }
    }

    private func referenceEncoder(_ comparison: inout Comparison) throws {
        comparison.uses("spec_0")
        comparison.arrayName = { "ref_enc_" + $0 }
        let vectors = try SoVITSStages.referenceEncoder(
            model, spectrograms: try Self.clips.map { try spectrogram($0) }, &comparison)
        comparison.arrayName = { $0 }
        let mean = Tensor.concatenatingRows(vectors).meanOfRows()
        try comparison.check("mean_of_3", mean, Tolerances.hidden())
    }

    private func input(_ comparison: inout Comparison, clips: [String]) throws -> SoVITSStages.DecoderInput {
        comparison.uses("codes", "text")
        return SoVITSStages.DecoderInput(
            codes: try comparison.golden.integers("codes"), phones: try comparison.golden.integers("text"),
            speaker: try speaker(clips, &comparison))
    }

    private func decode(isMean: Bool, _ comparison: inout Comparison) throws {
        let golden = comparison.golden
        comparison.uses("noise_0", "speed")
        let input = try input(&comparison, clips: isMean ? Self.clips : [Self.clips[0]])
        // 1.3 was written in single precision; its shortest decimal is the double that upstream used.
        let speed = Double("\(try golden.floats("speed")[0])") ?? 1
        try SoVITSStages.decode(
            model, input, speed: speed, noise: try golden.timeMajor("noise_0"), &comparison)
    }

    private func chunks(_ comparison: inout Comparison) throws {
        let golden = comparison.golden
        let input = try input(&comparison, clips: [Self.clips[0]])
        comparison.uses("cuts")
        let cuts = try golden.integers("cuts")
        let indices = 0..<cuts.count - 1
        for index in indices { comparison.uses("chunk_\(index)_olen", "chunk_\(index)_noise_0") }
        let noise = try indices.map { try golden.timeMajor("chunk_\($0)_noise_0") }
        comparison.arrayName = { "chunk_" + $0.replacing(".", with: "_") }
        try SoVITSStages.chunks(
            model, input,
            SoVITSStages.ChunkPlan(
                cuts: cuts, overlapTokens: try indices.map { try golden.integer("chunk_\($0)_olen") }),
            noise: { index, _ in noise[index] }, &comparison)
    }
}
