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

    /// Runs `operation`, and cancels it when the client closes the connection.
    ///
    /// - Throws: what `operation` throws; `CancellationError` when the client was first.
    func cancellingOnClose<Value: Sendable>(
        _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard let watch else { return try await operation() }
        return try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await operation() }
            group.addTask {
                for await _ in watch.closing() {}
                throw CancellationError()
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}
