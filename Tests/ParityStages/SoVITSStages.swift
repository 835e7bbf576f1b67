package import Models
package import Tensor
package import TestSupport

/// SoVITS, part by part, compared with upstream's `SynthesizerTrn`.
package enum SoVITSStages {
    /// The quantizer: HuBERT features `[T, F]` → `ssl_proj`, `codes`, and `decoded` from the codes.
    package static func quantizer(_ quantizer: Quantizer, features: Tensor, _ comparison: inout Comparison)
        throws
    {
        let trace = ActivationTrace.recording()
        let codes = quantizer.encode(features, trace: trace)
        let hidden = Tolerances.hidden()
        try comparison.check("ssl_proj", trace.latest("ssl_proj"), hidden, axes: .channelsFirst)
        try comparison.check("codes", codes)
        // A lookup of the codebook's rows: no arithmetic, so no error.
        try comparison.check(
            "decoded", quantizer.decode(codes), Tolerances.tokens, axes: .channelsFirst)
    }

    /// The speaker vector of each spectrogram `[T, bins]` (`0`, `1`, …), and the activations of the first (`0.<module>`).
    ///
    /// - Returns: the speaker vectors, `[1, G]` each.
    @discardableResult
    package static func referenceEncoder(
        _ model: SoVITS, spectrograms: [Tensor], _ comparison: inout Comparison
    ) throws -> [Tensor] {
        let hidden = Tolerances.hidden()
        return try spectrograms.enumerated().map { index, spectrogram in
            let trace = ActivationTrace.recording()
            let vector = model.referenceVector(spectrogram, trace: trace)
            for (name, value) in trace.recorded where index == 0 {
                let isConvolution = name == "temporal"
                try comparison.check(
                    "0.\(name)", value, hidden, axes: isConvolution ? .channelsFirst : .timeMajor)
            }
            try comparison.check("\(index)", vector, hidden)
            return vector
        }
    }

    /// What a synthesis reads.
    package struct DecoderInput {
        /// Semantic tokens, and phone ids of the text.
        package let codes: [Int], phones: [Int]
        /// `[1, G]`.
        package let speaker: Tensor

        /// The input of one text.
        package init(codes: [Int], phones: [Int], speaker: Tensor) {
            (self.codes, self.phones, self.speaker) = (codes, phones, speaker)
        }
    }

    /// A synthesis: every recorded activation, mean and log deviation of the latent (`m_p`, `logs_p`), and `wav`.
    ///
    /// - Parameter noise: `[frames, latent channels]`.
    package static func decode(
        _ model: SoVITS, _ input: DecoderInput, speed: Double = 1, noise: Tensor,
        _ comparison: inout Comparison
    ) throws {
        let hidden = Tolerances.hidden()
        let trace = ActivationTrace.recording()
        let wav = model.decode(
            codes: input.codes, phones: input.phones, speaker: input.speaker, speed: speed, noise: noise,
            trace: trace)
        for (name, value) in trace.recorded {
            try comparison.check(
                name, value, name.hasPrefix("dec.") ? Tolerances.waveform : hidden,
                axes: ["enc_p.text_embedding", "ge_to512"].contains(name) ? .timeMajor : .channelsFirst)
        }
        if comparison.has("m_p") {
            let statistics = trace.latest("enc_p.proj")
            let C = model.latentChannels
            try comparison.check("m_p", statistics?.columns(0..<C), hidden, axes: .channelsFirst)
            try comparison.check("logs_p", statistics?.columns(C..<2 * C), hidden, axes: .channelsFirst)
        }
        try comparison.check("wav", wav, Tolerances.waveform)
    }

    /// How a streamed synthesis is cut into chunks.
    package struct ChunkPlan {
        /// Codes known before the first chunk (0) and with each chunk.
        package let cuts: [Int]
        /// Tokens by which each chunk overlaps the one before.
        package let overlapTokens: [Int]

        /// - Precondition: one cut more than overlaps.
        package init(cuts: [Int], overlapTokens: [Int]) {
            precondition(cuts.count == overlapTokens.count + 1, "one overlap for every chunk")
            (self.cuts, self.overlapTokens) = (cuts, overlapTokens)
        }
    }

    /// A synthesis in chunks that are cross-faded in the encoder's output: `<i>.latent`, `<i>.wav`, and the number of
    /// frames that were spoken against the mask of ones that upstream returns, `<i>.mask`.
    ///
    /// - Parameter noise: from the index of a chunk and its number of frames to `[frames, latent channels]`.
    package static func chunks(
        _ model: SoVITS, _ input: DecoderInput, _ plan: ChunkPlan,
        noise: (_ chunk: Int, _ frames: Int) -> Tensor, _ comparison: inout Comparison
    ) throws {
        var last: Tensor?
        for (index, overlapTokens) in plan.overlapTokens.enumerated() {
            let (start, end) = (plan.cuts[index], plan.cuts[index + 1])
            let overlap = last.map { latent in
                latent.rows(max(0, latent.shape[0] - 2 * overlapTokens)..<latent.shape[0])
            }
            let part = model.decodeChunk(
                codes: Array(input.codes[..<end]), phones: input.phones, speaker: input.speaker,
                resultTokens: index == 0 ? nil : end - start + overlapTokens, overlap: overlap,
                noise: { noise(index, $0) })
            try comparison.check("\(index).latent", part.latent, Tolerances.hidden(), axes: .channelsFirst)
            try comparison.check("\(index).wav", part.samples, Tolerances.waveform)
            if comparison.has("\(index).mask") {
                let frames = part.samples.count / model.samplesPerFrame
                try comparison.check("\(index).mask", count: frames, of: 1)
            }
            last = part.latent
        }
    }
}
