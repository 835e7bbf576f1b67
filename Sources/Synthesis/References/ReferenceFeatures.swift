import Audio
import Models
import Tensor

/// What a voice uses of a reference clip.
struct ReferenceFeatures: Sendable {
    /// Semantic tokens of the clip; nil for a clip that only contributes to the conditioning.
    let promptTokens: [Int]?
    /// The acoustic model's conditioning.
    let conditioning: AcousticConditioning
}

/// Computes the features of reference clips for one set of models.
struct ReferenceAnalyzer {
    let huBERT: HuBERT
    let acoustic: any AcousticModel
    private let speakerVerification: any SpeakerVerification

    /// - Throws: `SynthesisError` when HuBERT's features are not those that the acoustic model reads.
    init(_ models: ModelSet, _ base: BaseModels) throws {
        huBERT = models.huBERT?.model ?? base.huBERT
        acoustic = models.acoustic.model
        speakerVerification = base.speakerVerification
        let read = acoustic.quantizer.featureCount
        guard huBERT.featureCount == read else {
            throw SynthesisError(
                .weights,
                "HuBERT gives \(huBERT.featureCount) features, \(models.acoustic.path) reads \(read)")
        }
    }

    /// - Parameter needsPrompt: whether the clip must be 3–10 s long and gives prompt tokens, or only conditioning.
    func features(_ clip: AudioClip, needsPrompt: Bool) throws -> ReferenceFeatures {
        let promptTokens = needsPrompt ? try promptTokens(clip) : nil
        var inputs: [ReferenceInput: Tensor] = [:]
        for input in acoustic.requiredInputs { inputs[input] = try analysis(clip, input) }
        return ReferenceFeatures(promptTokens: promptTokens, conditioning: acoustic.conditioning(inputs))
    }

    private func promptTokens(_ clip: AudioClip) throws -> [Int] {
        let samples = try ReferenceAudio.semanticInput(
            clip, modelSampleRateHz: acoustic.referenceSampleRateHz)
        // HuBERT's buffers are not needed again soon: a clip is analysed once.
        defer { StoragePool.shared.trim() }
        return acoustic.quantizer.encode(huBERT(samples))
    }

    private func analysis(_ clip: AudioClip, _ input: ReferenceInput) throws -> Tensor {
        let sampleRateHz = acoustic.referenceSampleRateHz
        switch input {
        case .spectrogram(let fftSize, let hopSamples, let windowSamples):
            let analyzer = SpectrogramAnalyzer(
                fftSize: fftSize, hopSamples: hopSamples, windowSamples: windowSamples)
            let spectrogram = try ReferenceAudio.spectrogram(
                clip, sampleRateHz: sampleRateHz, analyzer: analyzer
            ).spectrogram
            return Tensor(spectrogram.values, [spectrogram.frequencyBins, spectrogram.frames]).transposed()
        case .mel(let sampleRateHz, let fftSize, let hopSamples, let bands):
            let mel = try ReferenceAudio.normalizedMel(
                clip,
                LogMel(sampleRateHz: sampleRateHz, fftSize: fftSize, hopSamples: hopSamples, bands: bands))
            return Tensor(mel.values, [mel.frequencyBins, mel.frames]).transposed()
        case .speakerEmbedding(let count):
            // Upstream takes the signal that the spectrogram is computed from.
            let samples = ReferenceAudio.limitPeak(ReferenceAudio.waveform(clip, sampleRateHz: sampleRateHz))
            let features = try ReferenceAudio.speakerFeatures(samples, sampleRateHz: sampleRateHz)
            return try speakerEmbedding(
                Tensor(features.values, [features.frames, features.bands]), count: count)
        }
    }

    /// The embedding `[1, count]` of filter bank features `[T, 80]`.
    func speakerEmbedding(_ features: Tensor, count: Int) throws -> Tensor {
        let embedding = try speakerVerification.embeddings([features])[0]
        guard embedding.count == count else {
            throw SynthesisError(
                .weights,
                "speaker verification gives \(embedding.count) values, the voice reads \(count)")
        }
        return embedding
    }
}
