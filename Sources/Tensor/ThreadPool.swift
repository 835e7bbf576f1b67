import Foundation
import Synchronization

/// The one pool of compute threads.
///
/// Work is split statically and every output element is computed by one worker in a fixed order, so results do
/// not depend on the number of threads.
///
/// Two kinds of work share the processors, each on a lane: decoding is bound by memory, everything else by arithmetic. A
/// lane runs one operation at a time, callers in order of arrival, so that several utterances advance concurrently. While
/// both lanes are engaged each gets half of the threads; a single engaged lane gets all.
package final class ThreadPool: Sendable {
    /// The pool behind all operations. `configure(threads:)` sizes it before first use.
    package static let shared = ThreadPool(width: configuredWidth.load(ordering: .relaxed))

    private static let configuredWidth = Atomic<Int>(0)

    /// Sets the number of threads (0: one per processor this process may use). Call before the first operation.
    package static func configure(threads: Int) {
        configuredWidth.store(threads, ordering: .relaxed)
    }

    /// A kind of work, scheduled on its own.
    package enum Lane: Sendable {
        /// Decode steps.
        case decoding
        /// Everything else.
        case general
    }

    /// The lane of the calling thread's operations.
    @TaskLocal package static var lane: Lane = .general

    /// One worker's view of the parallel region it runs in.
    package struct Member: Sendable {
        /// 0 ..< count
        package let index: Int
        /// Number of workers in this run.
        package let count: Int
        let region: ParallelRegion?

        /// Waits until every worker of the region has arrived; their earlier writes are then visible to all.
        package func barrier() {
            region?.arrive(count)
        }

        /// This worker's share of `0 ..< total`, cut at multiples of `grain`.
        package func share(of total: Int, grain: Int = 1) -> Range<Int> {
            let units = (total + grain - 1) / grain
            let low = min(units * index / count * grain, total)
            let high = min(units * (index + 1) / count * grain, total)
            return low..<high
        }
    }

    /// Number of workers, the caller included.
    package let width: Int

    /// The threads beside the caller.
    private let workers: [WorkerThread]
    /// Idle workers; the last one is taken first.
    private let idle: Mutex<[WorkerThread]>
    private let decoding: LaneState, general: LaneState

    init(width requested: Int) {
        width = requested > 0 ? min(requested, 256) : max(ProcessInfo.processInfo.activeProcessorCount, 1)
        workers = (1..<max(width, 1)).map { WorkerThread(number: $0) }
        idle = Mutex(workers.map { $0 })
        (decoding, general) = (LaneState(width: width), LaneState(width: width))
    }

    /// Marks the calling thread's lane as engaged until `body` returns, operations and pauses between them included: the
    /// other lane then leaves it half of the threads.
    package func engage<R>(_ body: () throws -> R) rethrows -> R {
        let lane = Self.lane == .decoding ? decoding : general
        lane.engaged.add(1, ordering: .relaxed)
        defer { lane.engaged.subtract(1, ordering: .relaxed) }
        return try body()
    }

    /// Runs `body` once on every worker of a parallel region and returns when all have finished.
    package func run(_ body: (Member) -> Void) {
        let ran = withWorkers { workers in
            withoutActuallyEscaping(body) { workers[0].region.run(.closure($0), with: workers) }
        }
        if !ran { body(Member(index: 0, count: 1, region: nil)) }
    }

    /// The same for an operation that holds its own arguments. It allocates nothing, where a closure is copied to the
    /// heap to reach the other threads.
    package func run(_ operation: any ParallelOperation) {
        let ran = withWorkers { workers in workers[0].region.run(.operation(operation), with: workers) }
        if !ran { operation.run(Member(index: 0, count: 1, region: nil)) }
    }

    /// Calls `body` with at least one worker; returns false where the calling thread has to work alone.
    private func withWorkers(_ body: ([WorkerThread]) -> Void) -> Bool {
        let (lane, other) = Self.lane == .decoding ? (decoding, general) : (general, decoding)
        // Regions do not nest: an operation inside a worker runs on that worker alone.
        guard width > 1, !workers.contains(where: \.isCurrent), lane.lock.acquire() else { return false }
        defer { lane.lock.release() }
        // As many idle workers as the lane's share of the threads allows.
        let share = other.engaged.load(ordering: .relaxed) > 0 ? max(width / 2, 1) : width
        idle.withLock { idle in
            while lane.workers.count < share - 1, let worker = idle.popLast() { lane.workers.append(worker) }
        }
        guard !lane.workers.isEmpty else { return false }
        body(lane.workers)
        idle.withLock { idle in
            while let worker = lane.workers.popLast() { idle.append(worker) }
        }
        return true
    }

    /// Runs `body` over disjoint parts of `0 ..< count`, cut at multiples of `grain`.
    package func parallelFor(_ count: Int, grain: Int = 1, _ body: (Range<Int>) -> Void) {
        guard count > grain, width > 1 else {
            if count > 0 { body(0..<count) }
            return
        }
        run { member in
            let range = member.share(of: count, grain: grain)
            if !range.isEmpty { body(range) }
        }
    }
}

/// Work that holds its own arguments, so that running it on the pool allocates nothing.
package protocol ParallelOperation: AnyObject {
    /// The share of one worker.
    func run(_ member: ThreadPool.Member)
}

