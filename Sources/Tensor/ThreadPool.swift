import Foundation
import Synchronization

/// The one pool of compute threads.
///
/// Work is split statically and every output element is computed by one worker in a fixed order, so results do
/// not depend on the number of threads.
///
/// Two kinds of work share the processors, each on a lane of its own: decoding waits for memory, everything else for
/// arithmetic. A lane runs one operation at a time, callers in the order they come, so several utterances advance
/// side by side. While both lanes are engaged each gets half of the threads; a lane alone gets all.
public final class ThreadPool: Sendable {
    /// The pool behind all operations. `configure(threads:)` sizes it before first use.
    public static let shared = ThreadPool(width: configuredWidth.load(ordering: .relaxed))

    private static let configuredWidth = Atomic<Int>(0)

    /// Sets the number of threads (0: one per processor this process may use). Call before the first operation.
    public static func configure(threads: Int) {
        configuredWidth.store(threads, ordering: .relaxed)
    }

    /// A kind of work.
    public enum Lane: Sendable {
        /// Decode steps.
        case decoding
        /// Everything else.
        case general
    }

    /// The lane of the calling thread's operations.
    @TaskLocal public static var lane: Lane = .general

    /// What one worker sees of the team it runs in.
    public struct Member: Sendable {
        /// 0 ..< count
        public let index: Int
        /// Number of workers in this run.
        public let count: Int
        let team: Team?

