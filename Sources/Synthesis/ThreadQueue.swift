import Foundation

/// Threads that run jobs in the order they were added. Computation runs here: never on an event loop, and never on
/// Swift's cooperative pool, whose other tasks it would block.
final class ThreadQueue: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var isClosed = false
    }
    private let state = Monitor(State())

    init(name: String, threads: Int) {
        for number in 1...threads {
            let thread = Thread { [self] in loop() }
            thread.name = threads == 1 ? name : "\(name)-\(number)"
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    /// Adds a job behind the others.
    func add(_ job: @escaping @Sendable () -> Void) { state.update { $0.jobs.append(job) } }

    /// Ends the threads once the jobs that were added have run.
    func close() { state.update { $0.isClosed = true } }

    private func loop() {
        while true {
            let job = state.wait(until: { !$0.jobs.isEmpty || $0.isClosed }) { state in
                state.jobs.isEmpty ? nil : state.jobs.removeFirst()
            }
            guard let job else { return }
            job()
        }
    }
}
