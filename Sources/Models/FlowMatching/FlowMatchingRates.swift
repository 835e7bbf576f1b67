/// The rates of a version with flow matching, upstream's constants (`TTS.init_vocoder`, `mel_fn`, `SynthesizerTrnV3`).
package struct FlowMatchingRates: Sendable, Equatable {
    /// The mel spectrogram of the reference clip.
    package let mel: ReferenceInput
    /// Rate of the samples.
    package let outputSampleRateHz: Int
    /// Frames of the prompt that are kept, and frames of a flow with its prompt.
    package let promptFrames: Int, chunkFrames: Int
    /// Frames that neighbouring chunks of a batch share.
    package let overlapFrames = 12
    /// Mel frames per frame of the 50 Hz latent, and per token as upstream's mask counts them.
    package let framesPerLatentFrame: Double, maskedFramesPerToken: Double

    /// v3: 24 kHz.
    package static let v3 = FlowMatchingRates(
        mel: .mel(sampleRateHz: 24_000, fftSize: 1024, hopSamples: 256, bands: 100),
        outputSampleRateHz: 24_000, promptFrames: 468, chunkFrames: 934, framesPerLatentFrame: 1.875,
        maskedFramesPerToken: 3.875)
    /// v4: 48 kHz.
    package static let v4 = FlowMatchingRates(
        mel: .mel(sampleRateHz: 32_000, fftSize: 1280, hopSamples: 320, bands: 100),
        outputSampleRateHz: 48_000, promptFrames: 500, chunkFrames: 1000, framesPerLatentFrame: 2,
        maskedFramesPerToken: 4)
}
