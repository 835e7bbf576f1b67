import ParityStages
import TestSupport
import Testing

@testable import Models

/// Sampling alone, from fixed logits, over a grid of options; three rows of 257 tokens each.
@Suite struct SamplingTests {
    private static let V = 257

    private struct Grid {
        let golden: Golden
        let options: [SamplingOptions]
        let logits: [Float]
        let previous: [Int]

        init() throws {
            golden = try Golden(models: "sampling")
            options = try (0..<golden.floats("grid").count / 4).map { [golden] row in
                try SamplingStage.options(golden, row: row)
            }
            logits = SyntheticNumbers.normal("sampling/logits", 3 * V).map { $0 * 2.5 }
            previous = try golden.integers("previous")
        }
    }

    private func compare(_ grid: Grid, _ row: Int, _ options: SamplingOptions) throws -> [String] {
        var comparison = Comparison(grid.golden)
        comparison.arrayName = { "\($0)_\(row)" }
        let noise = OrderedNoise(stream: "sampling/\(row)")
        let draws = (0..<3).map { sequence in
            noise.begin(step: 0, sequence: sequence, vocabulary: Self.V)
            return (0..<Self.V).map { noise.exponential(token: $0) }
        }
        try SamplingStage.run(
            SamplingStage.Input(logits: grid.logits, previous: grid.previous, sequences: 3), options,
            noise: { draws[$0][$1] }, &comparison)
        return comparison.failures
    }

    @Test(arguments: 0..<9) func probabilitiesAndDrawsAreUpstreams(_ row: Int) throws {
        let grid = try Grid()
        #expect(grid.options.count == 9)
        #expect(try compare(grid, row, grid.options[row]) == [])
    }

    /// Each option matters where it is in force: its neutral value gives other probabilities.
    @Test func everyOptionMatters() throws {
        let grid = try Grid()
        var options = grid.options[2]
        options.topK = 6
        #expect(try !compare(grid, 2, options).isEmpty)
        options = grid.options[5]
        options.topP = 0.93
        #expect(try !compare(grid, 5, options).isEmpty)
        options = grid.options[2]
        options.temperature = 0.81
        #expect(try !compare(grid, 2, options).isEmpty)
        options = grid.options[2]
        options.repetitionPenalty = 1.36
        #expect(try !compare(grid, 2, options).isEmpty)
    }

    /// The heap's k-th largest is that of a sort, ties and infinities included.
    @Test func largestIsTheSortedOne() {
        for seed in 0..<50 {
            let values = SyntheticNumbers.integers("largest/\(seed)", 1 + seed * 3, below: 20).map {
                $0 == 0 ? -Float.infinity : Float($0)
            }
            let sorted = values.sorted(by: >)
            var buffers = SamplingBuffers(vocabulary: values.count)
            buffers.load(values)
            buffers.probabilities = values
            for k in 1...values.count { #expect(buffers.largest(k) == sorted[k - 1]) }
        }
    }

    /// Logits that a broken file can give must not crash or return a token outside the table.
    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func strangeLogitsGiveAToken(_ strange: Float) {
        for topP: Float in [1, 0.5] {
            let sampler = TokenSampler(
                SamplingOptions(topK: 5, topP: topP), vocabulary: 8, previous: [1, 99, -4])
            var buffers = SamplingBuffers(vocabulary: 8)
            buffers.load([Float](repeating: strange, count: 8))
            sampler.penalize(&buffers)
            sampler.computeProbabilities(&buffers)
            let token = TokenSampler.draw(buffers) { _ in 1 }
            #expect((0..<8).contains(token))
        }
    }
}
