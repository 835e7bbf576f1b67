import Synchronization

/// How many requests are worked on and how many may wait.
public struct LoadLimits: Sendable, Equatable {
    /// Requests that are worked on side by side.
    public var slots: Int
    /// Requests that may wait for a slot; one more gets 503.
    public var places: Int
    /// Requests of one caller (a key, or an address) that may wait; one more gets 429.
    public var placesPerCaller: Int
    /// Longest time that a request may take, in seconds; 0 means any. A request may ask for less with
    /// `X-Request-Timeout`.
    public var deadlineSeconds: Double

    /// Limits with defaults.
    public init(
        slots: Int = 16, places: Int = 64, placesPerCaller: Int? = nil, deadlineSeconds: Double = 0
    ) {
        self.slots = max(slots, 1)
        self.places = max(places, 0)
        self.placesPerCaller = max(placesPerCaller ?? places, 0)
        self.deadlineSeconds = max(deadlineSeconds, 0)
    }
}

/// Lets requests in, as many at a time as there are slots. The others wait; of those, the caller with the fewest in
/// work comes first, so that one who sends many does not keep the others out.
final class SpeechGate: Sendable {
    /// Who wants to come in, and for what.
    struct Ticket: Sendable {
        let caller: String
        let endpoint: String
        let characters: Int
    }
    /// Somebody inside.
    struct Occupant: Sendable {
        let ticket: Ticket
        let since: ContinuousClock.Instant
        var hasSpoken = false
    }
    private struct Waiter {
        let id: Int
        let ticket: Ticket
        let continuation: CheckedContinuation<Void, any Error>
    }
    private struct State {
        var running: [Int: Occupant] = [:]
        var waiting: [Waiter] = []
        /// Those who gave up before they had begun to wait.
        var cancelled: Set<Int> = []
        var lastID = 0
        var isDraining = false
        /// How long a request takes, roughly.
        var typicalSeconds = 2.0

        func retrySeconds(slots: Int) -> Int {
            let seconds = typicalSeconds * Double(waiting.count + 1) / Double(slots)
            return Int(min(max(seconds.rounded(.up), 1), 120))
        }
    }

    let limits: LoadLimits
    private let state = Mutex(State())

    init(_ limits: LoadLimits) { self.limits = limits }

    /// Requests in work and those that wait.
    var counts: (busy: Int, waiting: Int) { state.withLock { ($0.running.count, $0.waiting.count) } }
    /// Requests in work, by number.
    var occupants: [Int: Occupant] { state.withLock { $0.running } }
    /// Whether one more request would be let in or wait.
    var hasRoom: Bool {
        state.withLock { state in
            !state.isDraining
                && (state.running.count < limits.slots || state.waiting.count < limits.places)
        }
    }
    /// How many cancellations are remembered, for tests.
    var cancellations: Int { state.withLock { $0.cancelled.count } }
    var isDraining: Bool { state.withLock { $0.isDraining } }

    /// From now on nobody is let in; those inside and those who wait are served.
    func drain() { state.withLock { $0.isDraining = true } }

    /// Waits for a slot.
    ///
    /// - Throws: 503 `queue_full` or `shutting_down`, 429 `too_many_requests`, or `CancellationError`.
    func enter(_ ticket: Ticket) async throws -> SpeechPass {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        // A cancellation that comes when the decision has been made would be remembered for ever.
        defer { state.withLock { _ = $0.cancelled.remove(id) } }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                admit(Waiter(id: id, ticket: ticket, continuation: continuation))
            }
        } onCancel: {
            cancel(id)
        }
        return SpeechPass(id: id, gate: self)
    }

    private enum Decision {
        case enter, wait
        case refuse(any Error)
    }

    private func admit(_ waiter: Waiter) {
        let decision: Decision = state.withLock { state in
            if state.cancelled.remove(waiter.id) != nil { return .refuse(CancellationError()) }
            let retry = state.retrySeconds(slots: limits.slots)
            if state.isDraining { return .refuse(APIError.shuttingDown(retrySeconds: retry)) }
            if state.running.count < limits.slots {
                state.running[waiter.id] = Occupant(ticket: waiter.ticket, since: .now)
                return .enter
            }
            let own = state.waiting.count { $0.ticket.caller == waiter.ticket.caller }
            guard state.waiting.count < limits.places else {
                return .refuse(APIError.queueFull(waiting: state.waiting.count, retrySeconds: retry))
            }
            guard own < limits.placesPerCaller else {
                return .refuse(APIError.tooManyRequests(waiting: own, retrySeconds: retry))
            }
            state.waiting.append(waiter)
            return .wait
        }
        switch decision {
        case .enter: waiter.continuation.resume()
        case .refuse(let error): waiter.continuation.resume(throwing: error)
        case .wait: break
        }
    }

    private func cancel(_ id: Int) {
        let waiter: Waiter? = state.withLock { state in
            if let index = state.waiting.firstIndex(where: { $0.id == id }) {
                return state.waiting.remove(at: index)
            }
            if state.running[id] == nil { state.cancelled.insert(id) }
            return nil
        }
        waiter?.continuation.resume(throwing: CancellationError())
    }

    fileprivate func markSpoken(_ id: Int) { state.withLock { $0.running[id]?.hasSpoken = true } }

    fileprivate func leave(_ id: Int) {
        let next: Waiter? = state.withLock { state in
            guard let occupant = state.running.removeValue(forKey: id) else { return nil }
            let seconds = (ContinuousClock.now - occupant.since) / .seconds(1)
            state.typicalSeconds += 0.1 * (seconds - state.typicalSeconds)
            let inWork = Dictionary(grouping: state.running.values, by: \.ticket.caller)
            let index = state.waiting.indices.min { a, b in
                let (x, y) = (state.waiting[a], state.waiting[b])
                return (inWork[x.ticket.caller]?.count ?? 0, a) < (inWork[y.ticket.caller]?.count ?? 0, b)
            }
            guard let index, state.running.count < limits.slots else { return nil }
            let waiter = state.waiting.remove(at: index)
            state.running[waiter.id] = Occupant(ticket: waiter.ticket, since: .now)
            return waiter
        }
        next?.continuation.resume()
    }
}

/// A slot in use. It is given back by `leave`, or when nobody holds the pass any more.
final class SpeechPass: Sendable {
    private let id: Int
    private let gate: SpeechGate

    fileprivate init(id: Int, gate: SpeechGate) {
        self.id = id
        self.gate = gate
    }

    deinit { gate.leave(id) }

    /// The first sound is there.
    func markSpoken() { gate.markSpoken(id) }
    /// Gives the slot back; further calls do nothing.
    func leave() { gate.leave(id) }
}
