import Models

/// What the batcher reports of one sequence to the thread that waits for it.
enum TokenEvent: Sendable {
    /// A step: its token, nil when it ended the sequence without one.
    case token(Int?, isLast: Bool)
    /// The end of a sequence whose steps are not reported.
    case finished(GeneratedTokens)
    /// The request was cancelled.
    case cancelled
}

/// The events of one sequence, in order.
final class TokenQueue: Sendable {
    private let events = Monitor<[TokenEvent]>([])

    func put(_ event: TokenEvent) { events.update { $0.append(event) } }

    /// Waits for the next event. Throws `CancellationError` for a cancelled sequence.
    func next() throws -> TokenEvent {
        let event = events.wait(until: { !$0.isEmpty }) { $0.removeFirst() }
        if case .cancelled = event { throw CancellationError() }
        return event
    }
}
