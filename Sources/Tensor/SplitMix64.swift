/// Reproducible pseudo-random numbers for benchmarks, tests and probes: SplitMix64 (Steele, Lea and Flood, "Fast
/// splittable pseudorandom number generators", OOPSLA 2014).
///
/// The state advances by 0x9E3779B97F4A7C15 and every state is mixed by a bijection, so the i-th number of a seed can be
/// computed on its own and in any language that multiplies 64-bit integers. The noise of speech comes from a counter-based
/// generator instead (`Synthesis/Noise`).
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The sequence that begins after `seed`.
    package init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Uniform in −1 ..< 1, a multiple of 2⁻²³.
    package mutating func float() -> Float { Float(Int32(next() >> 40) - 1 << 23) / 8_388_608 }

    /// `count` numbers, uniform in −1 ..< 1.
    package mutating func floats(_ count: Int) -> [Float] { (0..<count).map { _ in float() } }

    /// An integer in 0 ..< `bound`, which must be positive. The bias is below `bound` · 2⁻³¹.
    package mutating func below(_ bound: Int) -> Int { Int((next() >> 33) % UInt64(bound)) }
}
