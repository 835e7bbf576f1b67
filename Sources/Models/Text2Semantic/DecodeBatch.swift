import Tensor

/// A sequence whose prompt has been read and that waits for its first step.
public struct StartedSequence {
    var running: RunningSequence
    let noise: any SamplingNoise
    let earlyStop: Int
    let hasPrompt: Bool
    let manner: DecodingManner
}

/// Which of upstream's two loops a sequence is decoded as; they differ in what is left of one that is cut.
public enum DecodingManner: Sendable {
    /// `infer_panel_batch_infer`: the last token is dropped.
    case batch
    /// `infer_panel_naive`: it stays.
    case single
}

/// What a step did to one sequence.
public struct DecodedStep: Sendable {
    /// Which sequence.
    public let id: Int
    /// Generated so far, prompt included, the end token excluded.
    public let tokens: [Int]
    /// The number of the step, from 0.
    public let step: Int
    /// Whether it was the sequence's last one.
    public let isLast: Bool
    /// The sequence as a whole, when it has ended.
    public let result: GeneratedTokens?
}

/// Sequences of one model that take their steps together: each weight is read once for all of them. A sequence
/// joins and leaves at any step, and its tokens do not depend on who else is there.
///
/// Not thread-safe: one thread steps.
public final class DecodeBatch {
    /// Most sequences at a time.
    public let maximumRows: Int
    private let model: Text2Semantic
    private let stack: CachedTransformer
    private var rows: [Row] = []

    private struct Row {
        let id: Int
        var sequence: StartedSequence
        /// Whether every step reports the tokens so far.
        let reportsTokens: Bool
    }

    /// An empty batch for a model's sequences.
    public init(model: Text2Semantic, maximumRows: Int) {
        self.model = model
        self.maximumRows = maximumRows
        stack = CachedTransformer(
            layers: model.layers, heads: model.heads, epsilon: Text2Semantic.epsilon, maximumRows: maximumRows
        )
    }

    /// Number of sequences.
    public var count: Int { rows.count }
    /// Whether another one fits.
    public var hasRoom: Bool { rows.count < maximumRows }

    /// Adds a sequence; `id` must differ from the others'.
    ///
    /// - Parameter reportsTokens: whether every step reports the tokens so far, or only the last one.
    public func join(_ sequence: StartedSequence, id: Int, reportsTokens: Bool = false) {
        precondition(hasRoom, "DecodeBatch: \(maximumRows) sequences are the limit")
        rows.append(Row(id: id, sequence: sequence, reportsTokens: reportsTokens))
    }

    /// Removes a sequence that is not wanted any more.
    public func leave(id: Int) { rows.removeAll { $0.id == id } }

    /// Takes one step with every sequence; those that end leave.
    public func step(taps: Taps = .none) -> [DecodedStep] {
        guard !rows.isEmpty else { return [] }
        let scores = model.scores(rows.map(\.sequence.running), taps: taps)
        var reports: [DecodedStep] = []
        var staying: [Row] = []
        staying.reserveCapacity(rows.count)
        for index in rows.indices {
            let report = draw(&rows[index], from: scores, row: index)
            if !report.isLast { staying.append(rows[index]) }
            reports.append(report)
        }
        rows = staying
        advance()
        return reports
    }

    private func draw(_ row: inout Row, from scores: Tensor, row index: Int) -> DecodedStep {
        let step = row.sequence.running.generatedCount
        let V = model.vocabulary(step: step)
        let noise = row.sequence.noise
        noise.begin(step: step, sequences: [row.sequence.running.index], vocabulary: V)
        let ended = row.sequence.running.draw(from: scores, row: index, vocabulary: V, end: model.endOfSpeech)
        {
            noise.exponential(row: 0, token: $0)
        }
        if ended { row.sequence.running.tokens.removeLast() }
        let limit = row.sequence.earlyStop
        let isLast =
            ended || step == Text2Semantic.maximumSteps - 1
            || (limit != -1 && row.sequence.running.generatedCount > limit)
        if isLast, !ended, row.sequence.manner == .batch { row.sequence.running.tokens.removeLast() }
        let tokens = isLast || row.reportsTokens ? row.sequence.running.tokens : []
        return DecodedStep(
            id: row.id, tokens: tokens, step: step,
            isLast: isLast,
            result: isLast
                ? GeneratedTokens(tokens: tokens, stepCount: row.sequence.hasPrompt ? step : 0) : nil)
    }

    private func advance() {
        guard !rows.isEmpty else { return }
        var running = rows.map(\.sequence.running)
        model.advance(&running, stack: stack)
        for index in rows.indices { rows[index].sequence.running = running[index] }
    }
}

extension Text2Semantic {
    /// Reads a prompt: what a sequence needs before it can join a `DecodeBatch`.
    ///
    /// - Parameters:
    ///   - index: the sequence's number in its utterance, for the noise.
    ///   - earlyStop: tokens after which it is cut, −1 for never.
    ///   - noise: this sequence's alone.
    ///   - manner: what is left of a sequence that is cut.
    public func start(
        _ input: Input, index: Int, _ options: SamplingOptions, earlyStop: Int, noise: any SamplingNoise,
        manner: DecodingManner, taps: Taps = .none
    ) -> StartedSequence {
        StartedSequence(
            running: begin(input, index: index, options, taps: taps), noise: noise, earlyStop: earlyStop,
            hasPrompt: input.prompt != nil, manner: manner)
    }
}
