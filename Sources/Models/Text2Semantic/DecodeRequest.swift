/// Where sampling noise of one sequence comes from: exponentially distributed numbers with mean 1.
///
/// The engine's own source is counter-based; parity and tests substitute recorded noise.
package protocol SamplingNoise: AnyObject {
    /// Begins a step of a sequence.
    ///
    /// - Parameters:
    ///   - step: tokens drawn before.
    ///   - sequence: the sequence's number in its batch.
    ///   - vocabulary: number of tokens that can be drawn.
    func begin(step: Int, sequence: Int, vocabulary: Int)
    /// The noise of a token in the step that was begun.
    func exponential(token: Int) -> Float
}

/// What remains of a sequence that reaches its limit without an end token. Upstream's two loops differ in it.
package enum TruncationPolicy: Sendable {
    /// `infer_panel_batch_infer`: the last token is dropped.
    case dropLastToken
    /// `infer_panel_naive`: the last token stays.
    case keepLastToken
}

/// A sequence to decode: what the model reads, how tokens are drawn, and when decoding ends.
package struct DecodeRequest {
    /// Phonemes, features and prompt tokens.
    package var input: Text2Semantic.Input
    /// How tokens are drawn.
    package var sampling: SamplingOptions
    /// Steps in which the end token cannot be drawn, and steps after which the sequence ends in any case.
    package var minNewTokens = Text2Semantic.minNewTokens, maxNewTokens = Text2Semantic.maxNewTokens
    /// What remains at `maxNewTokens`.
    package var truncation = TruncationPolicy.keepLastToken
    /// Noise of this sequence.
    package var noise: any SamplingNoise
    /// The sequence's number in its batch, which `noise` is given.
    package var sequence = 0
    /// Teacher forcing: these tokens take the place of drawn ones, and the sequence ends with the last of them.
    package var forcedTokens: [Int]?

    /// A request with upstream's limits.
    package init(_ input: Text2Semantic.Input, _ sampling: SamplingOptions, noise: any SamplingNoise) {
        (self.input, self.sampling, self.noise) = (input, sampling, noise)
    }
}

extension Text2Semantic {
    /// Upstream's limits: the end token is impossible for 0.4 s, and a sequence ends after 1,500 tokens.
    package static let minNewTokens = 11, maxNewTokens = 1500

    /// `maxNewTokens` for upstream's `early_stop_num`: a sequence is cut when it has more than `earlyStop` tokens; −1 for
    /// no such limit.
    package static func maxNewTokens(earlyStop: Int) -> Int {
        earlyStop == -1 ? maxNewTokens : min(maxNewTokens, earlyStop + 1)
    }
}

/// A finished sequence.
package struct GeneratedTokens: Sendable, Equatable {
    /// Prompt and generated tokens, as upstream's `y`.
    package let tokens: [Int]
    /// The step at which it ended, as upstream's `idx`; upstream speaks the last `stepCount` tokens.
    package let stepCount: Int

    /// The part that is spoken: the last `stepCount` tokens, or all of them when there was no prompt.
    package var spoken: [Int] { stepCount == 0 ? tokens : Array(tokens.suffix(stepCount)) }
}
