import ServiceLifecycle
import UnixSignals

/// Ends the server on SIGTERM and SIGINT, after a pause in which it goes on to answer: whoever balances between servers
/// sees `/ready` fail and sends nothing more.
struct SignalService: Service {
    /// Refuses further requests for speech.
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
        // The group takes a member that ends before it is told for a failure.
        try await gracefulShutdown()
    }
}