        /// Waits until every worker has arrived; what they wrote before is then visible to all.
        public func barrier() {
            team?.arrive(count)
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

    private let helpers: [Helper]
    /// Helpers without work; the last one is taken first.
    private let idle: Mutex<[Helper]>
    private let decoding: LaneState, general: LaneState

    init(width requested: Int) {
        width = requested > 0 ? min(requested, 256) : max(ProcessInfo.processInfo.activeProcessorCount, 1)
        helpers = (1..<max(width, 1)).map { Helper(number: $0) }
        idle = Mutex(helpers.map { $0 })
        (decoding, general) = (LaneState(width: width), LaneState(width: width))
    }

    /// Says that the calling thread's lane has work until `body` returns, operations and pauses between them included:
    /// the other lane then leaves it half of the threads.
    public func engage<R>(_ body: () throws -> R) rethrows -> R {
        let lane = Self.lane == .decoding ? decoding : general
        lane.engaged.add(1, ordering: .relaxed)
        defer { lane.engaged.subtract(1, ordering: .relaxed) }
        return try body()
    }

    /// Runs `body` once on every worker of a team and returns when all have finished.
    public func run(_ body: (Member) -> Void) {
        let ran = withHelpers { helpers in
            withoutActuallyEscaping(body) { helpers[0].team.run(.closure($0), with: helpers) }
        }
        if !ran { body(Member(index: 0, count: 1, team: nil)) }
    }

    /// The same for an operation that holds its own arguments. It allocates nothing, where a closure is copied to the
    /// heap to reach the other threads.
    public func run(_ operation: any ParallelOperation) {
        let ran = withHelpers { helpers in helpers[0].team.run(.operation(operation), with: helpers) }
        if !ran { operation.run(Member(index: 0, count: 1, team: nil)) }
    }

    /// Calls `body` with at least one helper; returns false where the calling thread has to work alone.
    private func withHelpers(_ body: ([Helper]) -> Void) -> Bool {
        let (lane, other) = Self.lane == .decoding ? (decoding, general) : (general, decoding)
        // An operation inside another one's worker runs on that worker alone.
        guard width > 1, !helpers.contains(where: { $0.isCurrent }), lane.turn.acquire() else { return false }
        defer { lane.turn.release() }
        // As many as the lane's share of the threads allows and are idle.
        let share = other.engaged.load(ordering: .relaxed) > 0 ? max(width / 2, 1) : width
        idle.withLock { idle in
            while lane.helpers.count < share - 1, let helper = idle.popLast() { lane.helpers.append(helper) }
        }
        guard !lane.helpers.isEmpty else { return false }
        body(lane.helpers)
        idle.withLock { idle in
            while let helper = lane.helpers.popLast() { idle.append(helper) }
        }
        return true
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
}

/// Work that holds its own arguments, so that running it on the pool allocates nothing.
public protocol ParallelOperation: AnyObject {
    /// The share of one worker.
    func run(_ member: ThreadPool.Member)
}

/// The lock of a lane, the number of callers that have work for it, and the helpers of the operation that it runs.
private final class LaneState: @unchecked Sendable {
    let turn = FairLock()
    let engaged = Atomic<Int>(0)
    // @unchecked Sendable: only the thread that holds `turn` uses it.
    var helpers: [Helper] = []

    init(width: Int) { helpers.reserveCapacity(width) }
}

/// A caller and its helpers while they work on one operation.
final class Team: @unchecked Sendable {
    // @unchecked Sendable: `job` and `size` are written by the caller before a helper is called, and read by helpers
    // after that call; the caller waits for all of them before it returns.
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
    private let finished = Sleepers(), passed = Sleepers()

    func run(_ work: Job, with helpers: [Helper]) {
        job = work
        size = helpers.count + 1
        pending.store(helpers.count, ordering: .sequentiallyConsistent)
        for (index, helper) in helpers.enumerated() { helper.call(self, as: index + 1) }
        work.run(ThreadPool.Member(index: 0, count: size, team: self))
        finished.wait { pending.load(ordering: .sequentiallyConsistent) > 0 }
        job = nil
    }

    fileprivate func work(as index: Int) {
        job?.run(ThreadPool.Member(index: index, count: size, team: self))
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

/// A number for the calling thread.
private func currentThread() -> UInt { UInt(pthread_self()) }

/// One thread of the pool.
final class Helper: @unchecked Sendable {
    // @unchecked Sendable: `call` writes both before it raises `calls`, the thread reads them after it saw that.
    private var calledBy: Team?
    private var index = 0
    private let identity = Atomic<UInt>(0)
    private let calls = Atomic<Int>(0)
    private let sleepers = Sleepers()
    /// The team of operations whose first helper this is.
    let team = Team()

    init(number: Int) {
        let thread = Thread { [self] in loop() }
        thread.name = "gsv-compute-\(number)"
        thread.stackSize = 1 << 20
        thread.start()
    }

    fileprivate func call(_ team: Team, as index: Int) {
        calledBy = team
        self.index = index
        calls.add(1, ordering: .sequentiallyConsistent)
        sleepers.wakeAll()
    }

    /// Whether the calling thread is this one.
    fileprivate var isCurrent: Bool { identity.load(ordering: .relaxed) == currentThread() }

    private func loop() {
        identity.store(currentThread(), ordering: .relaxed)
        var seen = 0
        while true {
            sleepers.wait { calls.load(ordering: .sequentiallyConsistent) == seen }
            seen += 1
            calledBy?.work(as: index)
        }
    }
}

/// Threads that wait for a condition: they look again and again for some 30 µs, then offer their processor to others
/// between looks for some 300 µs more, and then sleep. Being woken costs up to 100 µs on a virtual machine, and a decode
/// step has a hundred gaps: sleeping in them made 87 instead of 147 tokens a second on one. A waiting thread does not hold
/// a processor that a worker needs.
private final class Sleepers: Sendable {
    private let condition = NSCondition()
    private let count = Atomic<Int>(0)
    private static let looks = 20_000, yields = 600

    func wait(while isWaiting: () -> Bool) {
        for _ in 0..<Self.looks where !isWaiting() { return }
        for _ in 0..<Self.yields {
            if !isWaiting() { return }
            sched_yield()
        }
        condition.lock()
        count.add(1, ordering: .sequentiallyConsistent)
        while isWaiting() { condition.wait() }
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

/// A lock that is given to callers in the order they asked for it.
final class FairLock: Sendable {
    private struct State {
        var owner: UInt?
        var waiting: [(thread: UInt, turn: DispatchSemaphore)] = []
    }
    private let state = Mutex(State())

    /// Waits for the caller's turn; false, at once, if the calling thread has the lock already.
    func acquire() -> Bool {
        let thread = currentThread()
        let (isNested, turn): (Bool, DispatchSemaphore?) = state.withLock { state in
            if state.owner == thread { return (true, nil) }
            guard state.owner != nil else {
                state.owner = thread
                return (false, nil)
            }
            let turn = DispatchSemaphore(value: 0)
            state.waiting.append((thread, turn))
            return (false, turn)
        }
        turn?.wait()
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
            next.turn.signal()
        }
    }
}
