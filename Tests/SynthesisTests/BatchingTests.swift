import TestSupport
import Testing

@testable import Synthesis

@Suite struct BatchingTests {
    /// 120 lists of random lengths, batch sizes and thresholds, as upstream's `to_batch` splits them.
    @Test func batchesAreUpstreams() throws {
        let recorded = try Golden(models: "batching").integers("batches")
        var found: [Int] = []
        for index in 0..<120 {
            let stream = "batching/\(index)/"
            let count = 1 + SyntheticNumbers.integers(stream + "count", 1, below: 24)[0]
            let lengths = SyntheticNumbers.integers(
                stream + "lengths", count, below: [4, 30, 200][index % 3])
            let size = 1 + SyntheticNumbers.integers(stream + "size", 1, below: 9)[0]
            let batches = Batching.batches(
                lengths: lengths.map { 1 + $0 }, size: size, threshold: [0.75, 0.95, 0, 1][index % 4],
                buckets: index % 5 != 0)
            for batch in batches { found += [batch.count] + batch }
            found.append(-1)
        }
        #expect(found == recorded)
    }

    @Test func everySentenceIsInOneBatch() {
        for buckets in [true, false] {
            for size in [-1, 0, 1, 3, 100] {
                let lengths = SyntheticNumbers.integers("lengths", 37, below: 50)
                let batches = Batching.batches(lengths: lengths, size: size, threshold: 2, buckets: buckets)
                #expect(batches.flatMap { $0 }.sorted() == Array(0..<37))
                #expect(batches.allSatisfy { !$0.isEmpty && $0.count <= max(size, 1) })
            }
            #expect(Batching.batches(lengths: [], size: 3, threshold: 0.75, buckets: buckets).isEmpty)
        }
    }
}
