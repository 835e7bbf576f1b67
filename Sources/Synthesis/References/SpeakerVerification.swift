package import Audio
package import Models
package import Tensor

/// What turns filter bank features `[T, 80]` of clips into speaker embeddings `[1, E]`.
package protocol SpeakerVerification: Sendable {
    /// The embeddings of several clips.
    ///
    /// - Throws: `SynthesisError` where the network cannot be read.
    func embeddings(_ features: [Tensor]) throws -> [Tensor]
}

/// Upstream's speaker verification network.
///
/// It is read for each request that needs it and not kept: that takes a tenth of the time that it works, it would hold
/// 70 MB, and its result is cached with the clip's other features.
package struct PretrainedSpeakerVerification: SpeakerVerification {
    /// The checkpoint; its converted form is preferred where it lies beside it.
    package let path: String

    /// The network at `path`.
    package init(path: String) { self.path = path }

    /// See `SpeakerVerification`.
    package func embeddings(_ features: [Tensor]) throws -> [Tensor] {
        let network = try VoiceLoader.speakerVerification(path)
        defer { StoragePool.shared.trim() }
        return features.map { network($0) }
    }
}

extension SpeakerVerification {
    /// How alike the voices of two clips are: the cosine of their embeddings, −1 to 1.
    ///
    /// The embeddings are those that v2Pro and v2ProPlus take from a reference clip.
    ///
    /// - Throws: `SynthesisError`: the network cannot be read; `reference` for a clip outside ``comparableSeconds`` or without
    ///   a sound, which `names` says.
    package func similarity(
        _ first: AudioClip, _ second: AudioClip, names: (String, String)
    ) throws -> Double {
        let features = try [(first, names.0), (second, names.1)].map { try Self.features($0, name: $1) }
        let embeddings = try embeddings(features)
        return Self.cosine(embeddings[0].values, embeddings[1].values)
    }

    /// Durations of clips that can be compared, in seconds. Memory grows with the longest: by 10 MB a second.
    package static var comparableSeconds: ClosedRange<Double> { 0.5...60 }

    private static func features(_ clip: AudioClip, name: String) throws -> Tensor {
        guard comparableSeconds.contains(clip.durationSeconds) else {
            throw SynthesisError(
                .reference,
                "\(name) lasts \((clip.durationSeconds * 10).rounded() / 10) s; \(comparableSeconds.lowerBound) to "
                    + "\(comparableSeconds.upperBound) s can be compared")
        }
        do {
            let samples = ReferenceAudio.limitPeak(
                ReferenceAudio.waveform(clip, sampleRateHz: Self.referenceSampleRateHz))
            guard samples.contains(where: { $0 != 0 }) else {
                throw SynthesisError(.reference, "\(name) is silent")
            }
            let features = try ReferenceAudio.speakerFeatures(
                samples, sampleRateHz: Self.referenceSampleRateHz)
            return Tensor(features.values, [features.frames, features.bands])
        } catch let error as AudioError {
            throw SynthesisError(.reference, "\(name): \(error)")
        }
    }

    /// The rate of v2Pro's references, through which upstream's clips come to 16 kHz.
    private static var referenceSampleRateHz: Int { 32_000 }

    private static func cosine(_ a: [Float], _ b: [Float]) -> Double {
        func product(_ x: [Float], _ y: [Float]) -> Double {
            zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        let norms = (product(a, a) * product(b, b)).squareRoot()
        return norms > 0 ? min(max(product(a, b) / norms, -1), 1) : 0
    }
}
