import Models
import Tensor
import Testing

@testable import Synthesis

/// The engine's own noise: a known generator, the right distributions, and draws that are addressed, not
/// counted.
@Suite struct NoiseTests {
    /// The known answers that Random123 is published with.
    @Test func philoxKnownAnswers() {
        #expect(Philox(seed: 0).words((0, 0, 0, 0)) == (0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
        let ones = UInt32.max
        #expect(
            Philox(seed: .max).words((ones, ones, ones, ones))
                == (0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
        #expect(
            Philox(seed: 0x299F_31D0_A409_3822).words((0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344))
                == (0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
    }

    private static func moments(_ values: [Double]) -> [Double] {
        let n = Double(values.count)
        let mean = values.reduce(0, +) / n
        return [mean]
            + (2...4).map { p in
                values.reduce(0) { sum, v in
                    var power = 1.0
                    for _ in 0..<p { power *= v - mean }
                    return sum + power
                } / n
            }
    }

    /// Mean 0, variance 1, no skew, kurtosis 3: each within five standard errors of 64,000 draws.
    @Test func latentNoiseIsNormal() {
        let noise = SeededNoise(seed: 99).latent(call: 3, NoiseShape(frames: 1000, channels: 64))
        let m = Self.moments(noise.values.map(Double.init))
        let error = 5 / Double(64_000).squareRoot()
        #expect(abs(m[0]) < error)
        #expect(abs(m[1] - 1) < error * 1.42)
        #expect(abs(m[2]) < error * 3.9)
        #expect(abs(m[3] - 3) < error * 9.8)
        // Neighbouring channels come from one draw of Box–Muller and must not be correlated.
        let values = noise.values
        let products = stride(from: 0, to: values.count, by: 2).map { Double(values[$0] * values[$0 + 1]) }
        #expect(abs(products.reduce(0, +) / 32_000) < 5 / Double(32_000).squareRoot())
    }

    /// Mean 1 and variance 1, never zero or infinite.
    @Test func tokenNoiseIsExponential() {
        let noise = SeededNoise(seed: 5).sampling(sentence: 4)
        var values: [Double] = []
        for step in 0..<60 {
            noise.begin(step: step, sequence: 0, vocabulary: 1025)
            values += (0..<1025).map { Double(noise.exponential(token: $0)) }
        }
        #expect(values.allSatisfy { $0 > 0 && $0.isFinite })
        let m = Self.moments(values)
        let error = 5 / Double(values.count).squareRoot()
        #expect(abs(m[0] - 1) < error)
        #expect(abs(m[1] - 1) < error * 2.9)
        #expect(abs(m[2] - 2) < error * 16)
    }

    /// A sentence's draws are the same at any place of a batch; other sentences, steps and seeds have others.
    @Test func drawsAreAddressed() {
        func draws(_ seed: UInt64, sentence: Int, sequence: Int = 0, step: Int) -> [Float] {
            let noise = SeededNoise(seed: seed).sampling(sentence: sentence)
            noise.begin(step: step, sequence: sequence, vocabulary: 50)
            return (0..<50).map { noise.exponential(token: $0) }
        }
        let expected = draws(1, sentence: 7, step: 3)
        #expect(draws(1, sentence: 7, sequence: 1, step: 3) == expected)
        #expect(draws(1, sentence: 5, step: 3) != expected)
        #expect(draws(1, sentence: 7, step: 4) != expected)
        #expect(draws(2, sentence: 7, step: 3) != expected)
        #expect(draws(1 << 32 | 1, sentence: 7, step: 3) != expected)
    }

    /// Latent noise of a frame does not depend on how many there are; odd channel counts are filled.
    @Test func latentNoiseIsAddressed() {
        func values(_ seed: UInt64 = 1, call: Int = 2, chunk: Int = 0, frames: Int = 9) -> [Float] {
            SeededNoise(seed: seed).latent(call: call, NoiseShape(chunk: chunk, frames: frames, channels: 7))
                .values
        }
        let long = values()
        #expect(values(frames: 4) == Array(long.prefix(28)))
        #expect(values(call: 3) != long)
        #expect(values(chunk: 1) != long)
        #expect(values(2) != long)
        #expect(Set(long).count == 63)
    }

    /// A word becomes a number strictly between 0 and 1.
    @Test func unitNumbersAreInside() {
        #expect(Philox.unit(0) > 0 && Philox.unit(.max) < 1)
        #expect(Philox.unit(1 << 31) > 0.5 && Philox.unit(1 << 31 - 1) < 0.5)
    }
}
