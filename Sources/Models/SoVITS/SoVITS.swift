package import Checkpoint
import Files
package import Tensor

/// SoVITS v1, v2, v2Pro and v2ProPlus: semantic tokens, phones and a speaker → 32 kHz speech.
///
/// quantizer → text encoder → (noise) → flow → generator, with the speaker vector of one or several reference
/// clips. PyTorch: upstream's `SynthesizerTrn`. The versions are the same composition with other dimensions: v1 has
/// 322 symbols and reads the whole spectrogram, v2 has 732 and reads its lowest 704 bins. v2Pro and v2ProPlus add an
/// embedding of the speaker, which comes from a network of its own, to the vector of the spectrogram.
package struct SoVITS: Sendable {
    /// The version of the checkpoint.
    package let version: ModelVersion
    /// Output rate, and the analysis that reference clips need.
    package let sampleRateHz: Int, filterLength: Int, hopSamples: Int, windowSamples: Int
    /// Samples per latent frame, latent frames per token, channels of the latent, number of phones.
    package let samplesPerFrame: Int, framesPerToken: Int, latentChannels: Int, phoneCount: Int
    /// The codebook shared with the text-to-semantic model.
    package let quantizer: Quantizer

    /// Width of the speaker vector.
    let speakerChannels: Int

    private let encoder: TextEncoder
    private let reference: ReferenceEncoder
    /// nil for v1 and v2.
    let speakerAdapter: SpeakerAdapter?
    private let flow: Flow
    let generator: Generator
    /// The weights' file, if convolutions are read where it is mapped.
    private let mapped: MappedFile?

    /// Reads a `.pth` (or its converted form) at `path`.
    package init(path: String) throws {
        try self.init(try Checkpoint.open(path))
    }

    /// Whether this is a version that works here.
    static func isSupported(_ checkpoint: Checkpoint) -> Bool {
        let found = checkpoint.soVITSVersion
        return [.v1, .v2, .v2Pro, .v2ProPlus].contains(found.modelVersion) && !found.isLoRA
    }

    /// Reads an open checkpoint; `recorder` records what the layers prepack.
    init(_ checkpoint: Checkpoint, recorder: PrepackRecorder? = nil) throws {
        let path = checkpoint.path
        try checkpoint.require(.soVITS)
        let found = checkpoint.soVITSVersion
        guard Self.isSupported(checkpoint) else {
            throw ModelError(
                path: path, key: "version",
                reason:
                    "is \(found.modelVersion.rawValue)\(found.isLoRA ? " (LoRA)" : ""), which is not made of the parts of v1 and v2"
            )
        }
        version = found.modelVersion
        let config = try SoVITSConfiguration(checkpoint)
        let weights = WeightScope(checkpoint, recorder: recorder)
        quantizer = try Quantizer(weights)
        phoneCount = weights["enc_p"]["text_embedding"].axes(of: "weight", 2)?[0] ?? 732
        let (features, phoneCount) = (quantizer.featureCount, phoneCount)
        let encoder = LoadingJob {
            try TextEncoder(
                weights["enc_p"], config, features: features, phoneCount: phoneCount,
                speakerChannels: SpeakerAdapter.textChannels(weights) ?? config.speakerChannels)
        }
        let reference = LoadingJob { try ReferenceEncoder(weights["ref_enc"], config) }
        let flow = LoadingJob {
            try Flow(
                weights["flow"], channels: config.interChannels, hidden: config.hiddenChannels,
                speakerChannels: config.speakerChannels)
        }
        let generator = LoadingJob {
            try Generator(weights["dec"], config.generator)
        }
        runSideBySide([generator, encoder, flow, reference])
        self.encoder = try encoder.value()
        self.reference = try reference.value()
        speakerAdapter =
            SpeakerAdapter.textChannels(weights) == nil
            ? nil : try SpeakerAdapter(weights, speakerChannels: config.speakerChannels)
        self.flow = try flow.value()
        self.generator = try generator.value()
        // The posterior encoder is for training; upstream's base files carry it.
        try weights.assertAllUsed(ignoring: ["enc_q."])
        // Convolutions were packed; what is used in place is paged in again when it is read.
        checkpoint.file.releasePages()
        mapped = self.generator.isMapped ? checkpoint.file : nil
        sampleRateHz = config.sampleRateHz
        filterLength = config.filterLength
        hopSamples = config.hopSamples
        windowSamples = config.windowSamples
        samplesPerFrame = config.upsampleRates.reduce(1, *)
        framesPerToken = config.framesPerToken
        latentChannels = config.interChannels
        speakerChannels = config.speakerChannels
    }

    /// Spectrogram `[T, bins]` of a reference clip → the reference encoder's vector `[1, G]`.
    package func referenceVector(_ spectrogram: Tensor, trace: ActivationTrace = .none) -> Tensor {
        reference(spectrogram, trace: trace)
    }

    /// The speaker vector `[1, G]` of a reference clip.
    ///
    /// - Parameters:
    ///   - spectrogram: `[T, bins]`.
    ///   - embedding: `[1, E]` of `ERes2NetV2`, for versions with a `speakerAdapter`.
    package func speakerVector(
        _ spectrogram: Tensor, embedding: Tensor? = nil, trace: ActivationTrace = .none
    ) -> Tensor {
        let vector = referenceVector(spectrogram)
        guard let speakerAdapter else { return vector }
        guard let embedding else {
            preconditionFailure("SoVITS: \(version.rawValue) needs a speaker embedding")
        }
        return speakerAdapter(vector, embedding: embedding, trace: trace)
    }

    /// The speaker vector as the text encoder reads it.
    private func textSpeaker(_ speaker: Tensor, _ trace: ActivationTrace) -> Tensor {
        speakerAdapter?.narrowed(speaker, trace: trace) ?? speaker
    }

    /// Frames of the latent for `tokens` tokens at a speed: how much noise a synthesis needs.
    package func frameCount(tokens: Int, speed: Double) -> Int {
        let T = tokens * framesPerToken
        return speed == 1 ? T : Int(Double(T) / speed) + 1
    }

    /// Speech of a token sequence: samples in −1 … 1.
    ///
    /// - Parameters:
    ///   - codes: semantic tokens.
    ///   - phones: phone ids of the text (without the prompt's).
    ///   - speaker: a speaker vector, or the mean of several.
    ///   - speed: speaking rate.
    ///   - noise: `[frameCount, latentChannels]`, normally distributed.
    package func decode(
        codes: [Int], phones: [Int], speaker: Tensor, speed: Double = 1, noise: Tensor,
        trace: ActivationTrace = .none
    ) -> Tensor {
        let frames = quantizer.decode(codes).repeatingRows(framesPerToken)
        let statistics = encoder(
            frames, phones: phones, speaker: textSpeaker(speaker, trace), speed: speed, trace: trace["enc_p"]
        ).statistics
        return synthesize(statistics, speaker: speaker, noise: noise, trace: trace)
    }

    /// A chunk of a streamed sentence: speech of the last tokens of `codes`, cross-faded in the encoder's output with
    /// the chunk before (upstream: `decode_streaming`).
    ///
    /// - Parameters:
    ///   - resultTokens: how many tokens from the end are wanted; nil for all.
    ///   - overlap: the last frames of the `latent` that the chunk before returned.
    ///   - noise: given the number of frames, makes the noise.
    package func decodeChunk(
        codes: [Int], phones: [Int], speaker: Tensor, speed: Double = 1, resultTokens: Int?, overlap: Tensor?,
        noise: (Int) -> Tensor, trace: ActivationTrace = .none
    ) -> (samples: Tensor, latent: Tensor) {
        let frames = quantizer.decode(codes).repeatingRows(framesPerToken)
        let encoded = encoder(
            frames, phones: phones, speaker: textSpeaker(speaker, trace), speed: speed,
            continuation: .init(resultFrames: resultTokens.map { $0 * framesPerToken }, overlap: overlap),
            trace: trace["enc_p"])
        let samples = synthesize(
            encoded.statistics, speaker: speaker, noise: noise(encoded.statistics.shape[0]), trace: trace)
        return (samples, encoded.overlap)
    }

    /// Releases the pages of mapped weights; they are read from the file again when they are needed. No effect on packed
    /// weights.
    package func releasePages() { mapped?.releasePages() }

    private func synthesize(_ statistics: Tensor, speaker: Tensor, noise: Tensor, trace: ActivationTrace)
        -> Tensor
    {
        let latent = statistics.reparameterized(noise: noise, scale: 0.5)
        trace("z_p", latent)
        let z = flow(latent, speaker: speaker, trace: trace["flow"])
        // Weights of the encoder and the flow are not read again for this latent, those of the generator not before the
        // next one's are. For a short latent the page faults would cost more than that saves.
        let isLong = latent.shape[0] >= 200
        if isLong { releasePages() }
        defer { if isLong { releasePages() } }
        trace("dec:in", z)
        return generator(z, speaker: speaker, trace: trace["dec"])
    }
}
