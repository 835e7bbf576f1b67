public import Audio
import Foundation
import Models
import Synchronization
import Tensor

/// The synthesizer: takes requests from any task, works on several of them side by side, each on a thread of its own, and
/// hands out audio through a stream per request. Tokens of all of them are decoded together.
///
/// Shared and mutable are the set of weights in use, the queue, the decoding, and the bounded cache of reference features;
/// nothing else.
public final class Engine: SpeechEngine {
    private struct State {
        var models: ModelSet
        var referencePath: String?
    }
    private let base: BaseModels
    private let state: Mutex<State>
    private let references = References()
    private let queue: ComputeQueue
    private let loader = ComputeQueue(name: "gsv-loader", threads: 1)
    private let scheduler: TokenScheduler
    private let cache: ModelCache
    private let meter = EngineMeter()
    private let utterances = Atomic<Int>(0)
    private let fullScale: Postprocess.FullScale

    /// An engine for a voice.
    ///
    /// - Parameter fullScale: what becomes of samples at exactly +1: `.clamp` for listening, `.wrap` for upstream's
    ///   arithmetic, where they become −32768.
    /// - Parameter slots: requests that are worked on at a time; further ones wait in order.
    /// - Parameter decodingRows: most sentences in one decoding step.
    /// - Parameter modelBudgetBytes: size of the weights that are kept loaded, those of requests that name their own
    ///   included. Weights in work are not dropped, whatever they take.
    public init(
        models: ModelSet, base: BaseModels, fullScale: Postprocess.FullScale = .clamp, slots: Int = 16,
        decodingRows: Int = 32, modelBudgetBytes: Int = 4 << 30
    ) throws {
        try models.checkAgreement()
        self.base = base
        self.fullScale = fullScale
        queue = ComputeQueue(name: "gsv-engine", threads: max(slots, 1))
        cache = ModelCache(budgetBytes: max(modelBudgetBytes, 0))
        scheduler = TokenScheduler(maximumRows: max(decodingRows, 1), meter: meter)
        var models = models
        let leases = cache.adopt(models)
        (models.leases.textToSemantic, models.leases.soVITS) = (leases.textToSemantic, leases.soVITS)
        state = Mutex(State(models: models, referencePath: nil))
    }

    deinit {
        queue.close()
        loader.close()
        scheduler.close()
    }

    /// See `SpeechEngine`.
    public var voice: VoiceDescription {
        state.withLock { state in
            VoiceDescription(
                version: state.models.version, languages: state.models.languages,
                textToSemanticPath: state.models.textToSemanticPath, soVITSPath: state.models.soVITSPath,
                referencePath: state.referencePath)
        }
    }

    /// See `SpeechEngine`.
    public var statistics: EngineStatistics {
        var statistics = meter.statistics
        (statistics.referenceHits, statistics.referenceMisses) = references.counts
        (statistics.modelFiles, statistics.modelBytes) = cache.size
        return statistics
    }

    /// The weights of a request: `models`, with those in their place that it names.
    private func models(_ models: ModelSet, with weights: VoiceWeights?) throws -> ModelSet {
        guard let weights, weights != VoiceWeights(), !Self.names(weights, models) else { return models }
        let textToSemantic = try weights.textToSemantic.map { try cache.textToSemantic($0) }
        let soVITS = try weights.soVITS.map { try cache.soVITS($0) }
        let huBERT = try weights.huBERT.map { try cache.huBERT($0) }
        var set = ModelSet(
            textToSemantic: textToSemantic?.model ?? models.textToSemantic,
            soVITS: soVITS?.model ?? models.soVITS,
            textToSemanticPath: weights.textToSemantic ?? models.textToSemanticPath,
            soVITSPath: weights.soVITS ?? models.soVITSPath, huBERT: huBERT?.model ?? models.huBERT,
            huBERTPath: weights.huBERT ?? models.huBERTPath,
            generation: soVITS?.generation ?? models.generation)
        set.leases = ModelSet.Leases(
            textToSemantic: textToSemantic?.lease ?? models.leases.textToSemantic,
            soVITS: soVITS?.lease ?? models.leases.soVITS, huBERT: huBERT?.lease ?? models.leases.huBERT)
        try set.checkAgreement()
        return set
    }

