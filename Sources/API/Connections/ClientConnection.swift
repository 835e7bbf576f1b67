import Hummingbird
import NIOCore

/// The connection of a client whose request may take minutes.
struct ClientConnection: Sendable {
    /// Detects disconnects; `nil` where there is no socket, as in router tests.
    private let watch: ConnectionWatch?

    /// Finds the watch in the channel's pipeline.
    init(_ channel: any Channel) async {
        watch = try? await channel.pipeline.handler(type: ConnectionWatch.self).get()
    }

    /// Clients of other protocols, which detect disconnects themselves.
    init() { watch = nil }

    /// Runs `operation`, and cancels it when the client closes the connection or the deadline passes.
    ///
    /// - Throws: the error of `operation`; `CancellationError` after a disconnect, 504 after the deadline.
    func cancellingOnClose<Value: Sendable>(
        deadline: Deadline? = nil, _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard watch != nil || deadline != nil else { return try await operation() }
        return try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await operation() }
            if let watch {
                group.addTask {
                    for await _ in watch.closing() {}
                    throw CancellationError()
                }
            }
            if let deadline {
                group.addTask {
                    try await Task.sleep(until: deadline.instant)
                    throw APIError.deadline(seconds: deadline.seconds)
                }
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}

/// The time at which a request must be finished.
struct Deadline: Sendable {
    let seconds: Double
    let instant: ContinuousClock.Instant

    /// `seconds` from now.
    init(seconds: Double) {
        self.seconds = seconds
        instant = .now + .seconds(seconds)
    }
}
