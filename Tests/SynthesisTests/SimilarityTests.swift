import Audio
import Tensor
import Testing

@testable import Synthesis

/// An embedding of the features' means.
private struct MeanFeatures: SpeakerVerification {
    func embeddings(_ features: [Tensor]) -> [Tensor] { features.map { $0.meanOfRows() } }
}

/// The comparison of two voices.
@Suite struct SimilarityTests {
    private func tone(_ step: Float, seconds: Float = 1, gain: Float = 0.3) throws -> AudioClip {
        try AudioClip(
            channels: [
                (0..<Int(seconds * 16_000)).map {
                    gain * (Float($0) * step).truncatingRemainder(dividingBy: 1)
                }
            ],
            sampleRateHz: 16_000)
    }

    @Test func theCosineOfTheEmbeddings() throws {
        let (low, high) = (try tone(0.01), try tone(0.23))
        let verification = MeanFeatures()
        let same = try verification.similarity(low, low, names: ("a", "b"))
        #expect(abs(same - 1) < 1e-12)
        let other = try verification.similarity(low, high, names: ("a", "b"))
        #expect(other < 0.99)
        #expect(try verification.similarity(high, low, names: ("a", "b")) == other)
    }

    @Test func clipsThatCannotBeCompared() throws {
        let good = try tone(0.01)
        for (bad, reason) in [
            (try tone(0.01, seconds: 0.4), "b lasts 0.4 s"), (try tone(0.01, seconds: 61), "b lasts 61.0 s"),
            (try tone(0.01, gain: 0), "b is silent"),
        ] {
            let error = #expect(throws: SynthesisError.self) {
                _ = try MeanFeatures().similarity(good, bad, names: ("a", "b"))
            }
            #expect(
                error?.code == .reference && error?.description.hasPrefix(reason) == true,
                "\(String(describing: error))")
        }
    }

    @Test func aMissingNetworkIsNamed() throws {
        let error = #expect(throws: SynthesisError.self) {
            let clip = try tone(0.01)
            _ = try PretrainedSpeakerVerification(path: "/nowhere/sv.ckpt").similarity(
                clip, clip, names: ("a", "b"))
        }
        #expect(error?.code == .setup && error?.description.hasPrefix("/nowhere/sv.ckpt is missing") == true)
    }
}
