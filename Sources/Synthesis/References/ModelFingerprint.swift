import Checkpoint
import Models
import Tensor

/// Recognises networks by what they compute of synthetic input: other weights give other results, and so does the
/// arithmetic of another processor, whose features must not be taken for this one's. Computing it takes as long as half a
/// second of reference audio.
struct ModelFingerprint: Sendable, Hashable {
    /// Digests of the results.
    let text: String

    /// - Throws: `SynthesisError` when a network that the voice needs beside its own cannot be read.
    init(_ models: ReferenceAnalyzer) throws {
        var random = SplitMix64(seed: 1)
        let acoustic = models.acoustic
        let features = models.huBERT(random.floats(8_000).map { $0 / 2 })
        let tokens = acoustic.quantizer.encode(features).map(Float.init)
        let codebook = acoustic.quantizer.decode(Array(0..<acoustic.quantizer.codeCount))
        var inputs: [ReferenceInput: Tensor] = [:]
        for input in acoustic.requiredInputs {
            switch input {
            case .spectrogram(let fftSize, _, _):
                let bins = fftSize / 2 + 1
                inputs[input] = Tensor(random.floats(32 * bins).map(abs), [32, bins])
            case .mel(_, _, _, let bands):
                inputs[input] = Tensor(random.floats(32 * bands), [32, bands])
            case .speakerEmbedding(let count):
                let bands = ERes2NetV2.bands
                inputs[input] = try models.speakerEmbedding(
                    Tensor(random.floats(48 * bands), [48, bands]), count: count)
            }
        }
        let conditioning = acoustic.conditioning(inputs).tensors.sorted { $0.key < $1.key }
        let results = [features.values, codebook.values, tokens] + conditioning.map(\.value.values)
        text = results.map { Digest.sha256($0) }.joined(separator: " ")
    }
}
