import Tensor
import TestSupport
import Testing

@testable import Models

@Suite struct SOLATests {
    /// What upstream's `TTS.sola_algorithm` computes.
    private static let fixture: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
        return parts.joined(separator: "/") + "/Fixtures/audio/sola.safetensors"
    }()

    private func maximumError(_ found: [Float], _ expected: [Float]) -> Float {
        guard found.count == expected.count else { return .infinity }
        return zip(found, expected).map { abs($0 - $1) }.max() ?? 0
    }

    @Test func equalsUpstream() throws {
        let golden = try SafetensorsFixture(path: Self.fixture)
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
        #expect(throws: SOLA.FragmentTooShort(index: 1, samples: 3, needed: 4)) {
            try SOLA.join([[1, 2, 3, 4], [1, 2, 3]], overlapSamples: 4)
        }
        #expect(throws: SOLA.FragmentTooShort(index: 0, samples: 3, needed: 4)) {
            try SOLA.join([[1, 2, 3], [1, 2, 3, 4]], overlapSamples: 4)
        }
    }

    /// Cutting a signal into overlapping pieces and joining them gives the signal back, for every small length.
    @Test(arguments: 1...64)
    func piecesOfOneSignalJoinSeamlessly(_ overlap: Int) throws {
        var random = SplitMix64(seed: UInt64(overlap))
        let signal = random.floats(4 * overlap)
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
