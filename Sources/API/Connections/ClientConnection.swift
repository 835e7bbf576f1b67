import Hummingbird
import NIOCore

/// The client at the other end, seen from a request that may take minutes.
struct ClientConnection: Sendable {
    /// Notices when the client goes away; `nil` where there is no socket, as in router tests.
    private let watch: ConnectionWatch?

    /// Finds the watch in the channel's pipeline.
    init(_ channel: any Channel) async {
        watch = try? await channel.pipeline.handler(type: ConnectionWatch.self).get()
    }

    /// Whoever asks through something else than HTTP and notices for itself.
    init() { watch = nil }

    /// Runs `operation`, and cancels it when the client closes the connection or the time is up.
    ///
    /// - Throws: what `operation` throws; `CancellationError` when the client was first, 504 when the time was.
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

/// When a request must be finished.
struct Deadline: Sendable {
    let seconds: Double
    let instant: ContinuousClock.Instant

    /// `seconds` from now.
    init(seconds: Double) {
        self.seconds = seconds
        instant = .now + .seconds(seconds)
    }
}
