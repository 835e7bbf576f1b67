import Foundation
import Synchronization

/// The one pool of compute threads.
///
/// Work is split statically and every output element is computed by one worker in a fixed order, so results do
/// not depend on the number of threads. When the pool is already busy with another caller's work, the caller
/// does its own work alone: nothing waits, nothing nests.
public final class ThreadPool: @unchecked Sendable {
    /// The pool behind all operations. `configure(threads:)` sizes it before first use.
    public static let shared = ThreadPool(width: configuredWidth.load(ordering: .relaxed))

    private static let configuredWidth = Atomic<Int>(0)

    /// Sets the number of threads (0: one per processor this process may use). Call before the first operation.
    public static func configure(threads: Int) {
        configuredWidth.store(threads, ordering: .relaxed)
    }

    /// What one worker sees of the team it runs in.
    public struct Member: Sendable {
        /// 0 ..< count
        public let index: Int
        /// Number of workers in this run.
        public let count: Int
        let pool: ThreadPool

        /// Waits until every worker has arrived; what they wrote before is then visible to all.
        public func barrier() {
            if count > 1 { pool.arrive(count) }
        }

        /// This worker's share of `0 ..< total`, cut at multiples of `grain`.
        public func share(of total: Int, grain: Int = 1) -> Range<Int> {
            let units = (total + grain - 1) / grain
            let low = min(units * index / count * grain, total)
            let high = min(units * (index + 1) / count * grain, total)
            return low..<high
        }
    }

    /// Number of workers, the caller included.
    public let width: Int

    // @unchecked Sendable: `job` is written by the caller before `generation` is released and read by workers
    // after they acquire it; the caller keeps it alive until `pending` says that all have finished.
    private var job: ((Member) -> Void)?
    private let generation = Atomic<Int>(0)
    private let pending = Atomic<Int>(0)
    private let arrived = Atomic<Int>(0)
    private let phase = Atomic<Int>(0)
    private let busy = Mutex(())
    private let sleepers: Sleepers = Sleepers()

    init(width requested: Int) {
        width = requested > 0 ? min(requested, 256) : max(ProcessInfo.processInfo.activeProcessorCount, 1)
        for index in 1..<max(width, 1) {
            let thread = Thread { [self] in work(index) }
            thread.name = "gsv-compute-\(index)"
            thread.stackSize = 1 << 20
            thread.start()
        }
    }

    /// Runs `body` once on every worker and returns when all have finished.
    public func run(_ body: (Member) -> Void) {
        let ran: Bool? =
            width == 1
            ? nil
            : busy.withLockIfAvailable { _ in
                withoutActuallyEscaping(body) { escapable in
                    dispatch(escapable)
                }
                return true
            }
        if ran == nil { body(Member(index: 0, count: 1, pool: self)) }
    }

    /// Runs `body` over disjoint parts of `0 ..< count`, cut at multiples of `grain`.
    public func parallelFor(_ count: Int, grain: Int = 1, _ body: (Range<Int>) -> Void) {
        guard count > grain, width > 1 else {
            if count > 0 { body(0..<count) }
            return
        }
        run { member in
            let range = member.share(of: count, grain: grain)
            if !range.isEmpty { body(range) }
        }
    }

    private func dispatch(_ body: @escaping (Member) -> Void) {
        job = body
        pending.store(width - 1, ordering: .relaxed)
        generation.add(1, ordering: .sequentiallyConsistent)
        sleepers.wakeAll()
        body(Member(index: 0, count: width, pool: self))
        var spins = 0
        while pending.load(ordering: .acquiring) > 0 { pause(&spins) }
        job = nil
    }

    private func work(_ index: Int) {
        var seen = 0
        while true {
            var spins = 0
            while generation.load(ordering: .sequentiallyConsistent) == seen {
                // About 30 µs of spinning covers the gaps inside one synthesis; after that the thread sleeps.
                if spins < 2_000 {
                    spins += 1
                    spinHint()
                } else {
                    sleepers.wait { generation.load(ordering: .sequentiallyConsistent) == seen }
                }
            }
            seen += 1
            job?(Member(index: index, count: width, pool: self))
            pending.subtract(1, ordering: .releasing)
        }
    }

    private func arrive(_ count: Int) {
        let current = phase.load(ordering: .relaxed)
        if arrived.add(1, ordering: .acquiringAndReleasing).newValue == count {
            arrived.store(0, ordering: .relaxed)
            phase.store(current + 1, ordering: .releasing)
            return
        }
        var spins = 0
        while phase.load(ordering: .acquiring) == current { pause(&spins) }
    }

    /// Spins briefly, then lets others run: a waiting thread must not hold a processor that a worker needs.
    private func pause(_ spins: inout Int) {
        spins += 1
        if spins < 4_000 { spinHint() } else { sched_yield() }
    }

    private func spinHint() { _ = generation.load(ordering: .relaxed) }
}

/// Threads that wait for work without using the processor.
private final class Sleepers: Sendable {
    private let condition = NSCondition()
    private let count = Atomic<Int>(0)

    func wait(while stillIdle: () -> Bool) {
        condition.lock()
        count.add(1, ordering: .sequentiallyConsistent)
        while stillIdle() { condition.wait() }
        count.subtract(1, ordering: .sequentiallyConsistent)
        condition.unlock()
    }

    func wakeAll() {
        guard count.load(ordering: .sequentiallyConsistent) > 0 else { return }
        condition.lock()
        condition.broadcast()
        condition.unlock()
    }
}
