import Foundation
import Tensor
import TestSupport
import Testing

@testable import Models

/// After warm-up, a decode step allocates nothing: no tensor, no array, no closure, on no thread.
@Suite(.serialized, .enabled(if: MallocCounter.isAvailable)) struct DecodeAllocationTests {
    /// Draws with all rules of the sampler.
    private static let sampling = SamplingOptions(topK: 15, topP: 0.9, temperature: 0.8)

    private static func batch(_ count: Int, minNewTokens: Int) throws -> DecodeBatch {
        let stages = try TextToSemanticFixture("v2")
        let batch = DecodeBatch(model: stages.model, maximumRows: count)
        for index in 0..<count {
            var request = DecodeRequest(stages.input(index % 3), sampling, noise: CountingNoise())
            request.minNewTokens = minNewTokens
            batch.join(stages.model.prefill(request))
        }
        return batch
    }

    @Test(arguments: [1, 3, 12]) func aStepAllocatesNothing(_ count: Int) throws {
        try ThreadPool.$lane.withValue(.decoding) {
            let batch = try Self.batch(count, minNewTokens: 100)
            for _ in 0..<3 { batch.step() }
            let allocations = MallocCounter.count { for _ in 0..<50 { batch.step() } }
            #expect(batch.count == count)
            #expect(allocations == 0)
        }
    }

    /// Not where sequences end and leave either.
    @Test func theLastStepAllocatesNothing() throws {
        try ThreadPool.$lane.withValue(.decoding) {
            let stages = try TextToSemanticFixture("v2")
            let batch = DecodeBatch(model: stages.model, maximumRows: 3)
            for index in 0..<3 {
                var request = DecodeRequest(stages.input(index), Self.sampling, noise: CountingNoise())
                (request.minNewTokens, request.maxNewTokens) = (10 + index, 10 + index)
                batch.join(stages.model.prefill(request))
            }
            for _ in 0..<3 { batch.step() }
            #expect(MallocCounter.count { while batch.count > 0 { batch.step() } } == 0)
        }
    }

    /// The count bites: one allocation, on the stepping thread or on a worker, is seen.
    @Test func anAllocationIsCounted() throws {
        let batch = try Self.batch(1, minNewTokens: 100)
        for _ in 0..<3 { batch.step() }
        // The compiler removes a `malloc` whose block is only freed, but not the growth of an array that is read.
        var values: [Int] = []
        #expect(
            MallocCounter.count {
                batch.step()
                values.append(batch.count)
            } == 1)
        #expect(values == [1])
        let blocks = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(
            capacity: ThreadPool.shared.width)
        blocks.initialize(repeating: nil, count: ThreadPool.shared.width)
        #expect(
            MallocCounter.count {
                ThreadPool.shared.run { member in
                    if member.index == member.count - 1 { blocks[member.index] = malloc(64) }
                }
            } >= 1)
        for index in 0..<ThreadPool.shared.width { free(blocks[index]) }
    }
}
