/// Where the tokens of a streamed sentence are cut into chunks.
package enum ChunkRule: Sendable {
    /// Every `length` tokens.
    case fixed(length: Int)
    /// At the quietest pair of tokens after at least `length`, judged by `silence` (similarity to the silent token);
    /// pairs below `threshold` don't count.
    case quiet(length: Int, silence: [Float], threshold: Float)
}

/// Cuts a sequence into chunks while it is decoded (upstream: `infer_panel_naive` with `streaming_mode`).
///
/// A chunk of the `quiet` rule holds everything since the last cut, although the next one begins right after the
/// quiet place: the tokens between are returned twice, as upstream does.
package struct ChunkCutter: Sendable {
    private let rule: ChunkRule
    /// Generated tokens; the first of the next chunk; steps since the last cut.
    private var tokens: [Int] = []
    private var next = 0
    private var pending = 0

    /// A cutter for a sequence that has only its prompt.
    package init(rule: ChunkRule) { self.rule = rule }

    /// Takes the token of a step.
    ///
    /// - Parameter token: nil when the step ended the sequence without one.
    /// - Parameter isLast: whether the sequence has ended.
    /// - Returns: a chunk, or nil for none yet. At the end its tokens may be nil: the end came right after a cut.
    package mutating func take(_ token: Int?, isLast: Bool) -> (tokens: [Int]?, isLast: Bool)? {
        if let token { tokens.append(token) }
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
            // Two tokens more than the length, so that a pair can be judged.
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
    /// Decodes one sequence on the calling thread and passes its tokens on in chunks.
    ///
    /// - Parameter chunk: gets the tokens (nil: the end came with nothing left) and whether they are the last.
    package func decode(
        _ request: DecodeRequest, rule: ChunkRule, checkpoint: () throws -> Void = {},
        chunk: ([Int]?, Bool) throws -> Void
    ) throws {
        var cutter = ChunkCutter(rule: rule)
        _ = try decode([request], checkpoint: checkpoint) { sequences in
            let sequence = sequences[0]
            if let part = cutter.take(sequence.newToken, isLast: sequence.isFinished) {
                try chunk(part.tokens, part.isLast)
            }
        }
    }
}
