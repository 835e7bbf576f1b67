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

/// Reads reference clips and keeps their features by the clip's content, newest first, within bounds; those of registered
/// voices also in files beside the clips.
final class References: Sendable {
    private struct Key: Hashable {
        let content: String
        let generation: Int
        let huBERTPath: String?
        let needsPrompt: Bool
    }
    /// A set of networks.
    private struct Networks: Hashable {
        let generation: Int
        let huBERTPath: String?
    }
    private let cache = Mutex<[(key: Key, features: ReferenceFeatures)]>([])
    /// What recognises a set of networks, and the length of its speaker vectors.
    private struct Print: Sendable {
        let text: String
        let speakerCount: Int
    }
    private let prints = Mutex<[Networks: Print]>([:])
    private let counted = Mutex((hits: 0, misses: 0))
    /// How often features were known, and how often they had to be computed.
    var counts: (hits: Int, misses: Int) { counted.withLock { $0 } }
    /// A speaker vector and some hundred tokens take about 4 kB.
    private static let limit = 256

    /// Features of the clip at `path` for a set of weights.
    ///
    /// - Parameters:
    ///   - needsPrompt: whether the clip must be 3–10 s long and give prompt tokens, or only a speaker vector.
    ///   - isKept: whether they may be kept in a file beside the clip.
    func features(
        path: String, models: ModelSet, base: BaseModels, needsPrompt: Bool, isKept: Bool = false
    ) throws -> ReferenceFeatures {
        do {
            let clip = try AudioReader.read(path: path)
            let key = Key(
                content: Self.fingerprint(clip), generation: models.generation,
                huBERTPath: models.huBERTPath, needsPrompt: needsPrompt)
            if let known = find(key) {
                counted.withLock { $0.hits += 1 }
                return known
            }
            if needsPrompt { try Self.check(models.huBERT ?? base.huBERT, models) }
            let file = isKept ? try self.file(of: path, key, models, base) : nil
            if let kept = file?.read(codeCount: models.soVITS.quantizer.codeCount) {
                counted.withLock { $0.hits += 1 }
                store(key, kept)
                return kept
            }
            counted.withLock { $0.misses += 1 }
            let features = try compute(clip, models, base, needsPrompt: needsPrompt)
            store(key, features)
            file?.write(features)
            return features
        } catch let error as AudioError {
            let reason = "\(error)"
            throw SynthesisError(.reference, reason.contains("'\(path)'") ? reason : "\(path): \(reason)")
        }
    }

    private static func check(_ huBERT: HuBERT, _ models: ModelSet) throws {
        let read = models.soVITS.quantizer.featureCount
        guard huBERT.featureCount == read else {
            throw SynthesisError(
                .weights,
                "HuBERT gives \(huBERT.featureCount) features, \(models.soVITSPath) reads \(read)")
        }
    }

    private func file(of path: String, _ key: Key, _ models: ModelSet, _ base: BaseModels) throws
        -> ReferenceFile
    {
        let networks = Networks(generation: models.generation, huBERTPath: models.huBERTPath)
        let print: Print
        if let known = prints.withLock({ $0[networks] }) {
            print = known
        } else {
            print = try networkPrint(models, base)
            prints.withLock { prints in
                // Weights that come and go leave their prints here.
                if prints.count >= Self.limit { prints = [:] }
                prints[networks] = print
            }
        }
        return ReferenceFile(
            clip: path, content: "\(key.content) \(print.text)", hasPrompt: key.needsPrompt,
            speakerCount: print.speakerCount)
    }

    /// Recognises networks by what they compute of a made-up clip: other weights give something else, and so does
    /// another processor's arithmetic, whose features must not be taken for this one's. It takes as long as a clip of
    /// half a second.
    private func networkPrint(_ models: ModelSet, _ base: BaseModels) throws -> Print {
        let (huBERT, soVITS) = (models.huBERT ?? base.huBERT, models.soVITS)
        try Self.check(huBERT, models)
        var numbers = SplitMix64(seed: 1)
        let heard = huBERT(numbers.floats(8_000).map { $0 / 2 })
        let book = soVITS.quantizer.decode(Array(0..<soVITS.quantizer.codeCount))
        let bins = soVITS.filterLength / 2 + 1
        let speaker = soVITS.speakerVector(Tensor(numbers.floats(32 * bins).map(abs), [32, bins]))
        let tokens = soVITS.quantizer.encode(heard).map(Float.init)
        let computed = [heard.values, book.values, speaker.values, tokens]
        return Print(
            text: computed.map { Digest.sha256($0) }.joined(separator: " "),
            speakerCount: speaker.values.count)
    }

    private func compute(
        _ clip: AudioClip, _ models: ModelSet, _ base: BaseModels, needsPrompt: Bool
    ) throws -> ReferenceFeatures {
        let soVITS = models.soVITS
        var prompt: [Int]?
        if needsPrompt {
            let samples = try ReferenceAudio.semanticInput(clip, modelSampleRateHz: soVITS.sampleRateHz)
            prompt = soVITS.quantizer.encode((models.huBERT ?? base.huBERT)(samples))
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
        clip.channels.map { Digest.sha256($0) }.joined() + "@\(clip.sampleRateHz)"
    }
}