    /// Whether `weights` are those of `models`: the voice that the engine speaks with anyway is not loaded twice.
    private static func names(_ weights: VoiceWeights, _ models: ModelSet) -> Bool {
        func isSame(_ a: String?, _ b: String) -> Bool {
            func place(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }
            return a.map { place($0) == place(b) } ?? false
        }
        return isSame(weights.textToSemantic, models.textToSemanticPath)
            && isSame(weights.soVITS, models.soVITSPath)
    }

    /// See `SpeechEngine`. Requests advance side by side, so a long text does not hold up a short one.
    public func speak(_ request: SynthesisRequest) -> AsyncThrowingStream<AudioFragment, any Error> {
        var request = request
        let models = state.withLock { state in
            if request.referencePath.isEmpty { request.referencePath = state.referencePath ?? "" }
            return state.models
        }
        let (stream, continuation) = AsyncThrowingStream<AudioFragment, any Error>.makeStream()
        let cancelled = CancellationFlag()
        continuation.onTermination = { reason in
            if case .cancelled = reason { cancelled.set() }
        }
        let prepared = request
        queue.add { [self] in start(prepared, models, continuation, cancelled) }
        return stream
    }

    private typealias Output = AsyncThrowingStream<AudioFragment, any Error>.Continuation

    /// Works on a request until it is finished.
    private func start(
        _ request: SynthesisRequest, _ models: ModelSet, _ output: Output, _ cancelled: CancellationFlag
    ) {
        // Whatever ends the request, its sentences must not be decoded further.
        defer { cancelled.set() }
        do {
            if cancelled.isSet { throw CancellationError() }
            let models = try self.models(models, with: request.weights)
            let seed = SeededNoise.seed(requested: request.seed)
            let source = ScheduledTokens(
                scheduler: scheduler, owner: utterances.add(1, ordering: .relaxed).newValue,
                isCancelled: { cancelled.isSet })
            let utterance = try ThreadPool.shared.engage {
                try meter.time(\.preparationSeconds) {
                    try Utterance(
                        request, models: models, base: base, references: references,
                        noise: SeededNoise(seed: seed), source: source, fullScale: fullScale, meter: meter,
                        isCancelled: { cancelled.isSet })
                }
            }
            while try utterance.next({ output.yield($0) }) {}
            output.finish()
        } catch {
            output.finish(throwing: error)
        }
    }

    /// See `SpeechEngine`.
    public func setTextToSemantic(path: String) async throws {
        try await onLoader { [self] in
            let (model, lease) = try cache.textToSemantic(path)
            publish { old in
                var new = ModelSet(
                    textToSemantic: model, soVITS: old.soVITS, textToSemanticPath: path,
                    soVITSPath: old.soVITSPath, huBERT: old.huBERT, huBERTPath: old.huBERTPath,
                    generation: old.generation)
                new.leases = old.leases
                new.leases.textToSemantic = lease
                return new
            }
        }
    }

    /// See `SpeechEngine`.
    public func setSoVITS(path: String) async throws {
        try await onLoader { [self] in
            let (model, generation, lease) = try cache.soVITS(path)
            publish { old in
                var new = ModelSet(
                    textToSemantic: old.textToSemantic, soVITS: model,
                    textToSemanticPath: old.textToSemanticPath, soVITSPath: path, huBERT: old.huBERT,
                    huBERTPath: old.huBERTPath, generation: generation)
                new.leases = old.leases
                new.leases.soVITS = lease
                return new
            }
        }
    }

    /// Runs a load on its own thread, one at a time: reading weights takes up to a second, which neither the tasks of
    /// the server nor the sentences being spoken should wait for.
    private func onLoader(_ load: @escaping @Sendable () throws -> Void) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            loader.add { continuation.resume(with: Result(catching: load)) }
        }
    }

    private func publish(_ change: (ModelSet) -> ModelSet) {
        // The old set ends outside the lock, which may unmap its weights.
        let old = state.withLock { state in
            defer { state.models = change(state.models) }
            return state.models
        }
        withExtendedLifetime(old) {}
    }

    /// See `SpeechEngine`.
    public func setReference(path: String) async throws {
        let models = state.withLock { $0.models }
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            queue.add { [self] in
                continuation.resume(
                    with: Result {
                        _ = try references.features(path: path, models: models, base: base, needsPrompt: true)
                    })
            }
        }
        state.withLock { $0.referencePath = path }
    }
}

/// Set once, read often.
final class CancellationFlag: Sendable {
    private let flag = Atomic<Bool>(false)
    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}
