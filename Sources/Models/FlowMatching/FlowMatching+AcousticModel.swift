import Checkpoint
package import Tensor

extension FlowMatching: AcousticModel {
    /// Names of the conditioning's tensors: the speaker vector `[1, G]`, the clip's normalised spectrogram `[T, M]`, and, once
    /// the prompt is known, the features of the same frames `[T, D]`.
    private static let speakerName = "ge", melName = "mel", featuresName = "fea_ref"

    /// See `AcousticModel`.
    package var outputSampleRateHz: Int { rates.outputSampleRateHz }

    /// See `AcousticModel`.
    package var requiredInputs: Set<ReferenceInput> { [spectrogram, rates.mel] }

    /// See `AcousticModel`.
    package var conditioningShapes: [String: [Int?]] {
        [Self.speakerName: [1, speakerChannels], Self.melName: [nil, decoder.estimator.melBands]]
    }

    /// See `AcousticModel`.
    package func conditioning(_ inputs: [ReferenceInput: Tensor]) -> AcousticConditioning {
        guard let spectrogram = inputs[spectrogram], let mel = inputs[rates.mel] else {
            preconditionFailure("FlowMatching: conditioning needs \(requiredInputs)")
        }
        return AcousticConditioning([Self.speakerName: speakerVector(spectrogram), Self.melName: mel])
    }

    /// Upstream takes the main reference alone.
    package func average(_ conditionings: [AcousticConditioning]) -> AcousticConditioning { conditionings[0] }

    /// See `AcousticModel`.
    package var requiresPrompt: Bool { true }

    /// The parallel form joins the sentences of a batch as they follow each other.
    package func allowsBuckets(isParallel: Bool) -> Bool { !isParallel }

    /// v3's 24 kHz.
    package var allowsSuperSampling: Bool { version == .v3 }

    /// Adds the features of the clip, and keeps the last frames of both that a flow continues.
    package func conditioning(_ clip: AcousticConditioning, prompt: AcousticPrompt?) -> AcousticConditioning {
        guard let prompt else { preconditionFailure("FlowMatching: no prompt") }
        let mel = tensor(Self.melName, clip)
        let features = encoder(
            prompt.tokens, phonemes: prompt.phonemes, speaker: tensor(Self.speakerName, clip), speed: 1,
            trace: .none)
        let end = min(mel.shape[0], features.shape[0])
        let range = max(0, end - rates.promptFrames)..<end
        var result = clip
        result.tensors[Self.melName] = mel.rows(range)
        result.tensors[Self.featuresName] = features.rows(range)
        return result
    }

    private func tensor(_ name: String, _ conditioning: AcousticConditioning) -> Tensor {
        guard let tensor = conditioning.tensors[name] else {
            preconditionFailure("FlowMatching: conditioning without \(name)")
        }
        return tensor
    }

    /// See `AcousticModel`.
    package func samplesPerToken(speed: Double) -> Double {
        // Two frames of the latent a token.
        2 * rates.framesPerLatentFrame * Double(vocoder.samplesPerFrame) / speed
    }

    /// See `AcousticModel`.
    package var supportsChunks: Bool { false }

    /// See `AcousticModel`.
    package func synthesizeChunk(
        _ sentence: AcousticInput, resultTokens: Int?, after previous: AcousticChunk?, overlapTokens: Int,
        _ setting: AcousticSetting
    ) -> AcousticChunk {
        preconditionFailure("FlowMatching: chunks of a sentence")
    }

    /// In upstream's parallel form, the features of all sentences are joined, cut into pieces of equal length, and the pieces'
    /// sounds are joined by SOLA; otherwise each sentence is a sequence of flows that continue each other.
    package func synthesize(
        _ batch: [AcousticInput], _ setting: AcousticSetting, checkpoint: () throws -> Void
    ) throws -> [[Float]] {
        let prompt = FlowPrompt(
            features: tensor(Self.featuresName, setting.conditioning),
            spectrogram: tensor(Self.melName, setting.conditioning))
        let speaker = tensor(Self.speakerName, setting.conditioning)
        let features = try batch.map { sentence in
            try checkpoint()
            return encoder(
                sentence.tokens, phonemes: sentence.phonemes, speaker: speaker, speed: setting.speed,
                trace: setting.trace)
        }
        guard setting.isParallel else {
            return try features.map { try continued($0, prompt, setting, checkpoint) }
        }
        return try joined(features, prompt, setting, checkpoint)
    }
}

