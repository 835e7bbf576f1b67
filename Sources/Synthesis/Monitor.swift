import Foundation

/// State that several threads share and wait for, with the condition variable that guards it.
final class Monitor<State>: @unchecked Sendable {
    // @unchecked Sendable: `state` is only touched while `condition` is locked.
    private let condition = NSCondition()
    private var state: State

    init(_ state: State) { self.state = state }

    /// Reads or changes the state without waking other threads.
    func withLock<R>(_ body: (inout State) throws -> R) rethrows -> R {
        condition.lock()
        defer { condition.unlock() }
        return try body(&state)
    }

    /// Changes the state and lets waiting threads look at it.
    func update(_ body: (inout State) -> Void) {
        condition.lock()
        body(&state)
        condition.broadcast()
        condition.unlock()
    }

    /// Waits until the state satisfies `isReady`, then takes something from it.
    func wait<R>(until isReady: (State) -> Bool, _ body: (inout State) throws -> R) rethrows -> R {
        condition.lock()
        defer { condition.unlock() }
        while !isReady(state) { condition.wait() }
        return try body(&state)
    }
}
