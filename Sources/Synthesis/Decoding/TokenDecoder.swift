import Models

/// Tokens that are being decoded.
protocol PendingTokens {
    /// Waits for all sentences: their spoken tokens, in order.
    func wait() throws -> [[Int]]
}

/// Decodes the tokens of one request with one model.
protocol TokenDecoder {
    /// Whether decoding continues while the caller does something else.
    var isConcurrent: Bool { get }
    /// Starts to decode the sentences of a batch.
    ///
    /// - Parameter sideBySide: whether they may be decoded together; without, upstream decodes one after another, which
    ///   is the order of recorded noise.
    func begin(_ requests: [DecodeRequest], sideBySide: Bool) throws -> any PendingTokens
    /// Decodes one sentence and passes its tokens on in chunks (nil: the end came with nothing left).
    func stream(_ request: DecodeRequest, rule: ChunkRule, chunk: ([Int]?, Bool) throws -> Void) throws
}

/// Decodes on the calling thread: for tools and tests that bring recorded noise or record activations.
struct SynchronousDecoder: TokenDecoder {
    let model: Text2Semantic
    var trace = ActivationTrace.none
    /// Throws to stop.
    let checkpoint: () throws -> Void

    private struct Finished: PendingTokens {
        let tokens: [[Int]]
        func wait() -> [[Int]] { tokens }
    }

    var isConcurrent: Bool { false }

    func begin(_ requests: [DecodeRequest], sideBySide: Bool) throws -> any PendingTokens {
        let batches = sideBySide ? [requests] : requests.map { [$0] }
        let results = try batches.flatMap { try model.decode($0, trace: trace, checkpoint: checkpoint) }
        return Finished(tokens: results.map(\.spoken))
    }

    func stream(_ request: DecodeRequest, rule: ChunkRule, chunk: ([Int]?, Bool) throws -> Void) throws {
        try model.decode(request, rule: rule, checkpoint: checkpoint, chunk: chunk)
    }
}
