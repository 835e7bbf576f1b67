import Tensor

/// Where sampling noise comes from: exponentially distributed numbers with mean 1.
///
/// The engine's own source is counter-based; the parity tool puts recorded noise here.
public protocol SamplingNoise: AnyObject {
    /// Announces a step: which sequences (indices into the batch) draw, from how many tokens.
    func begin(step: Int, sequences: [Int], vocabulary: Int)
    /// The noise of one token for the sequence at `row` of the announced ones.
    func exponential(row: Int, token: Int) -> Float
}

/// What a finished sequence is.
public struct GeneratedTokens: Sendable, Equatable {
    /// Prompt and generated tokens, as upstream's `y`.
    public let tokens: [Int]
    /// The step at which it ended, as upstream's `idx`; upstream speaks the last `stepCount` tokens.
    public let stepCount: Int

    /// The part that is spoken: the last `stepCount` tokens, or all of them when there was no prompt.
    public var spoken: [Int] { stepCount == 0 ? tokens : Array(tokens.suffix(stepCount)) }
}

extension Text2Semantic {
    /// Steps after which upstream gives up, and steps in which the end is not allowed (0.4 s).
    static let maximumSteps = 1500, protectedSteps = 11

    /// Starts a sequence: runs the prompt.
    func begin(_ input: Input, index: Int, _ options: SamplingOptions, taps: Taps = .none) -> RunningSequence
    {
        let prompt = input.prompt ?? []
        let length = input.phones.count + prompt.count
        let cache = KeyValueCache(
            layers: layers.count, channels: channels, heads: heads, capacity: length + 256,
            precision: cachePrecision)
        let hidden = prefill(input, cache: cache, taps: taps)
        return RunningSequence(
            index: index, tokens: prompt, prefixCount: prompt.count,
            sampler: TokenSampler(options, vocabulary: tokenCount, previous: prompt), cache: cache,
            hidden: hidden)
    }

    /// Scores of the next token of every sequence, `[B, V]`.
    func scores(_ sequences: [RunningSequence], taps: Taps) -> Tensor {
        let hidden = Tensor.concatenatingRows(sequences.map(\.hidden))
        let scores = logits(hidden)
        taps("hidden", hidden.rows(0..<1))
        taps("logits", scores)
        return scores
    }

    /// Draws the next token of every sequence. Returns for each whether it drew, or would prefer, the end.
    func sample(
        _ sequences: inout [RunningSequence], step: Int, noise: any SamplingNoise, taps: Taps
    ) -> [Bool] {
        let scores = self.scores(sequences, taps: taps)
        let V = vocabulary(step: step)
        noise.begin(step: step, sequences: sequences.map(\.index), vocabulary: V)
        return sequences.indices.map { row in
            sequences[row].draw(from: scores, row: row, vocabulary: V, end: endOfSpeech) {
                noise.exponential(row: row, token: $0)
            }
        }
    }

    /// Tokens that may be drawn at a step: at first the end may not.
    func vocabulary(step: Int) -> Int { step < Self.protectedSteps ? endOfSpeech : tokenCount }

    /// Feeds the newest token of every sequence through the stack.
    func advance(_ sequences: inout [RunningSequence], stack: CachedTransformer) {
        var x = stepInput(
            tokens: sequences.map { $0.tokens[$0.tokens.count - 1] },
            positions: sequences.map { $0.tokens.count - 1 })
        stack.step(&x, caches: sequences.map(\.cache))
        for row in sequences.indices { sequences[row].hidden = x.rows(row..<row + 1) }
    }

    /// Generates all sequences side by side (upstream: `infer_panel_batch_infer`). Upstream pads its batch on the
    /// left and masks the padding, so each sequence sees what it would see alone.
    ///
    /// - Parameter earlyStop: tokens after which a sequence is cut, −1 for never.
    /// - Parameter checkpoint: called before every step; throws to stop the work.
    public func generateBatch(
        _ inputs: [Input], _ options: SamplingOptions, earlyStop: Int, noise: any SamplingNoise,
        taps: Taps = .none,
        checkpoint: () throws -> Void = {}
    ) throws -> [GeneratedTokens] {
        var results = [GeneratedTokens?](repeating: nil, count: inputs.count)
        var running: [RunningSequence] = []
        for (index, input) in inputs.enumerated() {
            try checkpoint()
            running.append(begin(input, index: index, options, taps: index == 0 ? taps : .none))
        }
        let stack = CachedTransformer(
            layers: layers, heads: heads, epsilon: Self.epsilon, maximumRows: inputs.count)
        for step in 0..<Self.maximumSteps {
            try checkpoint()
            let ended = sample(&running, step: step, noise: noise, taps: taps)
            func finish(_ sequence: RunningSequence) {
                results[sequence.index] = GeneratedTokens(
                    tokens: Array(sequence.tokens.dropLast()), stepCount: step)
            }
            for (sequence, end) in zip(running, ended) where end { finish(sequence) }
            running = zip(running, ended).filter { !$0.1 }.map(\.0)
            let generated = (running.first?.tokens.count ?? 0) - (running.first?.prefixCount ?? 0)
            if (earlyStop != -1 && generated > earlyStop) || step == Self.maximumSteps - 1 {
                for sequence in running { finish(sequence) }
                running = []
            }
            if running.isEmpty { break }
            advance(&running, stack: stack)
        }
        return results.map { $0 ?? GeneratedTokens(tokens: [], stepCount: 0) }
    }

    /// Generates one sequence (upstream: `infer_panel_naive` without streaming).
    public func generate(
        _ input: Input, index: Int = 0, _ options: SamplingOptions, earlyStop: Int, noise: any SamplingNoise,
        taps: Taps = .none, checkpoint: () throws -> Void = {}
    ) throws -> GeneratedTokens {
        var result: GeneratedTokens?
        try generateSteps(
            input, index: index, options, earlyStop: earlyStop, noise: noise, taps: taps, checkpoint
        ) { result = $0.result }
        return result ?? GeneratedTokens(tokens: [], stepCount: 0)
    }

    /// One sequence, step by step: `checkpoint` before and `body` after each.
    func generateSteps(
        _ input: Input, index: Int, _ options: SamplingOptions, earlyStop: Int, noise: any SamplingNoise,
        taps: Taps,
        _ checkpoint: () throws -> Void, _ body: (DecodedStep) throws -> Void
    ) throws {
        try checkpoint()
        let batch = DecodeBatch(model: self, maximumRows: 1)
        let sequence = start(
            input, index: index, options, earlyStop: earlyStop, noise: noise, manner: .single, taps: taps)
        batch.join(sequence, id: index, reportsTokens: true)
        while batch.count > 0 {
            try checkpoint()
            for report in batch.step(taps: taps) { try body(report) }
        }
    }
}

extension Text2Semantic {
    /// Exactly `steps` decode steps of all inputs together, whatever the model says: the fixed amount of work that
    /// `gsv bench` times.
    public func benchmark(_ inputs: [Input], steps: Int, noise: any SamplingNoise) {
        var running = inputs.enumerated().map { begin($1, index: $0, SamplingOptions()) }
        let stack = CachedTransformer(
            layers: layers, heads: heads, epsilon: Self.epsilon, maximumRows: inputs.count)
        for step in 0..<steps {
            _ = sample(&running, step: min(step, Self.protectedSteps - 1), noise: noise, taps: .none)
            if step < steps - 1 { advance(&running, stack: stack) }
        }
    }
}
