import ServiceLifecycle
import UnixSignals

/// Ends the server on SIGTERM and SIGINT, after a pause in which it still responds: a load balancer sees `/ready` fail and
/// sends no further requests.
struct SignalService: Service {
    /// Rejects further requests for speech.
    let drain: @Sendable () -> Void
    /// The pause.
    let seconds: Double
    /// Starts the shutdown.
    let shutDown: @Sendable () async -> Void

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: [.sigterm, .sigint])
        await cancelWhenGracefulShutdown {
            for await _ in signals {
                drain()
                if seconds > 0 { try? await Task.sleep(for: .seconds(seconds)) }
                await shutDown()
                return
            }
        }
        // ServiceGroup treats an early return as failure.
        try await gracefulShutdown()
    }
}
