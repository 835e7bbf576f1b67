import Synchronization
import Synthesis

/// A slot and what is counted of the utterance in it. Whatever ends the utterance first counts.
final class SpeechWork: Sendable {
    private let pass: SpeechPass
    private let metrics: ServerMetrics
    private let start = ContinuousClock.now
    private let state = Mutex((hasSpoken: false, hasEnded: false))

    init(_ pass: SpeechPass, _ metrics: ServerMetrics) {
        self.pass = pass
        self.metrics = metrics
    }

    /// Nobody came to an end with it: the client of a stream has gone.
    deinit { end(CancellationError()) }

    private var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

    /// A fragment is there.
    func spoke(_ fragment: AudioFragment) {
        let isFirst = state.withLock { state in
            defer { state.hasSpoken = true }
            return !state.hasSpoken
        }
        if isFirst {
            pass.markSpoken()
            metrics.firstAudio(seconds: seconds)
        }
        metrics.spoke(audioSeconds: Double(fragment.samples.count) / Double(max(fragment.sampleRateHz, 1)))
    }

    /// The utterance has ended, well or with an error.
    func end(_ error: (any Error)?) {
        let isFirst = state.withLock { state in
            defer { state.hasEnded = true }
            return !state.hasEnded
        }
        guard isFirst else { return }
        metrics.worked(seconds: seconds)
        if error is CancellationError { metrics.cancelled() }
        pass.leave()
    }
}