/// One lane: its operations exclude each other; `engaged` callers have work for it.
private final class LaneState: @unchecked Sendable {
    let lock = FairLock()
    let engaged = Atomic<Int>(0)
    // @unchecked Sendable: only the thread that holds `lock` uses it.
    var workers: [WorkerThread] = []

    init(width: Int) { workers.reserveCapacity(width) }
}

/// The caller and the workers that execute one operation.
final class ParallelRegion: @unchecked Sendable {
    // @unchecked Sendable: `job` and `size` are written by the caller before a worker is started, and read by workers
    // after that; the caller waits for all of them before it returns.
    enum Job {
        case closure((ThreadPool.Member) -> Void)
        case operation(any ParallelOperation)

        func run(_ member: ThreadPool.Member) {
            switch self {
            case .closure(let body): body(member)
            case .operation(let operation): operation.run(member)
            }
        }
    }
    private var job: Job?
    private var size = 1
    private let pending = Atomic<Int>(0)
    private let arrived = Atomic<Int>(0)
    private let phase = Atomic<Int>(0)
    private let finished = SpinThenPark(), passed = SpinThenPark()

    func run(_ work: Job, with workers: [WorkerThread]) {
        job = work
        size = workers.count + 1
        pending.store(workers.count, ordering: .sequentiallyConsistent)
        for (index, worker) in workers.enumerated() { worker.start(self, as: index + 1) }
        work.run(ThreadPool.Member(index: 0, count: size, region: self))
        finished.wait { pending.load(ordering: .sequentiallyConsistent) > 0 }
        job = nil
    }

    fileprivate func work(as index: Int) {
        job?.run(ThreadPool.Member(index: index, count: size, region: self))
        if pending.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 { finished.wakeAll() }
    }

    fileprivate func arrive(_ count: Int) {
        let current = phase.load(ordering: .relaxed)
        if arrived.add(1, ordering: .acquiringAndReleasing).newValue == count {
            arrived.store(0, ordering: .relaxed)
            phase.store(current + 1, ordering: .sequentiallyConsistent)
            passed.wakeAll()
            return
        }
        passed.wait { phase.load(ordering: .sequentiallyConsistent) == current }
    }
}

/// An identifier of the calling thread.
private func currentThread() -> UInt { UInt(pthread_self()) }

/// One thread of the pool.
final class WorkerThread: @unchecked Sendable {
    // @unchecked Sendable: `start` writes both before it increments `starts`; the thread reads them after it observed that.
    private var current: ParallelRegion?
    private var index = 0
    private let identity = Atomic<UInt>(0)
    private let starts = Atomic<Int>(0)
    private let parking = SpinThenPark()
    /// The region of operations whose first worker this is.
    let region = ParallelRegion()

    init(number: Int) {
        let thread = Thread { [self] in loop() }
        thread.name = "gsv-compute-\(number)"
        thread.stackSize = 1 << 20
        thread.start()
    }

    fileprivate func start(_ region: ParallelRegion, as index: Int) {
        current = region
        self.index = index
        starts.add(1, ordering: .sequentiallyConsistent)
        parking.wakeAll()
    }

    /// Whether the calling thread is this one.
    fileprivate var isCurrent: Bool { identity.load(ordering: .relaxed) == currentThread() }

    private func loop() {
        identity.store(currentThread(), ordering: .relaxed)
        var seen = 0
        while true {
            parking.wait { starts.load(ordering: .sequentiallyConsistent) == seen }
            seen += 1
            current?.work(as: index)
        }
    }
}

/// Waiting for a condition: a thread spins for some 30 µs, then yields its processor between checks for some 300 µs more,
/// and then parks. Waking a parked thread takes up to 100 µs on a virtual machine, and a decode step has a hundred waits:
/// 87 instead of 147 tokens a second when each of them parked. Yielding leaves the processor to a thread that has work.
private final class SpinThenPark: Sendable {
    private let condition = NSCondition()
    private let parked = Atomic<Int>(0)
    private static let spins = 20_000, yields = 600

    func wait(while isWaiting: () -> Bool) {
        for _ in 0..<Self.spins where !isWaiting() { return }
        for _ in 0..<Self.yields {
            if !isWaiting() { return }
            sched_yield()
        }
        condition.lock()
        parked.add(1, ordering: .sequentiallyConsistent)
        while isWaiting() { condition.wait() }
        parked.subtract(1, ordering: .sequentiallyConsistent)
        condition.unlock()
    }

    func wakeAll() {
        guard parked.load(ordering: .sequentiallyConsistent) > 0 else { return }
        condition.lock()
        condition.broadcast()
        condition.unlock()
    }
}

/// A lock that callers acquire in order of arrival.
final class FairLock: Sendable {
    private struct State {
        var owner: UInt?
        var waiting: [(thread: UInt, semaphore: DispatchSemaphore)] = []
    }
    private let state = Mutex(State())

    /// Waits for the lock; returns false immediately if the calling thread holds it already.
    func acquire() -> Bool {
        let thread = currentThread()
        let (isNested, semaphore): (Bool, DispatchSemaphore?) = state.withLock { state in
            if state.owner == thread { return (true, nil) }
            guard state.owner != nil else {
                state.owner = thread
                return (false, nil)
            }
            let semaphore = DispatchSemaphore(value: 0)
            state.waiting.append((thread, semaphore))
            return (false, semaphore)
        }
        semaphore?.wait()
        return !isNested
    }

    func release() {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.owner = nil
                return
            }
            let next = state.waiting.removeFirst()
            state.owner = next.thread
            next.semaphore.signal()
        }
    }
}
