package import Audio
import Foundation
import Models
import Synchronization
import Tensor

/// The synthesizer: takes requests from any task, serves several of them at a time, each on a thread of its own, and
/// returns a stream of audio for each. Their tokens are decoded in one batch.
///
/// Shared and mutable are the set of models in use, the queue, the batch, and the bounded caches of reference features and
/// of models; nothing else.
package final class Engine: SpeechEngine {
    private struct State {
        var models: ModelSet
        var referencePath: String?
    }
    private let base: BaseModels
    private let state: Mutex<State>
    private let references = ReferenceCache()
    private let queue: ThreadQueue
    private let loader = ThreadQueue(name: "gsv-loader", threads: 1)
    private let batcher: ContinuousBatcher
    private let cache: ModelCache
    private let meter = EngineMeter()
    private let requests = Atomic<Int>(0)
    private let fullScale: Postprocess.FullScale

    /// An engine for a voice.
    ///
    /// - Parameter fullScale: what becomes of samples at exactly +1: `.clamp` for listening, `.wrap` for upstream's
    ///   arithmetic, where they become −32768.
    /// - Parameter slots: requests in flight; further ones wait in order.
    /// - Parameter decodingRows: most sentences in one decoding step.
    /// - Parameter modelBudgetBytes: size of the weights that are kept loaded, those of requests that name their own
    ///   included. Weights in use are not dropped, whatever they take.
    package init(
        models: ModelSet, base: BaseModels, fullScale: Postprocess.FullScale = .clamp, slots: Int = 16,
        decodingRows: Int = 32, modelBudgetBytes: Int = 4 << 30
    ) throws {
        try models.checkAgreement()
        self.base = base
        self.fullScale = fullScale
        queue = ThreadQueue(name: "gsv-engine", threads: max(slots, 1))
        cache = ModelCache(budgetBytes: max(modelBudgetBytes, 0), pretrained: base.pretrained)
        batcher = ContinuousBatcher(maximumRows: max(decodingRows, 1), meter: meter)
        state = Mutex(State(models: cache.adopt(models), referencePath: nil))
    }

    deinit {
        queue.close()
        loader.close()
        batcher.close()
    }

    /// See `SpeechEngine`.
    package var voice: VoiceDescription {
        state.withLock { state in
            VoiceDescription(
                version: state.models.version, languages: state.models.languages,
                textToSemanticPath: state.models.textToSemantic.path,
                soVITSPath: state.models.acoustic.path,
                referencePath: state.referencePath)
        }
    }

    /// See `SpeechEngine`.
    package var statistics: EngineStatistics {
        var statistics = meter.statistics
        (statistics.referenceHits, statistics.referenceMisses) = references.counts
        (statistics.modelFiles, statistics.modelBytes) = cache.size
        return statistics
    }

    /// `models`, with those replaced that a request names.
    private func models(_ models: ModelSet, with weights: VoiceWeights?) throws -> ModelSet {
        guard let weights, weights != VoiceWeights(), !Self.names(weights, models) else { return models }
        var models = models
        if let path = weights.textToSemantic { models.textToSemantic = try cache.textToSemantic(path) }
        if let path = weights.soVITS { models.acoustic = try cache.acoustic(path) }
        if let path = weights.huBERT { models.huBERT = try cache.huBERT(path) }
        try models.checkAgreement()
        return models
    }

    /// Whether `weights` are those of `models`: the voice in use is not loaded twice.
    private static func names(_ weights: VoiceWeights, _ models: ModelSet) -> Bool {
        func isSame(_ a: String?, _ b: String) -> Bool {
            func resolved(_ path: String) -> String {
                URL(fileURLWithPath: path).resolvingSymlinksInPath().path
            }
            return a.map { resolved($0) == resolved(b) } ?? false
        }
        return isSame(weights.textToSemantic, models.textToSemantic.path)
            && isSame(weights.soVITS, models.acoustic.path)
    }

    /// See `SpeechEngine`. Requests advance side by side, so a long text does not hold up a short one.
    package func speak(_ request: SynthesisRequest) -> AsyncThrowingStream<AudioFragment, any Error> {
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
        queue.add { [self] in serve(prepared, models, continuation, cancelled) }
        return stream
    }

    private typealias Output = AsyncThrowingStream<AudioFragment, any Error>.Continuation

    /// Serves a request to its end: plan → conditioning → session.
    private func serve(
        _ request: SynthesisRequest, _ models: ModelSet, _ output: Output, _ cancelled: CancellationFlag
    ) {
        // However the request ends, its sentences must not be decoded further.
        defer { cancelled.set() }
        do {
            let isCancelled: @Sendable () -> Bool = { cancelled.isSet }
            if isCancelled() { throw CancellationError() }
            let context = SynthesisContext(
                models: try self.models(models, with: request.weights), base: base, references: references,
                fullScale: fullScale, meter: meter, isCancelled: isCancelled)
            let (plan, conditioning) = try ThreadPool.shared.engage {
                try meter.time(\.preparationSeconds) {
                    let plan = try Plan(request, context)
                    return (plan, try Conditioning(plan, context))
                }
            }
            let decoder = BatchedDecoder(
                batcher: batcher, model: context.models.textToSemantic.model,
                owner: requests.add(1, ordering: .relaxed).newValue, isCancelled: isCancelled)
            let session = Session(
                plan, conditioning, context, decoder: decoder,
                noise: SeededNoise(seed: SeededNoise.seed(requested: request.seed)))
            while try session.next({ output.yield($0) }) {}
            output.finish()
        } catch {
            output.finish(throwing: error)
        }
    }

    /// See `SpeechEngine`.
    package func setTextToSemantic(path: String) async throws {
        try await on(loader) { [self] in
            let loaded = try cache.textToSemantic(path)
            publish { $0.textToSemantic = loaded }
        }
    }

    /// See `SpeechEngine`.
    package func setSoVITS(path: String) async throws {
        try await on(loader) { [self] in
            let loaded = try cache.acoustic(path)
            publish { $0.acoustic = loaded }
        }
    }

    /// Runs `body` on a thread of `queue`. Loads have one of their own, one at a time: reading weights takes up to a second,
    /// which neither the tasks of the server nor the sentences being spoken should wait for.
    private func on<Value: Sendable>(
        _ queue: ThreadQueue, _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.add { continuation.resume(with: Result(catching: body)) }
        }
    }

    private func publish(_ change: (inout ModelSet) -> Void) {
        // The old set ends outside the lock, which may unmap its weights.
        let old = state.withLock { state in
            defer { change(&state.models) }
            return state.models
        }
        withExtendedLifetime(old) {}
    }

    /// See `SpeechEngine`.
    package func setReference(path: String) async throws {
        let models = state.withLock { $0.models }
        try await on(queue) { [self] in
            _ = try references.features(path: path, models: models, base: base, needsPrompt: true)
        }
        state.withLock { $0.referencePath = path }
    }

    /// See `SpeechEngine`.
    package func similarity(
        _ first: AudioClip, _ second: AudioClip, names: (String, String)
    ) async throws -> Double {
        let verification = base.speakerVerification
        return try await on(queue) {
            try ThreadPool.shared.engage {
                try verification.similarity(first, second, names: names)
            }
        }
    }
}

/// Set once, read often.
final class CancellationFlag: Sendable {
    private let flag = Atomic<Bool>(false)
    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}
