import Synchronization
import Synthesis

/// A permit and the metrics of the utterance that it was given for. The first end of the utterance counts.
final class RequestMetrics: Sendable {
    private let permit: Permit
    private let metrics: ServerMetrics
    private let start = ContinuousClock.now
    private let state = Mutex((hasAudio: false, hasEnded: false))

    init(_ permit: Permit, _ metrics: ServerMetrics) {
        self.permit = permit
        self.metrics = metrics
    }

    /// The end of a stream whose client has gone.
    deinit { end(CancellationError()) }

    private var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

    /// Counts a fragment.
    func add(_ fragment: AudioFragment) {
        let isFirst = state.withLock { state in
            defer { state.hasAudio = true }
            return !state.hasAudio
        }
        if isFirst {
            permit.markFirstAudio()
            metrics.firstAudio(seconds: seconds)
        }
        metrics.audio(seconds: Double(fragment.samples.count) / Double(max(fragment.sampleRateHz, 1)))
    }

    /// Counts the end of the utterance and releases the permit.
    ///
    /// - Parameter error: nil for a complete utterance.
    func end(_ error: (any Error)?) {
        let isFirst = state.withLock { state in
            defer { state.hasEnded = true }
            return !state.hasEnded
        }
        guard isFirst else { return }
        metrics.synthesis(seconds: seconds)
        if error is CancellationError { metrics.cancelled() }
        permit.release()
    }
}
