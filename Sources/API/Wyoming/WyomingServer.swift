import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synthesis

/// Listens for the Wyoming protocol, which has no encryption and is meant for a home network.
///
/// On a graceful shutdown it accepts no more connections. Idle ones are closed at once, the others after the utterance in
/// progress.
struct WyomingServer: Service {
    let services: Services
    let host: String
    let port: Int
    let onListening: @Sendable (Int) -> Void
    let logger: Logger

    func run() async throws {
        let server = try await bind()
        onListening(server.channel.localAddress?.port ?? 0)
        do {
            try await withThrowingDiscardingTaskGroup { group in
                try await server.executeThenClose { connections in
                    for try await connection in connections.cancelOnGracefulShutdown() {
                        group.addTask { await serve(connection) }
                    }
                }
            }
        } catch is CancellationError {
        } catch {
            logger.error("Wyoming is not served any more", metadata: ["reason": "\(error)"])
        }
        // ServiceGroup treats an early return as failure.
        try await gracefulShutdown()
    }

    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private func bind() async throws -> NIOAsyncChannel<Connection, Never> {
        do {
            return try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: host, port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            throw ServerError(listening: host, port: port, failure: error)
        }
    }

    /// Input of a session.
    private enum Input: Sendable {
        case event(WyomingEvent)
        case shutdown
    }

    /// Reads events concurrently with their processing, so that a disconnect is detected during synthesis.
    private func serve(_ connection: Connection) async {
        let caller = connection.channel.remoteAddress?.ipAddress ?? ""
        do {
            try await connection.executeThenClose { inbound, outbound in
                let (events, feed) = AsyncStream<Input>.makeStream(
                    bufferingPolicy: .bufferingOldest(10_000))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        defer { feed.finish() }
                        var parser = WyomingParser()
                        for try await bytes in inbound {
                            parser.append(bytes)
                            while let event = try parser.next() { feed.yield(.event(event)) }
                        }
                        throw CancellationError()
                    }
                    group.addTask {
                        var session = WyomingSession(services: services, caller: caller) { event in
                            try await outbound.write(event.bytes)
                        }
                        var isEnding = false
                        for await input in events {
                            switch input {
                            case .event(let event): try await session.handle(event)
                            case .shutdown: isEnding = true
                            }
                            if isEnding, session.isIdle { return }
                        }
                    }
                    defer { group.cancelAll() }
                    try await withGracefulShutdownHandler {
                        try await group.next()
                    } onGracefulShutdown: {
                        feed.yield(.shutdown)
                    }
                }
            }
        } catch is CancellationError {
            return
        } catch {
            logger.info("a Wyoming client", metadata: ["ended": "\(EngineFailure.logged(error))"])
        }
    }
}
