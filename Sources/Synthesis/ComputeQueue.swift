import Foundation
import Synchronization

/// Threads that take jobs in the order they come. Compute lives here: never on an event loop, never on Swift's
/// cooperative pool, where it would keep others waiting.
final class ComputeQueue: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var isClosed = false
    }
    // NSCondition guards `state`; the Mutex makes that visible to the compiler.
    private let condition = NSCondition()
    private let state = Mutex(State())

    init(name: String, threads: Int) {
        for number in 1...threads {
            let thread = Thread { [self] in loop() }
            thread.name = threads == 1 ? name : "\(name)-\(number)"
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    /// Adds a job behind the waiting ones.
    func add(_ job: @escaping @Sendable () -> Void) {
        condition.lock()
        state.withLock { $0.jobs.append(job) }
        condition.signal()
        condition.unlock()
    }

    /// Runs what is still waiting, then ends the threads.
    func close() {
        condition.lock()
        state.withLock { $0.isClosed = true }
        condition.broadcast()
        condition.unlock()
    }

    private func loop() {
        while true {
            condition.lock()
            while state.withLock({ $0.jobs.isEmpty && !$0.isClosed }) { condition.wait() }
            let job = state.withLock { $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }
            condition.unlock()
            guard let job else { return }
            job()
        }
    }
}
