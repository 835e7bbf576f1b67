import NIOCore
import Synchronization

/// A channel handler that notifies waiting requests when their client closes the connection, or the half of it that the
/// client writes to.
///
/// Hummingbird's `consumeWithCancellationOnInboundClose` consumes the connection: it is closed after each response, which
/// keep-alive clients take for an error.
final class ConnectionWatch: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = Any

    private struct State {
        var isClosed = false
        var lastID = 0
        var waiting: [Int: AsyncStream<Never>.Continuation] = [:]
    }

    private let state = Mutex(State())

    /// A stream without elements that ends when the client disconnects.
    func closing() -> AsyncStream<Never> {
        AsyncStream { continuation in
            let id: Int? = state.withLock { state in
                guard !state.isClosed else { return nil }
                state.lastID += 1
                state.waiting[state.lastID] = continuation
                return state.lastID
            }
            guard let id else { return continuation.finish() }
            continuation.onTermination = { [weak self] _ in
                _ = self?.state.withLock { $0.waiting.removeValue(forKey: id) }
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        close()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { close() }
        context.fireUserInboundEventTriggered(event)
    }

    private func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        // Outside the lock: finishing calls `onTermination`.
        for continuation in waiting { continuation.finish() }
    }
}
