import Audio
import Checkpoint
import Models
import Synchronization
import Tensor

/// What a voice keeps of a reference clip.
struct ReferenceFeatures: Sendable {
    /// Semantic tokens of the clip; nil for a clip that only lends its speaker vector.
    let prompt: [Int]?
    /// Speaker vector `[1, G]`.
    let speaker: Tensor
}

/// Reads reference clips and keeps their features by the clip's content, newest first, within bounds.
final class References: Sendable {
    private struct Key: Hashable {
        let content: String
        let generation: Int
        let huBERTPath: String?
        let needsPrompt: Bool
    }
    private let cache = Mutex<[(key: Key, features: ReferenceFeatures)]>([])
    private let counted = Mutex((hits: 0, misses: 0))
    /// How often features were known, and how often they had to be computed.
    var counts: (hits: Int, misses: Int) { counted.withLock { $0 } }
    /// A speaker vector and some hundred tokens take about 4 kB.
    private static let limit = 256

    /// Features of the clip at `path` for a set of weights.
    ///
    /// - Parameter needsPrompt: whether the clip must be 3–10 s long and give prompt tokens, or only a speaker vector.
    func features(path: String, models: ModelSet, base: BaseModels, needsPrompt: Bool) throws
        -> ReferenceFeatures
    {
        do {
            let clip = try AudioReader.read(path: path)
            let key = Key(
                content: Self.fingerprint(clip), generation: models.generation,
                huBERTPath: models.huBERTPath, needsPrompt: needsPrompt)
            if let known = find(key) {
                counted.withLock { $0.hits += 1 }
                return known
            }
            counted.withLock { $0.misses += 1 }
            let features = try compute(clip, models, base, needsPrompt: needsPrompt)
            store(key, features)
            return features
        } catch let error as AudioError {
            let reason = "\(error)"
            throw SynthesisError(.reference, reason.contains("'\(path)'") ? reason : "\(path): \(reason)")
        }
    }

    private func compute(
        _ clip: AudioClip, _ models: ModelSet, _ base: BaseModels, needsPrompt: Bool
    ) throws -> ReferenceFeatures {
        let soVITS = models.soVITS
        var prompt: [Int]?
        if needsPrompt {
            let samples = try ReferenceAudio.semanticInput(clip, modelSampleRateHz: soVITS.sampleRateHz)
            let huBERT = models.huBERT ?? base.huBERT
            guard huBERT.featureCount == soVITS.quantizer.featureCount else {
                throw SynthesisError(
                    .weights,
                    "HuBERT gives \(huBERT.featureCount) features, \(models.soVITSPath) reads "
                        + "\(soVITS.quantizer.featureCount)")
            }
            prompt = soVITS.quantizer.encode(huBERT(samples))
            // A clip is heard once: the blocks its features were made in won't be asked for again soon.
            StoragePool.shared.trim()
        }
        let analyzer = SpectrogramAnalyzer(
            fftSize: soVITS.filterLength, hopSamples: soVITS.hopSamples, windowSamples: soVITS.windowSamples)
        let analysis = try ReferenceAudio.spectrogram(
            clip, sampleRateHz: soVITS.sampleRateHz, analyzer: analyzer)
        let spectrogram = Tensor(
            analysis.spectrogram.values, [analysis.spectrogram.frequencyBins, analysis.spectrogram.frames])
        return ReferenceFeatures(prompt: prompt, speaker: soVITS.speakerVector(spectrogram.transposed()))
    }

    private func find(_ key: Key) -> ReferenceFeatures? {
        cache.withLock { entries in
            guard let index = entries.firstIndex(where: { $0.key == key }) else { return nil }
            let entry = entries.remove(at: index)
            entries.insert(entry, at: 0)
            return entry.features
        }
    }

    private func store(_ key: Key, _ features: ReferenceFeatures) {
        cache.withLock { entries in
            entries.insert((key, features), at: 0)
            if entries.count > Self.limit { entries.removeLast() }
        }
    }

    /// SHA-256 of the decoded samples and their rate.
    private static func fingerprint(_ clip: AudioClip) -> String {
        clip.channels.map { channel in channel.withUnsafeBytes { Digest.sha256($0) } }.joined()
            + "@\(clip.sampleRateHz)"
    }
}
