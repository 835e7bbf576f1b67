/// Numbers by name and index, the same on every machine and in every language that can multiply 64-bit
/// integers.
///
/// Entry i of the stream called `name` is SplitMix64's finaliser of FNV-1a(name) + (i + 1) ·
/// 0x9E3779B97F4A7C15. Weights and inputs of the model tests come from here, so that only results have to be
/// stored: the recorded results were made by upstream's PyTorch modules from the same streams.
public enum SyntheticNumbers {
    /// FNV-1a of the UTF-8 bytes.
    static func seed(_ name: String) -> UInt64 {
        name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private static func bits(_ name: String, _ count: Int) -> some Sequence<UInt64> {
        let start = seed(name)
        return (0..<UInt64(count)).lazy.map { index in
            var z = start &+ (index + 1) &* 0x9E37_79B9_7F4A_7C15
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    /// Uniform in −1 ..< 1, multiples of 2⁻²³.
    public static func uniform(_ name: String, _ count: Int) -> [Float] {
        bits(name, count).map { Float(Int($0 >> 40) - 1 << 23) / 8_388_608 }
    }

    /// Mean 0, deviation 1: the sum of three uniform numbers.
    public static func normal(_ name: String, _ count: Int) -> [Float] {
        let u = uniform(name, 3 * count)
        return (0..<count).map { (u[3 * $0] + u[3 * $0 + 1]) + u[3 * $0 + 2] }
    }

    /// Positive with median 1 and long tails: v / (1 − v) of a uniform v.
    public static func positive(_ name: String, _ count: Int) -> [Float] {
        bits(name, count).map { word in
            let v = (Float(word >> 48) + 0.5) / 65_536
            return v / (1 - v)
        }
    }

    /// Whole numbers in 0 ..< limit.
    public static func integers(_ name: String, _ count: Int, below limit: Int) -> [Int] {
        bits(name, count).map { Int(($0 >> 33) % UInt64(limit)) }
    }
}
