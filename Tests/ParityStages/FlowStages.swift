package import Models
package import Tensor
package import TestSupport

/// The flow of v3 and v4, compared with upstream's `DiT` and `CFM`.
package enum FlowStages {
    /// One velocity: every recorded activation, `v`, the text path (`text_emb`) and the rotary angles (`rope_freqs`).
    package static func transformer(
        _ model: DiffusionTransformer, limit: Tolerance, _ comparison: inout Comparison
    ) throws {
        let golden = comparison.golden
        comparison.uses("x", "cond", "mu", "time", "d")
        let trace = ActivationTrace.recording()
        let schedule = model.schedule(
            times: try golden.floats("time"), stepSize: try golden.floats("d")[0], trace: trace)
        let context = model.context(
            features: try golden.matrix("mu"), prompt: try golden.timeMajor("cond"), trace: trace)
        let v = model(try golden.timeMajor("x"), context, schedule, step: 0, trace: trace)
        for (name, value) in trace.recorded where comparison.has(name) {
            try comparison.check(name, value, limit)
        }
        try comparison.check("text_emb", trace.latest("text_embed"), limit)
        let frequencies = model.rotaryFrequencies
        try comparison.check("inv_freq", frequencies, Tolerances.tokens)
        // Every angle is recorded twice, for both columns of a pair.
        let angles = (0..<context.frames).flatMap { t in
            frequencies.flatMap { [Float(t) * $0, Float(t) * $0] }
        }
        try comparison.check("rope_freqs", angles, limit)
        try comparison.check("v", v, limit)
    }

    /// Whole flows: `out` of every sentence.
    package static func flow(
        _ model: FlowMatchingDecoder, steps: Int, guidance: Float, limit: Tolerance,
        _ comparison: inout Comparison
    ) throws {
        let golden = comparison.golden
        comparison.uses("mu", "prompt", "noise_0")
        let shape = try golden.shape("mu")
        let (features, noise) = (try golden.floats("mu"), try golden.floats("noise_0"))
        let (T, D, M) = (shape[1], shape[2], try golden.shape("noise_0")[1])
        var result: [Float] = []
        for row in 0..<shape[0] {
            let out = try model(
                .init(
                    features: Tensor(Array(features[row * T * D..<(row + 1) * T * D]), [T, D]),
                    prompt: try golden.timeMajor("prompt"),
                    noise: Tensor(Array(noise[row * M * T..<(row + 1) * M * T]), [M, T]).transposed()),
                steps: steps, guidance: guidance)
            result += out.transposed().values
        }
        try comparison.check("out", result, limit)
    }
}
