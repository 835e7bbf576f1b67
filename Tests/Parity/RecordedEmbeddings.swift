import Audio
import Models
import ParityStages
import Synthesis
import Tensor
import TestSupport

/// Speaker embeddings that upstream computed of the clips.
///
/// Upstream's filter bank is in single precision: where a band is nearly silent, its logarithms are off by 4e-4, and the
/// network makes percents of them. What follows the embedding is therefore compared on the recorded ones.
struct RecordedEmbeddings: SpeakerVerification {
    private let golden: Golden
    /// Upstream's filter bank features of the clips, where the set has them.
    private let recordedFeatures: [Tensor]?
    private let references: String
    private let network: String
    /// Index of a clip by the number of its feature frames.
    private let indices: [Int: Int]

    /// - Parameters:
    ///   - version: whose stage `sv` has them.
    ///   - references: the folder of the clips.
    ///   - network: its checkpoint.
    init(_ goldens: GoldenSet, version: String, references: String, network: String) throws {
        golden = try goldens.open("\(version)/sv")
        (self.references, self.network) = (references, network)
        recordedFeatures = try? RecordedSoVITS.clips.map {
            try goldens.open("common/audio_\($0)").matrix("fbank")
        }
        var indices: [Int: Int] = [:]
        for (index, clip) in RecordedSoVITS.clips.enumerated() {
            indices[try Self.features(clip, references).shape[0]] = index
        }
        self.indices = indices
    }

    /// Filter bank features `[T, 80]` of a clip.
    private static func features(_ clip: String, _ references: String) throws -> Tensor {
        let analysis = try ReferenceAudio.spectrogram32k(
            try AudioReader.read(path: "\(references)/\(clip).wav"))
        let features = try ReferenceAudio.speakerFeatures(analysis.samples)
        return Tensor(features.values, [features.frames, features.bands])
    }

    /// The recorded embedding `[1, E]` of a clip.
    func recorded(_ clip: String) throws -> Tensor {
        guard let index = RecordedSoVITS.clips.firstIndex(of: clip) else {
            throw ParityError("no recorded embedding of \(clip)")
        }
        return try golden.matrix("emb_\(index)")
    }

    /// The recorded embeddings of the clips with so many frames.
    func embeddings(_ features: [Tensor]) throws -> [Tensor] {
        try features.map { features in
            guard let index = indices[features.shape[0]] else {
                throw ParityError("no recorded embedding of \(features.shape[0]) frames")
            }
            return try golden.matrix("emb_\(index)")
        }
    }

    /// The network itself: on the clips, and on upstream's own features where the set has them.
    func compare(_ comparison: inout Comparison) throws {
        let analysis = try ReferenceAudio.spectrogram32k(
            try AudioReader.read(path: "\(references)/\(RecordedSoVITS.clips[0]).wav"))
        try comparison.check(
            "wav16k", SincResampler(from: 32_000, to: 16_000)(analysis.samples), Tolerances.audio)
        comparison.arrayName = { Int($0) == nil ? $0 : "emb_" + $0 }
        let model = try VoiceLoader.speakerVerification(network)
        try SpeakerVerificationStages.embeddings(
            model,
            features: try recordedFeatures ?? RecordedSoVITS.clips.map { try Self.features($0, references) },
            limit: recordedFeatures == nil ? Tolerances.speakerEmbedding : Tolerances.speakerNetwork,
            &comparison)
    }
}
