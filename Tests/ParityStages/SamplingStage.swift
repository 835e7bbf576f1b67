package import Models
package import TestSupport

/// Sampling from fixed logits, compared with upstream's `logits_to_probs` and `multinomial_sample_one_no_sync`.
package enum SamplingStage {
    /// Logits of several sequences and the tokens that each has so far.
    package struct Input {
        /// `[B, V]` and `[B, P]`, row-major.
        package let logits: [Float], previous: [Int]
        /// B.
        package let sequences: Int

        /// The input of `sequences` sequences.
        package init(logits: [Float], previous: [Int], sequences: Int) {
            (self.logits, self.previous, self.sequences) = (logits, previous, sequences)
        }
    }

    /// Penalized logits, probabilities and drawn tokens of all sequences: `penalized`, `probabilities`, `token`.
    ///
    /// - Parameter noise: of a sequence and a token, exponentially distributed.
    package static func run(
        _ input: Input, _ options: SamplingOptions, noise: (_ sequence: Int, _ token: Int) -> Float,
        _ comparison: inout Comparison
    ) throws {
        let V = input.logits.count / input.sequences
        let P = input.previous.count / input.sequences
        var penalized: [Float] = []
        var probabilities: [Float] = []
        var tokens: [Int] = []
        var buffers = SamplingBuffers(vocabulary: V)
        for sequence in 0..<input.sequences {
            let sampler = TokenSampler(
                options, vocabulary: V,
                previous: Array(input.previous[sequence * P..<(sequence + 1) * P]))
            buffers.load(Array(input.logits[sequence * V..<(sequence + 1) * V]))
            sampler.penalize(&buffers)
            penalized += buffers.logits
            sampler.computeProbabilities(&buffers)
            probabilities += buffers.probabilities
            tokens.append(TokenSampler.draw(buffers) { noise(sequence, $0) })
        }
        try comparison.check("penalized", penalized, Tolerances.probability)
        try comparison.check("probabilities", probabilities, Tolerances.probability)
        try comparison.check("token", tokens)
    }

    /// The options of one row of a golden's `grid`: top-k, top-p, temperature, repetition penalty.
    package static func options(_ golden: Golden, row: Int) throws -> SamplingOptions {
        let grid = try golden.floats("grid")
        return SamplingOptions(
            topK: Int(grid[row * 4]), topP: grid[row * 4 + 1], temperature: grid[row * 4 + 2],
            repetitionPenalty: grid[row * 4 + 3])
    }
}
