import Audio
import Models

/// What a request is served with: models, caches, and how it is observed and stopped.
struct SynthesisContext: Sendable {
    let models: ModelSet
    let base: BaseModels
    var references = ReferenceCache()
    /// What becomes of samples at exactly +1.
    var fullScale = Postprocess.FullScale.clamp
    var trace = ActivationTrace.none
    var meter = EngineMeter()
    var isCancelled: @Sendable () -> Bool = { false }

    /// Throws `CancellationError` when the request was cancelled.
    func checkpoint() throws {
        if isCancelled() { throw CancellationError() }
    }
}