/// What a flow continues: features `[P, D]` and spectrogram `[P, M]` of the same frames.
private struct FlowPrompt {
    var features: Tensor
    var spectrogram: Tensor
    var frames: Int { spectrogram.shape[0] }
}

extension FlowMatching {
    /// The flow behind a prompt: `[T, M]` for features `[T, D]`.
    private func flow(
        _ features: Tensor, _ prompt: FlowPrompt, chunk: Int, _ setting: AcousticSetting,
        _ checkpoint: () throws -> Void
    ) throws -> Tensor {
        let all = Tensor.concatenatingRows([prompt.features, features])
        let T = all.shape[0]
        // The weights of the modulations, two fifths of the model, are read before the first step only.
        var isFirst = true
        defer { releaseFlowPages() }
        let spectrogram = try decoder(
            .init(
                features: all, prompt: prompt.spectrogram,
                noise: setting.noise(
                    NoiseShape(chunk: chunk, frames: T, channels: decoder.estimator.melBands))),
            steps: setting.sampleSteps,
            checkpoint: {
                if isFirst { releaseFlowPages() }
                isFirst = false
                try checkpoint()
            })
        return spectrogram.rows(prompt.frames..<T)
    }

    /// A sentence, piece by piece: the end of each piece is the prompt of the next (`using_vocoder_synthesis`).
    private func continued(
        _ features: Tensor, _ first: FlowPrompt, _ setting: AcousticSetting, _ checkpoint: () throws -> Void
    ) throws -> [Float] {
        let length = rates.chunkFrames - first.frames
        var prompt = first
        var pieces: [Tensor] = []
        for start in stride(from: 0, to: features.shape[0], by: length) {
            let piece = features.rows(start..<min(start + length, features.shape[0]))
            let spectrogram = try flow(piece, prompt, chunk: pieces.count, setting, checkpoint)
            pieces.append(spectrogram)
            let kept = max(0, piece.shape[0] - first.frames)..<piece.shape[0]
            prompt = FlowPrompt(features: piece.rows(kept), spectrogram: spectrogram.rows(kept))
        }
        try checkpoint()
        return sound(.concatenatingRows(pieces))
    }

    /// The sentences of a batch as one sequence (`using_vocoder_synthesis_batched_infer`).
    private func joined(
        _ sentences: [Tensor], _ prompt: FlowPrompt, _ setting: AcousticSetting,
        _ checkpoint: () throws -> Void
    ) throws -> [[Float]] {
        let (overlap, perFrame) = (rates.overlapFrames, vocoder.samplesPerFrame)
        let length = rates.chunkFrames - prompt.frames
        let features = Tensor.concatenatingRows(
            [Tensor(repeating: 0, [overlap, encoder.featureCount])] + sentences)
        var pieces: [Tensor] = []
        var padding = 0
        var start = 0
        while start < features.shape[0] {
            let end = min(start + length, features.shape[0])
            padding = length - (end - start)
            let piece = features.rows(start..<end).paddingRows(to: length)
            pieces.append(try flow(piece, prompt, chunk: pieces.count, setting, checkpoint))
            start += length - overlap
        }
        try checkpoint()
        let samples = sound(.concatenatingRows(pieces))
        let size = length * perFrame
        let fragments = stride(from: 0, to: samples.count, by: size).map {
            Array(samples[$0..<min($0 + size, samples.count)])
        }
        let audio = try setting.overlapAdd(fragments, overlap * perFrame)
            .dropFirst(overlap * perFrame).dropLast(padding * perFrame)
        var position = audio.startIndex
        return sentences.map { sentence in
            let end = min(position + sentence.shape[0] * perFrame, audio.endIndex)
            defer { position = end }
            return Array(audio[position..<end])
        }
    }
}
