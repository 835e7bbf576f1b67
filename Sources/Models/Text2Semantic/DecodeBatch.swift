import Tensor

/// Sequences of one model that are decoded together: a step reads each weight once for all of them. A sequence joins and
/// leaves at any step, and its tokens do not depend on the other sequences.
///
/// This is the only decode loop body: sampling, stopping and cache updates happen in `step`. The scheduler of the engine
/// and `Text2Semantic.decode` drive it. Steps allocate nothing, except where a key–value cache grows.
///
/// Not thread-safe: one thread steps.
package final class DecodeBatch {
    /// Most sequences at a time.
    package let maximumRows: Int
    private let model: Text2Semantic
    private let stack: CachedTransformer
    private let projection: RowProjection
    /// Row b belongs to sequence b.
    private var sequences: [DecodeSequence] = []
    private var caches: [KeyValueCache] = []
    /// The last layer's output `[maximumRows, C]` and the logits `[maximumRows, V]`.
    private var hidden: Tensor, logits: Tensor
    private var sampling: SamplingBuffers

    /// An empty batch.
    package init(model: Text2Semantic, maximumRows: Int) {
        self.model = model
        self.maximumRows = maximumRows
        stack = CachedTransformer(
            layers: model.layers, heads: model.heads, epsilon: Text2Semantic.epsilon, maximumRows: maximumRows
        )
        projection = RowProjection(
            model.prediction.weight, bias: model.prediction.bias, maximumRows: maximumRows)
        hidden = Tensor(repeating: 0, [maximumRows, model.channels])
        logits = Tensor(repeating: 0, [maximumRows, model.tokenCount])
        sampling = SamplingBuffers(vocabulary: model.tokenCount)
        sequences.reserveCapacity(maximumRows)
        caches.reserveCapacity(maximumRows)
    }

    /// Number of sequences.
    package var count: Int { sequences.count }
    /// Whether another sequence fits.
    package var hasRoom: Bool { sequences.count < maximumRows }

    /// Adds a sequence that has taken no step yet.
    package func join(_ sequence: DecodeSequence) {
        precondition(hasRoom, "DecodeBatch: \(maximumRows) sequences are the limit")
        precondition(sequence.stepCount == 0, "DecodeBatch: the sequence was decoded before")
        hidden.setRow(count, to: 0, of: sequence.prefilled)
        sequences.append(sequence)
        caches.append(sequence.cache)
    }

    /// Removes a sequence before its end.
    package func leave(_ sequence: DecodeSequence) { removeAll { $0 === sequence } }

    /// Takes one step with every sequence. Those that end leave the batch.
    package func step(trace: ActivationTrace = .none) {
        guard !sequences.isEmpty else { return }
        projection(hidden, rows: count, into: &logits)
        trace("hidden", hidden.rows(0..<1))
        trace("logits", logits.rows(0..<count))
        for row in sequences.indices { drawToken(of: sequences[row], row: row) }
        removeAll { $0.isFinished }
        advance()
    }

    /// Draws the next token of a sequence. As upstream has it, a sequence also ends when the end token has the largest
    /// logit, whatever was drawn.
    private func drawToken(of sequence: DecodeSequence, row: Int) {
        if let token = sequence.forcedToken { return sequence.append(token, isEnd: false) }
        let end = model.endOfSpeech
        // The end token is the last one: without it there is one token less.
        let vocabulary = sequence.stepCount < sequence.minNewTokens ? end : model.tokenCount
        sequence.noise.begin(
            step: sequence.stepCount, sequence: sequence.number, vocabulary: vocabulary)
        sampling.load(logits, row: row, vocabulary: vocabulary)
        let (token, likeliest) = sequence.sampler.sample(&sampling, noise: sequence.noise)
        sequence.append(token, isEnd: token == end || likeliest == end)
    }

    /// Feeds the newest token of every sequence through the stack.
    private func advance() {
        guard !sequences.isEmpty else { return }
        for (row, sequence) in sequences.enumerated() {
            let position = sequence.tokens.count - 1
            model.writeStepInput(token: sequence.tokens[position], position: position, to: row, of: &hidden)
        }
        stack.step(&hidden, caches: caches)
    }

    private func removeAll(_ isRemoved: (DecodeSequence) -> Bool) {
        var kept = 0
        for row in sequences.indices where !isRemoved(sequences[row]) {
            if kept != row {
                sequences[kept] = sequences[row]
                caches[kept] = caches[row]
                hidden.copyRow(row, to: kept)
            }
            kept += 1
        }
        sequences.removeLast(sequences.count - kept)
        caches.removeLast(caches.count - kept)
    }
}
