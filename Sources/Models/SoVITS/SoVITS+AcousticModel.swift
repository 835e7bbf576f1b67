package import Tensor

extension SoVITS: AcousticModel {
    /// Name of the speaker vector `[1, G]`, as upstream calls it.
    static let speakerName = "ge"

    /// Clips are analysed at the rate of the output.
    package var referenceSampleRateHz: Int { sampleRateHz }
    /// See `AcousticModel`.
    package var outputSampleRateHz: Int { sampleRateHz }

    private var referenceInput: ReferenceInput {
        .spectrogram(fftSize: filterLength, hopSamples: hopSamples, windowSamples: windowSamples)
    }

    /// The magnitude spectrogram, and the speaker embedding where the version has one.
    package var requiredInputs: Set<ReferenceInput> {
        speakerAdapter.map { [referenceInput, .speakerEmbedding(count: $0.embeddingCount)] } ?? [
            referenceInput
        ]
    }

    /// The speaker vector.
    package var conditioningShapes: [String: [Int?]] { [Self.speakerName: [1, speakerChannels]] }

    /// See `AcousticModel`.
    package func conditioning(_ inputs: [ReferenceInput: Tensor]) -> AcousticConditioning {
        guard let spectrogram = inputs[referenceInput] else {
            preconditionFailure("SoVITS: conditioning needs \(referenceInput)")
        }
        let embedding = speakerAdapter.flatMap { inputs[.speakerEmbedding(count: $0.embeddingCount)] }
        return AcousticConditioning([Self.speakerName: speakerVector(spectrogram, embedding: embedding)])
    }

    /// The mean of the speaker vectors.
    package func average(_ conditionings: [AcousticConditioning]) -> AcousticConditioning {
        guard conditionings.count > 1 else { return conditionings[0] }
        let vectors = Tensor.concatenatingRows(conditionings.map(speaker))
        return AcousticConditioning([Self.speakerName: vectors.meanOfRows()])
    }

    private func speaker(_ conditioning: AcousticConditioning) -> Tensor {
        guard let speaker = conditioning.tensors[Self.speakerName] else {
            preconditionFailure("SoVITS: conditioning without \(Self.speakerName)")
        }
        return speaker
    }

    /// See `AcousticModel`.
    package func samplesPerToken(speed: Double) -> Double {
        Double(samplesPerFrame) * (Double(framesPerToken) / speed)
    }

    /// At speed 1, upstream joins the sentences of a batch, synthesizes them as one, and cuts the result; at other speeds
    /// each is a synthesis of its own.
    package func synthesize(
        _ batch: [AcousticInput], _ setting: AcousticSetting, checkpoint: () throws -> Void
    ) throws -> [[Float]] {
        try checkpoint()
        guard setting.speed == 1 else {
            return try batch.map { sentence in
                try checkpoint()
                return synthesize(sentence, setting)
            }
        }
        let joined = AcousticInput(
            tokens: batch.flatMap(\.tokens), phonemes: batch.flatMap(\.phonemes))
        let samples = synthesize(joined, setting)
        var start = 0
        return batch.map { sentence in
            let end = start + sentence.tokens.count * framesPerToken * samplesPerFrame
            defer { start = end }
            return Array(samples[min(start, samples.count)..<min(end, samples.count)])
        }
    }

    private func synthesize(_ sentence: AcousticInput, _ setting: AcousticSetting) -> [Float] {
        let frames = frameCount(tokens: sentence.tokens.count, speed: setting.speed)
        return decode(
            codes: sentence.tokens, phones: sentence.phonemes, speaker: speaker(setting.conditioning),
            speed: setting.speed, noise: setting.noise(NoiseShape(frames: frames, channels: latentChannels)),
            trace: setting.trace
        ).values
    }

    /// See `AcousticModel`.
    package var supportsChunks: Bool { true }

    /// The text encoder reads all tokens; its output is cross-faded with that of the chunk before.
    package func synthesizeChunk(
        _ sentence: AcousticInput, resultTokens: Int?, after previous: AcousticChunk?, overlapTokens: Int,
        _ setting: AcousticSetting
    ) -> AcousticChunk {
        let overlap = previous.map { chunk in
            let frames = chunk.state.shape[0]
            return chunk.state.rows(frames - min(overlapTokens * framesPerToken, frames)..<frames)
        }
        let (samples, latent) = decodeChunk(
            codes: sentence.tokens, phones: sentence.phonemes, speaker: speaker(setting.conditioning),
            speed: setting.speed, resultTokens: resultTokens, overlap: overlap,
            noise: { setting.noise(NoiseShape(frames: $0, channels: latentChannels)) }, trace: setting.trace)
        return AcousticChunk(samples: samples.values, state: latent)
    }
}
