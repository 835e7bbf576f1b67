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

    @Test func aBusyPoolMeansTheCallerWorksAlone() {
        let pool = ThreadPool(width: 2)
        let inner = Atomic<Int>(0)
        pool.run { member in
            guard member.index == 0 else { return }
            pool.run { nested in
                inner.add(nested.count, ordering: .relaxed)
            }
        }
        #expect(inner.load(ordering: .relaxed) == 1)
    }

    @Test func sharesTileTheWhole() {
        let pool = ThreadPool(width: 1)
        for count in 1...7 {
            for total in 0..<40 {
                var next = 0
                for index in 0..<count {
                    let range = ThreadPool.Member(index: index, count: count, pool: pool).share(
                        of: total, grain: 4)
                    #expect(range.lowerBound == next)
                    next = range.upperBound
                }
                #expect(next == total)
            }
        }
    }
}
