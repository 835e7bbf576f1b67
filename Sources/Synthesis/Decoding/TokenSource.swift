import Models

/// One sentence to decode.
struct TokenOrder {
    let input: Text2Semantic.Input
    /// Its place in the batch of its utterance, for the noise.
    let index: Int
}

/// The sentences of one batch of an utterance, to be decoded together or one after another.
struct TokenBatchOrder {
    let model: Text2Semantic
    let orders: [TokenOrder]
    let options: SamplingOptions
    /// Steps after which a sentence is cut.
    let earlyStop: Int
    /// Upstream's parallel mode: decoded side by side.
    let isParallel: Bool
    /// The batch's noise: one object for all its sentences, or one for each.
    let noise: () -> any SamplingNoise
    let taps: Taps
    /// Throws when the utterance is not wanted any more.
    let checkpoint: () throws -> Void
}

/// Tokens on their way.
protocol PendingTokens {
    /// Waits for all sentences: their spoken tokens, in order.
    func wait() throws -> [[Int]]
}

/// Who decodes tokens for utterances.
protocol TokenSource {
    /// Whether decoding goes on while the caller does something else.
    var isConcurrent: Bool { get }
    /// Begins to decode a batch.
    func begin(_ order: TokenBatchOrder) throws -> any PendingTokens
    /// Decodes one sentence and hands out its tokens in chunks, see `Text2Semantic.stream`.
    func stream(
        _ order: TokenBatchOrder, rule: ChunkRule, chunk: ([Int]?, Bool) throws -> Void
    ) throws
}

/// Decodes on the calling thread, batch by batch as upstream does: for tools and tests that bring recorded noise or want
/// the taps.
struct DirectTokens: TokenSource {
    private struct Finished: PendingTokens {
        let tokens: [[Int]]
        func wait() -> [[Int]] { tokens }
    }

    var isConcurrent: Bool { false }

    func begin(_ order: TokenBatchOrder) throws -> any PendingTokens {
        let noise = order.noise()
        let inputs = order.orders.map(\.input)
        if order.isParallel {
            let results = try order.model.generateBatch(
                inputs, order.options, earlyStop: order.earlyStop, noise: noise, taps: order.taps,
                checkpoint: order.checkpoint)
            return Finished(tokens: results.map(\.spoken))
        }
        return Finished(
            tokens: try order.orders.map {
                try order.model.generate(
                    $0.input, index: $0.index, order.options, earlyStop: order.earlyStop, noise: noise,
                    taps: order.taps, checkpoint: order.checkpoint
                ).spoken
            })
    }

    func stream(
        _ order: TokenBatchOrder, rule: ChunkRule, chunk: ([Int]?, Bool) throws -> Void
    ) throws {
        guard let sentence = order.orders.first else { return }
        try order.model.stream(
            sentence.input, order.options, earlyStop: order.earlyStop, rule: rule, noise: order.noise(),
            checkpoint: order.checkpoint, chunk: chunk)
    }
}
