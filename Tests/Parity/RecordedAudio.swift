import Audio
import Foundation
import ParityStages
import TestSupport

/// Audio before and after the networks, and sampling.
struct RecordedAudio {
    /// The folder of the clips.
    let references: String

    func run(_ kind: String, _ comparison: inout Comparison) throws {
        if kind.hasPrefix("audio_") {
            try clip(String(kind.dropFirst("audio_".count)), &comparison)
        } else if kind == "kernels" {
            try kernels(&comparison)
        } else if kind == "sampling" {
            try sampling(&comparison)
        } else if kind == "sola" {
            let golden = comparison.golden
            comparison.uses("overlap", "f0", "f1", "f2")
            let joined = try SOLA.join(
                try (0...2).map { try golden.floats("f\($0)") }, overlapSamples: try golden.integer("overlap")
            )
            try comparison.check("out", joined, Tolerances.audio)
        } else if kind == "postprocess" {
            try postprocess(&comparison)
        } else {
            comparison.fail(kind, "unknown stage")
        }
    }

    private func clip(_ name: String, _ comparison: inout Comparison) throws {
        let limit = Tolerances.audio
        let features = Tolerances.hidden()
        let clip = try AudioReader.read(path: "\(references)/\(name).wav")
        try comparison.check("sr", [clip.sampleRateHz])
        try comparison.check("raw", clip.channels.flatMap { $0 }, Tolerances.tokens)
        try comparison.check("librosa16k", try LibrosaResampler.to16kHz(clip), limit)
        try comparison.check("mono32k", ReferenceAudio.waveform(clip, sampleRateHz: 32_000), limit)
        let analysis = try ReferenceAudio.spectrogram32k(clip)
        try comparison.check("mono32k_scaled", analysis.samples, limit)
        try comparison.check("spec", analysis.spectrogram.values, features)
        try comparison.check("sv16k", SincResampler(from: 32_000, to: 16_000)(analysis.samples), limit)
        try comparison.check("fbank", try ReferenceAudio.speakerFeatures(analysis.samples).values, features)
        for (tag, mel, rate) in [("v3", LogMel.v3, 24_000), ("v4", LogMel.v4, 32_000)] {
            let samples = ReferenceAudio.waveform(clip, sampleRateHz: rate)
            try comparison.check("\(tag)_\(rate / 1000)k", samples, limit)
            let values = try mel(samples)
            try comparison.check("\(tag)_mel", values.values, Tolerances.logMel)
            try comparison.check("\(tag)_mel_norm", LogMel.normalize(values).values, Tolerances.logMel)
        }
    }

    private func kernels(_ comparison: inout Comparison) throws {
        let limit = Tolerances.audio
        for key in comparison.golden.names where key.hasPrefix("k_") {
            let rates = key.split(separator: "_").compactMap { Int($0) }
            let kernel = SincResampler(from: rates[0], to: rates[1]).denseKernel
            try comparison.check(key, kernel.values, limit)
            try comparison.check("w_\(rates[0])_\(rates[1])", [kernel.width])
        }
        try comparison.check(
            "mel_v3", MelFilterBank.slaney(sampleRateHz: 24_000, fftSize: 1024, count: 100).dense, limit)
        try comparison.check(
            "mel_v4", MelFilterBank.slaney(sampleRateHz: 32_000, fftSize: 1280, count: 100).dense, limit)
        for size in [1024, 1280, 2048] { try comparison.check("hann\(size)", Window.hann(size), limit) }
        let kaldi = MelFilterBank.kaldi(sampleRateHz: 16_000, fftSize: 512, count: 80, lowHz: 20)
        try comparison.check("kaldi_banks", kaldi.dense, limit)
        try comparison.check("povey400", Window.povey(400), limit)
    }

    private func postprocess(_ comparison: inout Comparison) throws {
        let golden = comparison.golden
        comparison.uses("f0", "f1", "f2", "batch_index")
        let f = try (0...2).map { try golden.floats("f\($0)") }
        func assembled(_ batches: [[[Float]]], _ order: [[Int]]?, _ pause: Double) throws -> [Int] {
            try Postprocess.assemble(
                batches, order: order, pauseSeconds: pause, sampleRateHz: 32_000, fullScale: .wrap
            ).map(Int.init)
        }
        try comparison.check("bucket", try assembled([[f[0], f[1]], [f[2]]], [[2, 0], [1]], 0.01))
        try comparison.check("plain", try assembled([[f[0], f[1]], [f[2]]], nil, 0.01))
        try comparison.check("nogap", try assembled([[f[0], f[1]], [f[2]]], nil, 0))
        // The middle fragment with its peak turned up instead of down: exactly +1 after normalisation.
        var positive = f[1]
        positive[5] = 3
        try comparison.check("wrap", try assembled([[positive]], nil, 0))
    }

    private func sampling(_ comparison: inout Comparison) throws {
        let golden = comparison.golden
        comparison.uses("logits", "prev", "grid")
        let logits = try golden.floats("logits")
        let input = SamplingStage.Input(
            logits: logits, previous: try golden.integers("prev"), sequences: 3)
        let V = logits.count / 3
        for row in 0..<(try golden.floats("grid").count / 4) where golden.has("probs_\(row)") {
            comparison.uses("q_\(row)")
            let noise = try golden.floats("q_\(row)")
            comparison.arrayName = { name in
                let names = ["penalized": "mutated_logits", "probabilities": "probs", "token": "idx"]
                return "\(names[name] ?? name)_\(row)"
            }
            try SamplingStage.run(
                input, try SamplingStage.options(golden, row: row), noise: { noise[$0 * V + $1] },
                &comparison)
        }
    }
}
