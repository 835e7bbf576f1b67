import Tensor

/// Numbers by name and index, the same on every machine and in every language that can multiply 64-bit
/// integers.
///
/// The stream called `name` is that of `SplitMix64(seed: FNV-1a(name))`. Weights and inputs of the model tests come from here, so that only results have to be
/// stored: the recorded results were made by upstream's PyTorch modules from the same streams.
package enum SyntheticNumbers {
    /// FNV-1a of the UTF-8 bytes.
    static func seed(_ name: String) -> UInt64 {
        name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private static func generator(_ name: String) -> SplitMix64 { SplitMix64(seed: seed(name)) }

    /// Uniform in −1 ..< 1, multiples of 2⁻²³.
    package static func uniform(_ name: String, _ count: Int) -> [Float] {
        var random = generator(name)
        return random.floats(count)
    }

    /// Mean 0, deviation 1: the sum of three uniform numbers.
    package static func normal(_ name: String, _ count: Int) -> [Float] {
        let u = uniform(name, 3 * count)
        return (0..<count).map { (u[3 * $0] + u[3 * $0 + 1]) + u[3 * $0 + 2] }
    }

    /// Positive with median 1 and long tails: v / (1 − v) of a uniform v.
    package static func positive(_ name: String, _ count: Int) -> [Float] {
        var random = generator(name)
        return (0..<count).map { _ in
            let v = (Float(random.next() >> 48) + 0.5) / 65_536
            return v / (1 - v)
        }
    }

    /// Integers in 0 ..< limit.
    package static func integers(_ name: String, _ count: Int, below limit: Int) -> [Int] {
        var random = generator(name)
        return (0..<count).map { _ in random.below(limit) }
    }
}
