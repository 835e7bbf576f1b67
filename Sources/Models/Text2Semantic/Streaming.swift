/// Where a streamed utterance may be cut.
public enum ChunkRule: Sendable {
    /// Every `length` tokens.
    case fixed(length: Int)
    /// At the quietest pair of tokens after at least `length`, judged by `silence` (similarity to the silent token);
    /// pairs below `threshold` don't count.
    case quiet(length: Int, silence: [Float], threshold: Float)
}

/// Cuts a sequence into chunks while it grows (upstream: `infer_panel_naive` with `streaming_mode`).
///
/// A chunk of the `quiet` rule holds everything since the last cut, although the next one begins right after the
/// quiet place: the tokens between are handed out twice, as upstream does.
public struct ChunkCutter: Sendable {
    private let rule: ChunkRule
    private var next: Int
    private var pending = 0

    /// A cutter for a sequence that begins with a prompt of `prefix` tokens.
    public init(rule: ChunkRule, prefix: Int) {
        self.rule = rule
        next = prefix
    }

    /// Takes notice of one more token.
    ///
    /// - Parameter tokens: all so far, prompt included, the end token excluded.
    /// - Parameter isLast: whether the sequence has ended.
    /// - Returns: what may be spoken now, nil for nothing yet. At the end the tokens may be nil: the end came right after
    ///   a cut.
    public mutating func take(_ tokens: [Int], isLast: Bool) -> (tokens: [Int]?, isLast: Bool)? {
        pending += 1
        if isLast { return (next < tokens.count ? Array(tokens[next...]) : nil, true) }
        switch rule {
        case .fixed(let length):
            guard pending >= length else { return nil }
            defer {
                next += pending
                pending = 0
            }
            return (Array(tokens[(tokens.count - pending)...]), false)
        case .quiet(let length, let silence, let threshold):
            // Two tokens more than asked for, so that a pair can be judged.
            guard pending >= length + 2 else { return nil }
            let single = tokens[next...].map { token in
                let s = silence[token] - threshold
                return s < 0 ? -1 : s
            }
            let pairs = single.indices.map {
                $0 + 1 < single.count ? single[$0] + single[$0 + 1] : single[$0]
            }
            let quietest = indexOfMaximum(pairs)
            guard pairs[quietest] >= 0, quietest + 1 >= length else { return nil }
            defer {
                pending -= quietest + 1
                next += quietest + 1
            }
            return (Array(tokens[next...]), false)
        }
    }
}

extension Text2Semantic {
    /// Generates one sequence and hands out its tokens in chunks.
    ///
    /// - Parameter chunk: gets the tokens (nil: the end came with nothing left) and whether it is the last one.
    public func stream(
        _ input: Input, _ options: SamplingOptions, earlyStop: Int, rule: ChunkRule, noise: any SamplingNoise,
        checkpoint: () throws -> Void = {}, chunk: ([Int]?, Bool) throws -> Void
    ) throws {
        var cutter = ChunkCutter(rule: rule, prefix: input.prompt?.count ?? 0)
        try generateSteps(
            input, index: 0, options, earlyStop: earlyStop, noise: noise, taps: .none, checkpoint
        ) { step in
            if let part = cutter.take(step.tokens, isLast: step.isLast) {
                try chunk(part.tokens, part.isLast)
            }
        }
    }
}
