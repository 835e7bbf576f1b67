import Foundation
public import Models
public import Tensor

/// All randomness of one utterance.
///
/// Draws are addressed, not counted: what a draw is depends on the seed and on what it is for, never on how many were
/// made before or by which thread. Tests put recorded noise here.
public protocol SynthesisNoise: Sendable {
    /// Sampling noise for a batch whose rows are the sentences at `sentences` of the utterance.
    func sampling(batch: Int, sentences: [Int]) -> any SamplingNoise
    /// Normally distributed noise for the latent of the `call`-th synthesis: `[frames, channels]`.
    func latent(call: Int, frames: Int, channels: Int) -> Tensor
}

/// Philox 4×32-10, a counter-based generator (Salmon et al. 2011): ten rounds of multiplication turn a 128-bit counter
/// and a 64-bit key into 128 random bits.
public struct Philox: Sendable {
    private let key: (UInt32, UInt32)

    /// A generator for a seed.
    public init(seed: UInt64) {
        key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    }

    /// The four words at a counter.
    public func words(_ counter: (UInt32, UInt32, UInt32, UInt32)) -> (UInt32, UInt32, UInt32, UInt32) {
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
/// Counter words: purpose (0 tokens, 1 latent), then sentence, step and token for tokens; call, frame and a pair of
/// channels for the latent. Tokens therefore don't depend on the batch that a sentence is decoded in.
public struct SeededNoise: SynthesisNoise {
    private let generator: Philox

    /// Noise for a seed.
    public init(seed: UInt64) { generator = Philox(seed: seed) }

    /// The seed that a request's number stands for: −1 draws one.
    public static func seed(requested: Int64) -> UInt64 {
        requested == -1 ? UInt64(UInt32.random(in: 0...UInt32.max)) : UInt64(bitPattern: requested)
    }

    /// See `SynthesisNoise`.
    public func sampling(batch: Int, sentences: [Int]) -> any SamplingNoise {
        TokenNoise(generator: generator, sentences: sentences)
    }

    /// Box–Muller on pairs of channels.
    public func latent(call: Int, frames: Int, channels: Int) -> Tensor {
        Tensor([frames, channels]) { out in
            for t in 0..<frames {
                for c in stride(from: 0, to: channels, by: 2) {
                    let w = generator.words(
                        (1, UInt32(truncatingIfNeeded: call), UInt32(truncatingIfNeeded: t), UInt32(c)))
                    let radius = (-2 * log(Philox.unit(w.0))).squareRoot()
                    let angle = 2 * Double.pi * Philox.unit(w.1)
                    out[t * channels + c] = Float(radius * cos(angle))
                    if c + 1 < channels { out[t * channels + c + 1] = Float(radius * sin(angle)) }
                }
            }
        }
    }
}

private final class TokenNoise: SamplingNoise {
    private let generator: Philox
    private let sentences: [Int]
    private var step = 0
    private var rows: [Int] = []

    init(generator: Philox, sentences: [Int]) {
        self.generator = generator
        self.sentences = sentences
    }

    func begin(step: Int, sequences: [Int], vocabulary: Int) {
        self.step = step
        rows = sequences
    }

    func exponential(row: Int, token: Int) -> Float {
        let sentence = UInt32(truncatingIfNeeded: sentences[rows[row]])
        let w = generator.words((0, sentence, UInt32(step), UInt32(token)))
        return Float(-log(Philox.unit(w.0)))
    }
}
