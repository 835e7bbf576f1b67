import Foundation
import Synchronization

/// A part of loading that runs on any thread and keeps its result or error.
package final class LoadingJob<Value: Sendable>: RunnableJob {
    private let body: @Sendable () throws -> Value
    private let result = Mutex<Result<Value, any Error>?>(nil)

    /// A job that has not run.
    package init(_ body: @escaping @Sendable () throws -> Value) { self.body = body }

    /// Runs the job on this thread.
    package func run() {
        let outcome = Result { try body() }
        result.withLock { $0 = outcome }
    }

    /// The result.
    ///
    /// - Precondition: the job has run.
    /// - Throws: what the job threw.
    package func value() throws -> Value {
        guard let outcome = result.withLock({ $0 }) else { preconditionFailure("LoadingJob: it has not run") }
        return try outcome.get()
    }
}

/// A job, type-erased.
package protocol RunnableJob: Sendable {
    /// Runs the job on this thread.
    func run()
}

/// Runs jobs on as many threads as there are processors, beginning with the first, and returns when all have run.
package func runSideBySide(_ jobs: [any RunnableJob]) {
    DispatchQueue.concurrentPerform(iterations: jobs.count) { jobs[$0].run() }
}
