import Audio
import Tensor
import TestSupport
import Testing

@Suite struct SOLATests {
    @Test func equalsUpstream() throws {
        let golden = try Fixtures.arrays("sola")
        let fragments = try ["f0", "f1", "f2"].map { try golden[$0].floats }
        let joined = try SOLA.join(fragments, overlapSamples: 400)
        #expect(try maximumError(joined, golden["out"].floats) <= Limit.rounding)
        let shift = SOLA.bestShift(of: fragments[1], against: Array(fragments[0].suffix(400)))
        #expect(try shift == golden["shifts"].integers[0])
        // A neighbouring overlap would be noticed.
        let other = try SOLA.join(fragments, overlapSamples: 399)
        #expect(try maximumError(other, golden["out"].floats) > Limit.rounding)
    }

    @Test func degenerateJoins() throws {
        #expect(try SOLA.join([], overlapSamples: 4) == [])
        #expect(try SOLA.join([[1, 2]], overlapSamples: 4) == [1, 2])
        #expect(try SOLA.join([[1], [2, 3]], overlapSamples: 0) == [1, 2, 3])
        #expect(try SOLA.join([[1], [2]], overlapSamples: -1) == [1, 2])
        #expect(throws: AudioError.fragmentTooShort(index: 1, samples: 3, needed: 4)) {
            try SOLA.join([[1, 2, 3, 4], [1, 2, 3]], overlapSamples: 4)
        }
        #expect(throws: AudioError.fragmentTooShort(index: 0, samples: 3, needed: 4)) {
            try SOLA.join([[1, 2, 3], [1, 2, 3, 4]], overlapSamples: 4)
        }
    }

    /// Cutting a signal into overlapping pieces and joining them gives the signal back, for every small length.
    @Test(arguments: 1...64)
    func piecesOfOneSignalJoinSeamlessly(_ overlap: Int) throws {
        var random = SplitMix64(seed: UInt64(overlap))
        let signal = random.noise(4 * overlap)
        let joined = try SOLA.join(
            [Array(signal[..<(3 * overlap)]), Array(signal[(2 * overlap)...])], overlapSamples: overlap)
        // With an overlap of one or two samples any shift of the right sign matches as well.
        if overlap > 8 { #expect(maximumError(joined, signal) <= Limit.rounding) }
        #expect(joined.count <= signal.count)
    }

    @Test func silenceIsNotShifted() {
        #expect(SOLA.bestShift(of: [0, 0, 0, 0], against: [0, 0]) == 0)
    }
}

@Suite struct PostprocessTests {
    private static func batches() throws -> [[[Float]]] {
        let golden = try Fixtures.arrays("postprocess")
        return try [[golden["f0"].floats, golden["f1"].floats], [golden["f2"].floats]]
    }

    /// Upstream's own results, bit for bit: with its order, without, without pauses.
    @Test func equalsUpstream() throws {
        let golden = try Fixtures.arrays("postprocess")
        let batches = try Self.batches()
        let bucket = try Postprocess.assemble(
            batches, order: [[2, 0], [1]], pauseSeconds: 0.01, sampleRateHz: 32_000, fullScale: .wrap)
        #expect(try bucket == golden["bucket"].shorts)
        let plain = try Postprocess.assemble(
            batches, order: nil, pauseSeconds: 0.01, sampleRateHz: 32_000, fullScale: .wrap)
        #expect(try plain == golden["plain"].shorts)
        #expect(plain != bucket)
        let noGap = try Postprocess.assemble(
            batches, order: nil, pauseSeconds: 0, sampleRateHz: 32_000, fullScale: .wrap)
        #expect(try noGap == golden["nogap"].shorts)
    }

    /// A positive peak becomes +1.0, which upstream's conversion turns into −32,768.
    @Test func fullScale() throws {
        let golden = try Fixtures.arrays("postprocess")
        var fragment = try golden["f1"].floats
        fragment[5] = 3
        let wrapped = try Postprocess.assemble(
            [[fragment]], order: nil, pauseSeconds: 0, sampleRateHz: 32_000, fullScale: .wrap)
        #expect(try wrapped == golden["wrap"].shorts)
        #expect(wrapped[5] == -32_768)
        let clamped = try Postprocess.assemble(
            [[fragment]], order: nil, pauseSeconds: 0, sampleRateHz: 32_000, fullScale: .clamp)
        #expect(clamped[5] == 32_767)
        #expect(clamped.indices.allSatisfy { $0 == 5 || clamped[$0] == wrapped[$0] })
    }

    @Test func conversion() {
        let samples: [Float] = [0, 1, -1, 0.5, -0.50001, 1.5, -1.5, .nan, .infinity, 1e30]
        #expect(
            Postprocess.toInt16(samples, fullScale: .clamp)
                == [0, 32_767, -32_768, 16_384, -16_384, 32_767, -32_768, 0, 32_767, 32_767])
        #expect(
            Postprocess.toInt16(samples, fullScale: .wrap)
                == [0, -32_768, -32_768, 16_384, -16_384, -16_384, 16_384, 0, 0, 0])
    }

    @Test(arguments: [
        [[0, 1], [1]], [[0, 1], [3]], [[0], [1, 2]], [[0, 1]], [[-1, 0], [1]], [[0, 1, 2], []],
    ])
    func invalidOrders(_ order: [[Int]]) throws {
        let batches = try Self.batches()
        #expect(throws: AudioError.invalidFragmentOrder(order: order.flatMap { $0 }, fragments: 3)) {
            try Postprocess.assemble(
                batches, order: order, pauseSeconds: 0, sampleRateHz: 32_000, fullScale: .clamp)
        }
    }

    @Test(arguments: [-0.1, 60.1, .infinity])
    func invalidPauses(_ seconds: Double) {
        #expect(throws: AudioError.invalidPause(seconds: seconds, limitSeconds: 60)) {
            try Postprocess.assemble(
                [[[0]]], order: nil, pauseSeconds: seconds, sampleRateHz: 32_000, fullScale: .clamp)
        }
    }

    @Test func nothingToSay() throws {
        #expect(
            try Postprocess.assemble([], order: [], pauseSeconds: 1, sampleRateHz: 32_000, fullScale: .clamp)
                == [])
        #expect(
            try Postprocess.assemble(
                [[[]]], order: nil, pauseSeconds: 0.0001, sampleRateHz: 32_000, fullScale: .clamp)
                == [0, 0, 0])
    }
}
