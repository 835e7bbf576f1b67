package import Models
package import Tensor

/// What turns filter bank features `[T, 80]` of a clip into a speaker embedding `[1, E]`.
package protocol SpeakerVerification: Sendable {
    /// - Throws: `SynthesisError` where the network cannot be read.
    func embedding(_ features: Tensor) throws -> Tensor
}

/// Upstream's speaker verification network.
///
/// It is read for each clip and not kept: that takes a tenth of the time that it works, it would hold 70 MB, and its result
/// is cached with the clip's other features.
package struct PretrainedSpeakerVerification: SpeakerVerification {
    /// The checkpoint; its converted form is preferred where it lies beside it.
    package let path: String

    /// The network at `path`.
    package init(path: String) { self.path = path }

    /// See `SpeakerVerification`.
    package func embedding(_ features: Tensor) throws -> Tensor {
        let network = try VoiceLoader.speakerVerification(path)
        defer { StoragePool.shared.trim() }
        return network(features)
    }
}
