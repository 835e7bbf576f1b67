import Foundation
package import Models
package import Tensor

/// All randomness of one request.
///
/// Draws are addressed, not counted: a draw is a function of the seed and of its purpose, not of how many were made before
/// or by which thread. Tests substitute recorded noise.
package protocol SynthesisNoise: Sendable {
    /// Sampling noise for a sentence of the request.
    func sampling(sentence: Int) -> any SamplingNoise
    /// Normally distributed noise of the `call`-th synthesis: `[frames, channels]` of the given draw.
    func latent(call: Int, _ shape: NoiseShape) -> Tensor
}

/// Philox 4×32-10, a counter-based generator (Salmon et al. 2011): ten rounds of multiplication turn a 128-bit counter
/// and a 64-bit key into 128 random bits.
package struct Philox: Sendable {
    private let key: (UInt32, UInt32)

    /// A generator for a seed.
    package init(seed: UInt64) {
        key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    }

    /// The four words at a counter.
    package func words(_ counter: (UInt32, UInt32, UInt32, UInt32)) -> (UInt32, UInt32, UInt32, UInt32) {
        var (a, b, c, d) = counter
        var (k0, k1) = key
        for _ in 0..<10 {
            let p = UInt64(0xD251_1F53) * UInt64(a)
            let q = UInt64(0xCD9E_8D57) * UInt64(c)
            (a, b, c, d) = (
                UInt32(truncatingIfNeeded: q >> 32) ^ b ^ k0, UInt32(truncatingIfNeeded: q),
                UInt32(truncatingIfNeeded: p >> 32) ^ d ^ k1, UInt32(truncatingIfNeeded: p)
            )
            k0 &+= 0x9E37_79B9
            k1 &+= 0xBB67_AE85
        }
        return (a, b, c, d)
    }

    /// A word as a number in 0 < u < 1.
    static func unit(_ word: UInt32) -> Double { (Double(word) + 0.5) / 4_294_967_296 }
}

/// The engine's own noise.
///
/// Counter words: purpose (0 tokens, 1 + chunk latent), then sentence, step and token for tokens; call, frame and a pair of
/// channels for the latent. Tokens therefore don't depend on the batch that a sentence is decoded in.
package struct SeededNoise: SynthesisNoise {
    private let generator: Philox

    /// Noise for a seed.
    package init(seed: UInt64) { generator = Philox(seed: seed) }

    /// The seed that a request's number stands for: −1 draws one.
    package static func seed(requested: Int64) -> UInt64 {
        requested == -1 ? UInt64(UInt32.random(in: 0...UInt32.max)) : UInt64(bitPattern: requested)
    }

    /// See `SynthesisNoise`.
    package func sampling(sentence: Int) -> any SamplingNoise {
        TokenNoise(generator: generator, sentence: sentence)
    }

    /// Box–Muller on pairs of channels.
    package func latent(call: Int, _ shape: NoiseShape) -> Tensor {
        let (T, C) = (shape.frames, shape.channels)
        let purpose = 1 + UInt32(truncatingIfNeeded: shape.chunk)
        return Tensor([T, C]) { out in
            for t in 0..<T {
                for c in stride(from: 0, to: C, by: 2) {
                    let w = generator.words(
                        (purpose, UInt32(truncatingIfNeeded: call), UInt32(truncatingIfNeeded: t), UInt32(c)))
                    let radius = (-2 * log(Philox.unit(w.0))).squareRoot()
                    let angle = 2 * Double.pi * Philox.unit(w.1)
                    out[t * C + c] = Float(radius * cos(angle))
                    if c + 1 < C { out[t * C + c + 1] = Float(radius * sin(angle)) }
                }
            }
        }
    }
}

private final class TokenNoise: SamplingNoise {
    private let generator: Philox
    private let sentence: UInt32
    private var step: UInt32 = 0

    init(generator: Philox, sentence: Int) {
        self.generator = generator
        self.sentence = UInt32(truncatingIfNeeded: sentence)
    }

    func begin(step: Int, sequence: Int, vocabulary: Int) { self.step = UInt32(step) }

    func exponential(token: Int) -> Float {
        let w = generator.words((0, sentence, step, UInt32(token)))
        return Float(-log(Philox.unit(w.0)))
    }
}
