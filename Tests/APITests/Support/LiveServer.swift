import Logging
import Synthesis
import Testing

@testable import API

/// Runs `test` against a server on a free port, then stops it.
///
/// - Parameters:
///   - isOpen: as for `withRouter`.
///   - endsItself: Whether the test makes the server end; otherwise it is cancelled.
/// - Returns: how the server ended, if the test ended it.
@discardableResult
func withServer(
    _ engine: any SpeechEngine = FakeEngine(), _ options: ServerOptions = ServerOptions(port: 0),
    isOpen: Bool = true, logger: Logger = silentLogger, endsItself: Bool = false,
    test: @escaping @Sendable (Int) async throws -> Void
) async throws -> ServerEnding? {
    let (ports, announce) = AsyncStream<Int>.makeStream()
    let server = Server(engine: engine, options: isOpen ? options.opened : options, logger: logger)
    return try await withThrowingTaskGroup(of: ServerEnding?.self) { group in
        group.addTask {
            defer { announce.finish() }
            do {
                return try await server.run { announce.yield($0) }
            } catch is CancellationError {
                return nil
            }
        }
        guard let port = await ports.first(where: { _ in true }) else {
            // The server could not start: its error comes out of the group.
            return try await group.next() ?? nil
        }
        do {
            try await test(port)
        } catch {
            group.cancelAll()
            throw error
        }
        if !endsItself { group.cancelAll() }
        return try await group.next() ?? nil
    }
}

/// Waits until `condition` holds, for at most ten seconds.
func eventually(_ condition: @Sendable () -> Bool) async throws -> Bool {
    for _ in 0..<1000 {
        if condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return condition()
}
