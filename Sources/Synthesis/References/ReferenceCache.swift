import Audio
import Checkpoint
import Models
import Synchronization

/// Features of reference clips by the clips' content, newest first, within bounds; those of registered voices also in files
/// beside the clips.
final class ReferenceCache: Sendable {
    /// The weights that features were computed with.
    private struct Weights: Hashable {
        let acoustic: Int
        /// nil for the HuBERT that belongs to no voice.
        let huBERT: Int?
    }
    private struct Key: Hashable {
        let content: String
        let weights: Weights
        let needsPrompt: Bool
    }
    private struct State {
        /// The most recently used first.
        var entries: [(key: Key, features: ReferenceFeatures)] = []
        var fingerprints: [Weights: ModelFingerprint] = [:]
        var hits = 0, misses = 0
    }
    private let state = Mutex(State())
    /// A speaker vector and some hundred tokens take about 4 kB.
    private static let limit = 256

    /// How often features were known, and how often they had to be computed.
    var counts: (hits: Int, misses: Int) { state.withLock { ($0.hits, $0.misses) } }

    /// Features of the clip at `path` for a set of weights.
    ///
    /// - Parameters:
    ///   - needsPrompt: whether the clip must be 3–10 s long and gives prompt tokens, or only conditioning.
    ///   - isKept: whether they may be kept in a file beside the clip.
    func features(
        path: String, models: ModelSet, base: BaseModels, needsPrompt: Bool, isKept: Bool = false
    ) throws -> ReferenceFeatures {
        do {
            let clip = try AudioReader.read(path: path)
            let weights = Weights(acoustic: models.acoustic.weightsID, huBERT: models.huBERT?.weightsID)
            let key = Key(content: Self.digest(clip), weights: weights, needsPrompt: needsPrompt)
            if let known = find(key) { return known }
            let analyzer = try ReferenceAnalyzer(models, base)
            let file = isKept ? try self.file(of: path, key, analyzer) : nil
            if let kept = file?.read(for: analyzer.acoustic) {
                store(key, kept, isHit: true)
                return kept
            }
            let features = try analyzer.features(clip, needsPrompt: needsPrompt)
            store(key, features, isHit: false)
            file?.write(features)
            return features
        } catch let error as AudioError {
            let reason = "\(error)"
            throw SynthesisError(.reference, reason.contains("'\(path)'") ? reason : "\(path): \(reason)")
        }
    }

    private func file(of path: String, _ key: Key, _ analyzer: ReferenceAnalyzer) throws -> ReferenceFile {
        let fingerprint: ModelFingerprint
        if let known = state.withLock({ $0.fingerprints[key.weights] }) {
            fingerprint = known
        } else {
            fingerprint = try ModelFingerprint(analyzer)
            state.withLock { state in
                // Weights that were unloaded leave their fingerprints here.
                if state.fingerprints.count >= Self.limit { state.fingerprints = [:] }
                state.fingerprints[key.weights] = fingerprint
            }
        }
        return ReferenceFile(
            clip: path, content: "\(key.content) \(fingerprint.text)", hasPrompt: key.needsPrompt)
    }

    private func find(_ key: Key) -> ReferenceFeatures? {
        state.withLock { state in
            guard let index = state.entries.firstIndex(where: { $0.key == key }) else { return nil }
            let entry = state.entries.remove(at: index)
            state.entries.insert(entry, at: 0)
            state.hits += 1
            return entry.features
        }
    }

    private func store(_ key: Key, _ features: ReferenceFeatures, isHit: Bool) {
        state.withLock { state in
            if isHit { state.hits += 1 } else { state.misses += 1 }
            state.entries.insert((key, features), at: 0)
            if state.entries.count > Self.limit { state.entries.removeLast() }
        }
    }

    /// SHA-256 of the decoded samples and their rate.
    private static func digest(_ clip: AudioClip) -> String {
        clip.channels.map { Digest.sha256($0) }.joined() + "@\(clip.sampleRateHz)"
    }
}
