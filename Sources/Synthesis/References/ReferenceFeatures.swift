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

    /// - Throws: `SynthesisError` when HuBERT's features are not those that the acoustic model reads.
    init(_ models: ModelSet, _ base: BaseModels) throws {
        huBERT = models.huBERT?.model ?? base.huBERT
        acoustic = models.acoustic.model
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
        switch input {
        case .spectrogram(let fftSize, let hopSamples, let windowSamples):
            let analyzer = SpectrogramAnalyzer(
                fftSize: fftSize, hopSamples: hopSamples, windowSamples: windowSamples)
            let spectrogram = try ReferenceAudio.spectrogram(
                clip, sampleRateHz: acoustic.referenceSampleRateHz, analyzer: analyzer
            ).spectrogram
            return Tensor(spectrogram.values, [spectrogram.frequencyBins, spectrogram.frames]).transposed()
        }
    }
}
