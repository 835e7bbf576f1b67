import Foundation
import Synchronization
import Testing

@testable import Tensor

@Suite struct ThreadPoolTests {
    @Test(arguments: [1, 2, 3, 5])
    func everyElementIsVisitedOnce(_ width: Int) {
        let pool = ThreadPool(width: width)
        for count in [0, 1, 2, 7, 64, 1000] {
            let visits = Mutex([Int](repeating: 0, count: count))
            pool.parallelFor(count, grain: 3) { range in
                visits.withLock { v in for i in range { v[i] += 1 } }
            }
            #expect(visits.withLock { $0 } == [Int](repeating: 1, count: count))
        }
    }

    @Test func barriersSeparatePhases() {
        let pool = ThreadPool(width: 3)
        let phases = Atomic<Int>(0)
        let wrong = Atomic<Int>(0)
        for _ in 0..<200 {
            phases.store(0, ordering: .sequentiallyConsistent)
            pool.run { member in
                for phase in 1...5 {
                    phases.add(1, ordering: .sequentiallyConsistent)
                    member.barrier()
                    if phases.load(ordering: .sequentiallyConsistent) < phase * member.count {
                        wrong.add(1, ordering: .relaxed)
                    }
                    member.barrier()
                }
            }
        }
        #expect(wrong.load(ordering: .relaxed) == 0)
    }

    /// An operation inside a parallel region runs on the worker that starts it alone.
    @Test func nothingNests() {
        let pool = ThreadPool(width: 3)
        let inner = Atomic<Int>(0)
        for _ in 0..<50 {
            pool.run { _ in
                pool.run { nested in inner.add(nested.count, ordering: .relaxed) }
            }
        }
        #expect(inner.load(ordering: .relaxed) == 50 * 3)
    }

    /// Several concurrent callers: each has all threads to itself in turn, and all finish.
    @Test func callersTakeTurns() {
        let pool = ThreadPool(width: 2)
        let running = Atomic<Int>(0)
        let together = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            for _ in 0..<200 {
                pool.run { member in
                    if member.index == 0, running.add(1, ordering: .relaxed).newValue > 1 {
                        together.add(1, ordering: .relaxed)
                    }
                    member.barrier()
                    if member.index == 0 { running.subtract(1, ordering: .relaxed) }
                }
            }
        }
        #expect(together.load(ordering: .relaxed) == 0)
    }

    /// While both lanes are engaged each has half of the threads, alone it has all.
    @Test func lanesShareTheThreads() {
        let pool = ThreadPool(width: 4)
        func regionSize() -> Int {
            let count = Atomic<Int>(0)
            pool.run { member in count.store(member.count, ordering: .relaxed) }
            return count.load(ordering: .relaxed)
        }
        pool.engage {
            #expect(regionSize() == 4)
            ThreadPool.$lane.withValue(.decoding) {
                #expect(regionSize() == 2)
                pool.engage {
                    ThreadPool.$lane.withValue(.general) { #expect(regionSize() == 2) }
                }
            }
            #expect(regionSize() == 4)
        }
    }

    @Test func sharesTileTheWhole() {
        for count in 1...7 {
            for total in 0..<40 {
                var next = 0
                for index in 0..<count {
                    let range = ThreadPool.Member(index: index, count: count, region: nil).share(
                        of: total, grain: 4)
                    #expect(range.lowerBound == next)
                    next = range.upperBound
                }
                #expect(next == total)
            }
        }
    }
}
