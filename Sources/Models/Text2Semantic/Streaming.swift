/// Where a streamed utterance may be cut.
public enum ChunkRule: Sendable {
    /// Every `length` tokens.
    case fixed(length: Int)
    /// At the quietest pair of tokens after at least `length`, judged by `silence` (similarity to the silent token);
    /// pairs below `threshold` don't count.
    case quiet(length: Int, silence: [Float], threshold: Float)
}

extension Text2Semantic {
    /// Generates one sequence and hands out its tokens in chunks (upstream: `infer_panel_naive` with
    /// `streaming_mode`).
    ///
    /// A chunk of the `quiet` rule holds everything since the last cut, although the next one begins right after the
    /// quiet place: the tokens between are handed out twice, as upstream does.
    ///
    /// - Parameter chunk: gets the tokens (nil: the end came with nothing left) and whether it is the last one.
    public func stream(
        _ input: Input, _ options: SamplingOptions, earlyStop: Int, rule: ChunkRule, noise: any SamplingNoise,
        checkpoint: () throws -> Void = {}, chunk: ([Int]?, Bool) throws -> Void
    ) throws {
        var next = input.prompt?.count ?? 0
        var pending = 0
        try generateSteps(
            input, index: 0, options, earlyStop: earlyStop, noise: noise, taps: .none, checkpoint
        ) { tokens, _, stop in
            pending += 1
            if stop {
                try chunk(next < tokens.count ? Array(tokens[next...]) : nil, true)
                return
            }
            switch rule {
            case .fixed(let length):
                guard pending >= length else { return }
                try chunk(Array(tokens[(tokens.count - pending)...]), false)
                next += pending
                pending = 0
            case .quiet(let length, let silence, let threshold):
                // Two tokens more than asked for, so that a pair can be judged.
                guard pending >= length + 2 else { return }
                let single = tokens[next...].map { token in
                    let s = silence[token] - threshold
                    return s < 0 ? -1 : s
                }
                let pairs = single.indices.map {
                    $0 + 1 < single.count ? single[$0] + single[$0 + 1] : single[$0]
                }
                let quietest = indexOfMaximum(pairs)
                guard pairs[quietest] >= 0, quietest + 1 >= length else { return }
                try chunk(Array(tokens[next...]), false)
                pending -= quietest + 1
                next += quietest + 1
            }
        }
    }
}
