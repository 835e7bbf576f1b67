import TestSupport
import Testing

@testable import Audio

@Suite struct ResamplingTests {
    /// `librosa.load(path, sr=16000)`, bit for bit.
    @Test(arguments: ["stereo44k", "loud24k", "mono48k"])
    func librosaIsExact(_ name: String) throws {
        let expected = try Fixtures.arrays(name)["librosa16k"].floats
        #expect(try LibrosaResampler.to16kHz(Fixtures.clip(name)) == expected)
    }

    /// Every length from 1 to 64: the count follows librosa's rule, and the longest is compared sample by sample.
    @Test(arguments: [8_000, 11_025, 22_050, 24_000, 32_000, 44_100, 48_000])
    func librosaOnShortSignals(_ rate: Int) throws {
        let golden = try Fixtures.arrays("resample")
        let noise = try golden["noise"].floats
        let results = try (1...64).map {
            try LibrosaResampler.resample(Array(noise[..<$0]), fromHz: rate, toHz: 16_000)
        }
        #expect(try results.map(\.count) == golden["soxr_count_\(rate)"].integers)
        #expect(try results[63] == golden["soxr_\(rate)"].floats)
        #expect(try LibrosaResampler.resample([], fromHz: rate, toHz: 16_000).isEmpty)
    }

    @Test func librosaKeepsASignalAtItsOwnRate() throws {
        #expect(try LibrosaResampler.resample([1, 2, 3], fromHz: 16_000, toHz: 16_000) == [1, 2, 3])
    }

    @Test(arguments: [(48_000, 32_000), (32_000, 16_000), (32_000, 24_000), (24_000, 32_000)])
    func kernelsAreExact(_ from: Int, _ to: Int) throws {
        let golden = try Fixtures.arrays("kernels")
        let resampler = SincResampler(from: from, to: to)
        #expect(try [resampler.width] == golden["w_\(from)_\(to)"].integers)
        let found = (0..<resampler.outputPeriod).flatMap { dense(resampler, phase: $0) }
        #expect(try found == golden["k_\(from)_\(to)"].floats)
    }

    @Test(arguments: [(44_100, 32_000), (22_050, 32_000), (11_025, 24_000), (96_000, 16_000)])
    func rowsOfLargeKernelsAreExact(_ from: Int, _ to: Int) throws {
        let golden = try Fixtures.arrays("kernels")
        let resampler = SincResampler(from: from, to: to)
        #expect(try [resampler.width] == golden["w_\(from)_\(to)"].integers)
        let rows = try golden["rows_\(from)_\(to)"].integers
        let expected = try golden["k_\(from)_\(to)"].floats
        #expect(rows.flatMap { dense(resampler, phase: $0) } == expected)
        // Two phases exchanged would be noticed.
        if rows.count > 1 {
            #expect(rows.reversed().flatMap { dense(resampler, phase: $0) } != expected)
        }
    }

    private func dense(_ resampler: SincResampler, phase: Int) -> [Float] {
        var row = [Float](repeating: 0, count: resampler.inputPeriod + 2 * resampler.width)
        for tap in 0..<resampler.tapCount {
            row[resampler.firstTap[phase] + tap] = resampler.taps[phase * resampler.tapCount + tap]
        }
        return row
    }

    @Test(arguments: [8_000, 11_025, 22_050, 24_000, 44_100, 48_000])
    func sincOnShortSignals(_ rate: Int) throws {
        let golden = try Fixtures.arrays("resample")
        let noise = try golden["noise"].floats
        let resampler = SincResampler(from: rate, to: 32_000)
        let results = (1...64).map { resampler(Array(noise[..<$0])) }
        #expect(try results.map(\.count) == golden["sinc_count_\(rate)"].integers)
        #expect(try maximumError(results[63], golden["sinc_\(rate)"].floats) <= Limit.rounding)
        #expect(resampler([]).isEmpty)
    }

    /// A constant stays one, away from the ends, within the ripple of a filter of six zero crossings.
    @Test(arguments: [(44_100, 32_000), (32_000, 16_000), (8_000, 32_000), (44_101, 16_000)])
    func constantsStay(_ from: Int, _ to: Int) {
        let result = SincResampler(from: from, to: to)([Float](repeating: 0.5, count: 4_000))
        let margin = 200
        #expect(result.count == (4_000 * to + from - 1) / from)
        #expect(result[margin..<result.count - margin].allSatisfy { abs($0 - 0.5) < Limit.resamplingRipple })
    }

    @Test func sincKeepsASignalAtItsOwnRate() {
        #expect(SincResampler(from: 32_000, to: 32_000)([1, -2, 3]) == [1, -2, 3])
    }

    /// Rates without a common divisor, at both ends of what a clip may have, for every length from 0 to 64.
    @Test(arguments: [(383_999, 32_000), (1_000, 32_000), (1_001, 24_000), (384_000, 16_000)])
    func extremeRates(_ from: Int, _ to: Int) {
        let resampler = SincResampler(from: from, to: to)
        for count in 0...64 {
            let result = resampler([Float](repeating: 1, count: count))
            #expect(result.count == (count * to + from - 1) / from)
            // Between two ones, and zeros around, a sinc of nearly full bandwidth reaches 2·sinc(½) = 1.27.
            #expect(result.allSatisfy { abs($0) < 1.3 })
        }
    }
}
