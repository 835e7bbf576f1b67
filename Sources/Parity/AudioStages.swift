import Audio
import Foundation
import Models
import TestSupport

/// What happens to audio before and after the networks.
struct AudioStages {
    let references: String

    func run(_ kind: String, _ stage: Stage) throws {
        if kind.hasPrefix("audio_") {
            try clip(String(kind.dropFirst("audio_".count)), stage)
        } else if kind == "kernels" {
            try kernels(stage)
        } else if kind == "sampling" {
            try sampling(stage)
        } else if kind == "sola" {
            let golden = stage.golden
            stage.uses("overlap", "f0", "f1", "f2")
            let joined = try SOLA.join(
                try (0...2).map { try golden.floats("f\($0)") }, overlapSamples: try golden.int("overlap"))
            try stage.compare("out", joined, Tolerances.audio)
        } else if kind == "postprocess" {
            try postprocess(stage)
        } else {
            stage.fail(kind, "unknown stage")
        }
    }

    private func clip(_ name: String, _ stage: Stage) throws {
        let limit = Tolerances.audio
        let features = Tolerances.hidden()
        let clip = try AudioReader.read(path: "\(references)/\(name).wav")
        try stage.compareInts("sr", [clip.sampleRateHz])
        try stage.compare("raw", clip.channels.flatMap { $0 }, Tolerances.tokens)
        try stage.compare("librosa16k", try LibrosaResampler.to16kHz(clip), limit)
        try stage.compare("mono32k", ReferenceAudio.waveform(clip, sampleRateHz: 32_000), limit)
        let analysis = try ReferenceAudio.spectrogram32k(clip)
        try stage.compare("mono32k_scaled", analysis.samples, limit)
        try stage.compare("spec", analysis.spectrogram.values, features)
        try stage.compare("sv16k", SincResampler(from: 32_000, to: 16_000)(analysis.samples), limit)
        try stage.compare("fbank", try ReferenceAudio.speakerFeatures(analysis.samples).values, features)
        for (tag, mel, rate) in [("v3", LogMel.v3, 24_000), ("v4", LogMel.v4, 32_000)] {
            let samples = ReferenceAudio.waveform(clip, sampleRateHz: rate)
            try stage.compare("\(tag)_\(rate / 1000)k", samples, limit)
            let values = try mel(samples)
            try stage.compare("\(tag)_mel", values.values, Tolerances.logMel)
            try stage.compare("\(tag)_mel_norm", LogMel.normalize(values).values, Tolerances.logMel)
        }
    }

    private func kernels(_ stage: Stage) throws {
        let limit = Tolerances.audio
        for key in stage.golden.tensors.keys where key.hasPrefix("k_") {
            let rates = key.split(separator: "_").compactMap { Int($0) }
            let kernel = SincResampler(from: rates[0], to: rates[1]).denseKernel
            try stage.compare(key, kernel.values, limit)
            try stage.compareInts("w_\(rates[0])_\(rates[1])", [kernel.width])
        }
        try stage.compare(
            "mel_v3", MelFilterBank.slaney(sampleRateHz: 24_000, fftSize: 1024, count: 100).dense, limit)
        try stage.compare(
            "mel_v4", MelFilterBank.slaney(sampleRateHz: 32_000, fftSize: 1280, count: 100).dense, limit)
        for size in [1024, 1280, 2048] { try stage.compare("hann\(size)", Window.hann(size), limit) }
        let kaldi = MelFilterBank.kaldi(sampleRateHz: 16_000, fftSize: 512, count: 80, lowHz: 20)
        try stage.compare("kaldi_banks", kaldi.dense, limit)
        try stage.compare("povey400", Window.povey(400), limit)
    }

    private func postprocess(_ stage: Stage) throws {
        let golden = stage.golden
        stage.uses("f0", "f1", "f2", "batch_index")
        let f = try (0...2).map { try golden.floats("f\($0)") }
        func assembled(_ batches: [[[Float]]], _ order: [[Int]]?, _ pause: Double) throws -> [Int] {
            try Postprocess.assemble(
                batches, order: order, pauseSeconds: pause, sampleRateHz: 32_000, fullScale: .wrap
            ).map(Int.init)
        }
        try stage.compareInts("bucket", try assembled([[f[0], f[1]], [f[2]]], [[2, 0], [1]], 0.01))
        try stage.compareInts("plain", try assembled([[f[0], f[1]], [f[2]]], nil, 0.01))
        try stage.compareInts("nogap", try assembled([[f[0], f[1]], [f[2]]], nil, 0))
        // The middle fragment with its peak turned up instead of down: exactly +1 after normalisation.
        var positive = f[1]
        positive[5] = 3
        try stage.compareInts("wrap", try assembled([[positive]], nil, 0))
    }

    private func sampling(_ stage: Stage) throws {
        let golden = stage.golden
        stage.uses("logits", "prev", "grid")
        let grid = try golden.floats("grid")
        let logits = try golden.floats("logits")
        let previous = try golden.ints("prev")
        let V = logits.count / 3
        let P = previous.count / 3
        for i in 0..<grid.count / 4 where golden.has("probs_\(i)") {
            let row = Array(grid[i * 4..<i * 4 + 4])
            let options = SamplingOptions(
                topK: Int(row[0]), topP: row[1], temperature: row[2], repetitionPenalty: row[3])
            stage.uses("q_\(i)")
            let q = try golden.floats("q_\(i)")
            var probabilities: [Float] = []
            var penalized: [Float] = []
            var tokens: [Int] = []
            var buffers = SamplingBuffers(vocabulary: V)
            for b in 0..<3 {
                let sampler = TokenSampler(
                    options, vocabulary: V, previous: Array(previous[b * P..<(b + 1) * P]))
                buffers.load(Array(logits[b * V..<(b + 1) * V]))
                sampler.penalize(&buffers)
                penalized += buffers.logits
                sampler.computeProbabilities(&buffers)
                probabilities += buffers.probabilities
                tokens.append(TokenSampler.draw(buffers) { q[b * V + $0] })
            }
            try stage.compare("probs_\(i)", probabilities, Tolerances.probability)
            try stage.compare("mutated_logits_\(i)", penalized, Tolerances.audio)
            try stage.compareInts("idx_\(i)", tokens)
        }
    }
}
