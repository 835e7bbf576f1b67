import Foundation
import Models
import Synchronization

/// What a sentence's decoding sends to the utterance that waits for it.
enum TokenEvent: Sendable {
    case step(tokens: [Int], isLast: Bool)
    case finished(GeneratedTokens)
    /// The utterance is not wanted any more.
    case cancelled
}

/// Where the scheduler leaves events and an utterance's thread waits for them.
final class TokenInbox: Sendable {
    // NSCondition guards `events`; the Mutex makes that visible to the compiler.
    private let condition = NSCondition()
    private let events = Mutex<[TokenEvent]>([])

    func put(_ event: TokenEvent) {
        condition.lock()
        events.withLock { $0.append(event) }
        condition.signal()
        condition.unlock()
    }

    /// The next event, in order. Throws `CancellationError` for a cancelled sequence.
    func next() throws -> TokenEvent {
        condition.lock()
        defer { condition.unlock() }
        while events.withLock({ $0.isEmpty }) { condition.wait() }
        let event = events.withLock { $0.removeFirst() }
        if case .cancelled = event { throw CancellationError() }
        return event
    }
}
