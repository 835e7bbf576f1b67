import Audio
import TestSupport

/// Where this target's clips and golden arrays lie, and how they are compared.
enum Fixtures {
    private static let folder: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
        return parts.joined(separator: "/") + "/Fixtures/audio/"
    }()

    static func path(_ name: String) -> String { folder + name }

    static func clip(_ name: String) throws -> AudioClip { try AudioReader.read(path: path(name + ".wav")) }

    static func arrays(_ name: String) throws -> SafetensorsFixture {
        try SafetensorsFixture(path: path(name + ".safetensors"))
    }
}

/// How far results may lie from PyTorch's, each with its reason.
enum Limit {
    /// Same operations in the same order: every bit.
    static let exact: Float = 0
    /// Absolute, for values up to 1: a few units in the last place, from the order of a sum or a vector cosine.
    static let rounding: Float = 3e-7
    /// Relative to the peak, for magnitudes: PyTorch's single-precision transform is itself off by 1.1e-7.
    static let magnitude: Float = 2e-7
    /// Absolute, on logarithms of quiet bands: PyTorch's own distance from double precision reaches 5e-4 (fbank),
    /// 1.2e-3 (mel of a loud clip).
    static let logarithm: Float = 1.5e-3
    /// Absolute, of normalised mels: `logarithm` divided by 7.
    static let normalized: Float = 2.2e-4
    /// Absolute, for lossy codecs, whose decoders' versions differ in rounding.
    static let codec: Float = 2e-6
}

/// The largest absolute difference; infinite when the counts differ or a value is not finite.
func maximumError(_ found: [Float], _ expected: [Float]) -> Float {
    guard found.count == expected.count else { return .infinity }
    return zip(found, expected).reduce(0) { worst, pair in
        let error = abs(pair.0 - pair.1)
        return error.isFinite ? max(worst, error) : .infinity
    }
}

/// The largest absolute difference over the largest expected magnitude.
func errorOfPeak(_ found: [Float], _ expected: [Float]) -> Float {
    maximumError(found, expected) / expected.reduce(0) { max($0, abs($1)) }
}

/// A repeatable source of random numbers (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// `count` samples in −0.5…0.5.
    mutating func noise(_ count: Int) -> [Float] {
        (0..<count).map { _ in Float.random(in: -0.5...0.5, using: &self) }
    }
}
