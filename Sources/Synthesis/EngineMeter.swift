import Synchronization

/// Counts what an engine does, from any thread.
final class EngineMeter: Sendable {
    private let counted = Mutex(EngineStatistics())

    var statistics: EngineStatistics { counted.withLock { $0 } }

    /// Counts a decode step: the tokens it made, and the time since the one before, if sentences were waiting for it.
    func step(tokens: Int, seconds: Double?) {
        counted.withLock {
            $0.tokens += tokens
            if let seconds { $0.decodeSteps.observe(seconds) }
        }
    }

    /// Adds the time that `body` takes to a stage.
    func time<R>(_ stage: any WritableKeyPath<EngineStatistics, Double> & Sendable, _ body: () throws -> R)
        rethrows
        -> R
    {
        let start = ContinuousClock.now
        defer {
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            counted.withLock { $0[keyPath: stage] += seconds }
        }
        return try body()
    }
}
