import Synchronization

/// A request for speech as admission control sees it.
struct AdmissionRequest: Sendable {
    /// The key's number, or the address.
    let caller: String
    let endpoint: String
    let characters: Int
}

/// A request that has been admitted and has not ended.
struct InFlightRequest: Sendable {
    let request: AdmissionRequest
    let since: ContinuousClock.Instant
    /// Whether its first audio is there.
    var hasAudio = false
}

/// The one place where requests for speech are admitted, wait or are rejected.
///
/// Up to `slots` requests are in flight. Up to `queueCapacity` more wait; of those, the one whose caller has the fewest in
/// flight is admitted first, so that a caller with many requests does not starve the others. The engine has a worker thread
/// per slot, so an admitted request waits for nothing else.
final class AdmissionController: Sendable {
    private struct Waiter {
        let id: Int
        let request: AdmissionRequest
        let continuation: CheckedContinuation<Void, any Error>
    }
    private struct State {
        var inFlight: [Int: InFlightRequest] = [:]
        var waiting: [Waiter] = []
        /// Requests that were cancelled before they had begun to wait.
        var cancelled: Set<Int> = []
        var lastID = 0
        var isDraining = false
        /// A running mean of the time of a request.
        var typicalSeconds = 2.0
    }

    let limits: LoadLimits
    private let state = Mutex(State())

    init(_ limits: LoadLimits) { self.limits = limits }

    /// The numbers of requests in flight and waiting.
    var counts: (inFlight: Int, waiting: Int) { state.withLock { ($0.inFlight.count, $0.waiting.count) } }
    /// Requests in flight, by number.
    var inFlight: [Int: InFlightRequest] { state.withLock { $0.inFlight } }
    /// Whether one more request would be admitted or wait.
    var hasCapacity: Bool {
        state.withLock { state in
            !state.isDraining
                && (state.inFlight.count < limits.slots || state.waiting.count < limits.queueCapacity)
        }
    }
    /// The number of cancellations that are remembered, for tests.
    var cancellations: Int { state.withLock { $0.cancelled.count } }
    var isDraining: Bool { state.withLock { $0.isDraining } }

    /// Rejects further requests; those in flight and those that wait are processed.
    func drain() { state.withLock { $0.isDraining = true } }

    /// Waits for a slot.
    ///
    /// - Throws: 503 `queue_full` or `shutting_down`, 429 `too_many_requests`, or `CancellationError`.
    func admit(_ request: AdmissionRequest) async throws -> Permit {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        // A cancellation after the decision would otherwise be remembered for ever.
        defer { state.withLock { _ = $0.cancelled.remove(id) } }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                decide(Waiter(id: id, request: request, continuation: continuation))
            }
        } onCancel: {
            cancel(id)
        }
        return Permit(id: id, controller: self)
    }

    private enum Decision {
        case admit, wait
        case reject(any Error)
    }

    private func decide(_ waiter: Waiter) {
        let decision = state.withLock { state in
            let decision = self.decision(on: waiter, state)
            switch decision {
            case .admit: state.inFlight[waiter.id] = InFlightRequest(request: waiter.request, since: .now)
            case .wait: state.waiting.append(waiter)
            case .reject: state.cancelled.remove(waiter.id)
            }
            return decision
        }
        switch decision {
        case .admit: waiter.continuation.resume()
        case .reject(let error): waiter.continuation.resume(throwing: error)
        case .wait: break
        }
    }

    /// Every rejection is decided here.
    private func decision(on waiter: Waiter, _ state: borrowing State) -> Decision {
        if state.cancelled.contains(waiter.id) { return .reject(CancellationError()) }
        let expected = state.typicalSeconds * Double(state.waiting.count + 1) / Double(limits.slots)
        let retrySeconds = Int(min(max(expected.rounded(.up), 1), 120))
        if state.isDraining { return .reject(APIError.shuttingDown(retrySeconds: retrySeconds)) }
        if state.inFlight.count < limits.slots { return .admit }
        guard state.waiting.count < limits.queueCapacity else {
            return .reject(APIError.queueFull(waiting: state.waiting.count, retrySeconds: retrySeconds))
        }
        let own = state.waiting.count { $0.request.caller == waiter.request.caller }
        guard own < limits.queueCapacityPerCaller else {
            return .reject(APIError.tooManyRequests(waiting: own, retrySeconds: retrySeconds))
        }
        return .wait
    }

    private func cancel(_ id: Int) {
        let waiter: Waiter? = state.withLock { state in
            if let index = state.waiting.firstIndex(where: { $0.id == id }) {
                return state.waiting.remove(at: index)
            }
            if state.inFlight[id] == nil { state.cancelled.insert(id) }
            return nil
        }
        waiter?.continuation.resume(throwing: CancellationError())
    }

    fileprivate func markFirstAudio(_ id: Int) { state.withLock { $0.inFlight[id]?.hasAudio = true } }

    fileprivate func release(_ id: Int) {
        let next: Waiter? = state.withLock { state in
            guard let ended = state.inFlight.removeValue(forKey: id) else { return nil }
            let seconds = (ContinuousClock.now - ended.since) / .seconds(1)
            state.typicalSeconds += 0.1 * (seconds - state.typicalSeconds)
            let callers = Dictionary(grouping: state.inFlight.values, by: \.request.caller)
            let index = state.waiting.indices.min { a, b in
                let (x, y) = (state.waiting[a].request.caller, state.waiting[b].request.caller)
                return (callers[x]?.count ?? 0, a) < (callers[y]?.count ?? 0, b)
            }
            guard let index, state.inFlight.count < limits.slots else { return nil }
            let waiter = state.waiting.remove(at: index)
            state.inFlight[waiter.id] = InFlightRequest(request: waiter.request, since: .now)
            return waiter
        }
        next?.continuation.resume()
    }
}

/// A slot in use. It is released by `release`, or with the last reference to the permit.
final class Permit: Sendable {
    private let id: Int
    private let controller: AdmissionController

    fileprivate init(id: Int, controller: AdmissionController) {
        self.id = id
        self.controller = controller
    }

    deinit { controller.release(id) }

    /// Records that the first audio is there.
    func markFirstAudio() { controller.markFirstAudio(id) }
    /// Releases the slot; further calls have no effect.
    func release() { controller.release(id) }
}
