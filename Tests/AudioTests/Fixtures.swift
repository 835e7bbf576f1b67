import Audio
import Tensor
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

extension SplitMix64 {
    /// `count` samples in −0.5 ..< 0.5.
    mutating func noise(_ count: Int) -> [Float] { floats(count).map { $0 / 2 } }
}
