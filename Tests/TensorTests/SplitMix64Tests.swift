import Testing

@testable import Tensor

@Suite struct SplitMix64Tests {
    /// The first numbers of two seeds, as the reference implementation gives them (Vigna, `splitmix64.c`).
    @Test func numbersAreTheReferences() {
        var zero = SplitMix64(seed: 0)
        #expect(zero.next() == 0xE220_A839_7B1D_CDAF)
        #expect(zero.next() == 0x6E78_9E6A_A1B9_65F4)
        #expect(zero.next() == 0x06C4_5D18_8009_454F)
        var other = SplitMix64(seed: 1_234_567)
        #expect(other.next() == 6_457_827_717_110_365_317)
        #expect(other.next() == 3_203_168_211_198_807_973)
        #expect(other.next() == 9_817_491_932_198_370_423)
    }

    @Test func floatsFillTheirInterval() {
        var random = SplitMix64(seed: 5)
        let values = random.floats(10_000)
        #expect(values.allSatisfy { $0 >= -1 && $0 < 1 })
        // The mean of 10,000 has a deviation of 0.0058, the mean square one of 0.003.
        #expect(abs(values.reduce(0, +) / 10_000) < 0.03)
        #expect(abs(values.reduce(0) { $0 + $1 * $1 } / 10_000 - 1.0 / 3) < 0.015)
        #expect(Set(values).count > 9_900)
    }

    @Test func integersStayBelowTheirBoundAndReachAll() {
        var random = SplitMix64(seed: 6)
        #expect(Set((0..<1000).map { _ in random.below(7) }) == Set(0..<7))
        #expect(random.below(1) == 0)
    }
}
