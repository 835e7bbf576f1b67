import Checkpoint
import Models
import Tensor

/// Recognises networks by what they compute of synthetic input: other weights give other results, and so does the
/// arithmetic of another processor, whose features must not be taken for this one's. Computing it takes as long as half a
/// second of reference audio.
struct ModelFingerprint: Sendable, Hashable {
    /// Digests of the results.
    let text: String

    init(_ models: ReferenceAnalyzer) {
        var state: UInt32 = 1
        func numbers(_ count: Int) -> [Float] {
            (0..<count).map { _ in
                state = state &* 1_664_525 &+ 1_013_904_223
                return Float(state >> 8) / Float(1 << 24)
            }
        }
        let acoustic = models.acoustic
        let features = models.huBERT(numbers(8_000).map { $0 - 0.5 })
        let tokens = acoustic.quantizer.encode(features).map(Float.init)
        let codebook = acoustic.quantizer.decode(Array(0..<acoustic.quantizer.codeCount))
        var inputs: [ReferenceInput: Tensor] = [:]
        for input in acoustic.requiredInputs {
            switch input {
            case .spectrogram(let fftSize, _, _):
                let bins = fftSize / 2 + 1
                inputs[input] = Tensor(numbers(32 * bins), [32, bins])
            }
        }
        let conditioning = acoustic.conditioning(inputs).tensors.sorted { $0.key < $1.key }
        let results = [features.values, codebook.values, tokens] + conditioning.map(\.value.values)
        text = results.map { Digest.sha256($0) }.joined(separator: " ")
    }
}
