import Tensor

/// A sequence whose prompt has been read (prefill), while it is decoded.
///
/// `Text2Semantic.prefill` makes one, a `DecodeBatch` advances it.
package final class DecodeSequence: @unchecked Sendable {
    // @unchecked Sendable: one thread at a time uses it. The thread that prefills it hands it to the one that decodes.

    /// Prompt and generated tokens, without the end token.
    package private(set) var tokens: [Int]
    /// The token that the last step appended; nil when it ended the sequence without one.
    package private(set) var newToken: Int?
    /// The result, once the sequence has ended.
    package private(set) var result: GeneratedTokens?
    /// Whether the sequence has ended.
    package var isFinished: Bool { result != nil }
    /// Steps taken.
    package private(set) var stepCount = 0

    let number: Int
    let noise: any SamplingNoise
    let minNewTokens: Int
    var sampler: TokenSampler
    let cache: KeyValueCache
    /// The last layer's output at the last prompt position, `[1, C]`.
    let prefilled: Tensor
    private let maxNewTokens: Int
    private let truncation: TruncationPolicy
    private let hasPrompt: Bool
    private let forcedTokens: [Int]?

    init(_ request: DecodeRequest, vocabulary: Int, cache: KeyValueCache, prefilled: Tensor) {
        let prompt = request.input.prompt ?? []
        let forced = request.forcedTokens
        number = request.sequence
        noise = request.noise
        minNewTokens = request.minNewTokens
        maxNewTokens = forced?.count ?? request.maxNewTokens
        truncation = request.truncation
        hasPrompt = request.input.prompt != nil
        forcedTokens = forced
        sampler = TokenSampler(request.sampling, vocabulary: vocabulary, previous: prompt)
        self.cache = cache
        self.prefilled = prefilled
        tokens = prompt
        tokens.reserveCapacity(prompt.count + maxNewTokens)
    }

    /// The token that teacher forcing prescribes for this step.
    var forcedToken: Int? { forcedTokens?[stepCount] }

    /// Ends a step.
    ///
    /// - Parameters:
    ///   - token: the token of the step.
    ///   - isEnd: whether the sequence ends before it.
    func append(_ token: Int, isEnd: Bool) {
        newToken = isEnd ? nil : token
        if !isEnd { tokens.append(token) }
        stepCount += 1
        guard isEnd || stepCount >= maxNewTokens else { return }
        if !isEnd, truncation == .dropLastToken {
            tokens.removeLast()
            newToken = nil
        }
        result = GeneratedTokens(tokens: tokens, stepCount: hasPrompt ? stepCount - 1 : 0)
    }
}
