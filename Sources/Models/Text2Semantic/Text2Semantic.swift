import Checkpoint
import Files
import Foundation
package import Tensor
import TensorKernelTable

/// The text-to-semantic model: an autoregressive transformer from phones (with BERT features) and the semantic
/// tokens of the reference to the semantic tokens of the speech, 25 per second.
///
/// PyTorch: upstream's `Text2SemanticDecoder`; keys begin with `model.`. Phones see all phones, tokens see all
/// phones and the tokens before them.
package struct Text2Semantic: Sendable {
    /// Width, heads, entries of the two vocabularies, and the id that ends a sequence (the last one).
    package let channels: Int, heads: Int, phoneCount: Int, tokenCount: Int, endOfSpeech: Int
    /// Features of one BERT vector.
    package let bertFeatureCount: Int
    /// Upstream's limit in seconds of speech (`data.max_sec`), which becomes its `early_stop_num`.
    package let maximumSeconds: Int

    private let phones: Embedding
    private let tokens: Embedding
    private let bertProjection: Linear
    private let phonePositions: SinusoidalPositionalEmbedding
    private let tokenPositions: SinusoidalPositionalEmbedding
    let layers: [PostNormLayer]
    /// C channels → logits of V tokens.
    let prediction: Linear
    static let epsilon: Float = 1e-5
    /// The weights' file, if they are read where it is mapped.
    private let mapped: MappedFile?

    private final class Identity: Sendable {}
    private let identityHolder = Identity()
    /// Identifies a set of weights.
    package var identity: ObjectIdentifier { ObjectIdentifier(identityHolder) }

    /// Reads a `.ckpt` (or its converted form) at `path`.
    package init(path: String) throws {
        let checkpoint = try Checkpoint.open(path)
        try checkpoint.require(.textToSemantic)
        try self.init(checkpoint)
    }

    /// Reads an open checkpoint; `recorder` records what the layers prepack.
    init(_ checkpoint: Checkpoint, recorder: PrepackRecorder? = nil) throws {
        let config = checkpoint.config["model"]
        func dimension(_ key: String, _ range: ClosedRange<Int>) throws -> Int {
            guard let value = config?[key]?.int, range.contains(value) else {
                throw ModelError(
                    path: checkpoint.path, key: "config.model.\(key)",
                    reason: "expected an integer in \(range)")
            }
            return value
        }
        let C = try dimension("hidden_dim", 8...16_384)
        let depth = try dimension("n_layer", 1...256)
        let V = try dimension("vocab_size", 2...1_000_000)
        let P = try dimension("phoneme_vocab_size", 1...1_000_000)
        channels = C
        heads = try dimension("head", 1...256)
        tokenCount = V
        phoneCount = P
        endOfSpeech = try dimension("EOS", 1...1_000_000)
        maximumSeconds = checkpoint.config["data"]?["max_sec"]?.int ?? 54
        guard (1...3600).contains(maximumSeconds) else {
            throw ModelError(
                path: checkpoint.path, key: "config.data.max_sec", reason: "expected an integer in 1...3600")
        }
        guard C % heads == 0, C % 2 == 0, endOfSpeech == V - 1 else {
            throw ModelError(
                path: checkpoint.path, key: "config.model",
                reason: "width \(C), \(heads) heads, end \(endOfSpeech) of \(V) do not fit together")
        }
        let weights = WeightScope(checkpoint, recorder: recorder)
        let model = weights["model"]
        bertFeatureCount = model["bert_proj"].axes(of: "weight", 2)?[1] ?? 1024
        bertProjection = try Linear(model["bert_proj"], inputs: bertFeatureCount, outputs: C)
        phones = try Embedding(model["ar_text_embedding"]["word_embeddings"], entries: P, channels: C)
        tokens = try Embedding(model["ar_audio_embedding"]["word_embeddings"], entries: V, channels: C)
        phonePositions = SinusoidalPositionalEmbedding(
            channels: C, alpha: try model["ar_text_position"].floats("alpha", [1])[0])
        tokenPositions = SinusoidalPositionalEmbedding(
            channels: C, alpha: try model["ar_audio_position"].floats("alpha", [1])[0])
        layers = try (0..<depth).map { try Self.layer(model["h"]["layers"][$0], C) }
        prediction = try Linear(model["ar_predict_layer"], inputs: C, outputs: V, bias: false)
        try weights.assertAllUsed()
        // Loading touched pages between the weights, and a huge page brings the weights along.
        checkpoint.file.releasePages()
        mapped = self.layers.contains { $0.qkv.isMapped } ? checkpoint.file : nil
    }

    /// Releases the pages of mapped weights; they are read from the file again when they are needed. No effect on packed
    /// weights.
    package func releasePages() { mapped?.releasePages() }

    /// The stack's matrices may be signed bytes: every decode step reads them. The projections before and behind it are
    /// small, and errors of the last one change the choice of tokens directly.
    private static func layer(_ scope: WeightScope, _ C: Int) throws -> PostNormLayer {
        let attention = scope["self_attn"]
        let F = scope["linear1"].axes(of: "weight", 2)?[0] ?? 4 * C
        return PostNormLayer(
            qkv: try attention.matrix("in_proj_weight", [3 * C, C], isQuantizable: true),
            qkvBias: Tensor(try attention.tensor("in_proj_bias", [3 * C])),
            output: try attention["out_proj"].matrix("weight", [C, C], isQuantizable: true),
            outputBias: Tensor(try attention["out_proj"].tensor("bias", [C])),
            up: try scope["linear1"].matrix("weight", [F, C], isQuantizable: true),
            upBias: Tensor(try scope["linear1"].tensor("bias", [F])),
            down: try scope["linear2"].matrix("weight", [C, F], isQuantizable: true),
            downBias: Tensor(try scope["linear2"].tensor("bias", [C])),
            gain1: Tensor(try scope["norm1"].tensor("weight", [C])),
            bias1: Tensor(try scope["norm1"].tensor("bias", [C])),
            gain2: Tensor(try scope["norm2"].tensor("weight", [C])),
            bias2: Tensor(try scope["norm2"].tensor("bias", [C])))
    }

    /// What the model reads of one sentence.
    package struct Input: Sendable {
        /// Phone ids of the prompt followed by those of the text.
        package let phones: [Int]
        /// One BERT vector per phone, `[phones.count, 1024]`, zeros where a language has none.
        package let bert: Tensor
        /// Semantic tokens of the reference; nil for none (upstream's prompt-free mode).
        package let prompt: [Int]?

        /// An input of given parts.
        package init(phones: [Int], bert: Tensor, prompt: [Int]?) {
            self.phones = phones
            self.bert = bert
            self.prompt = prompt
        }
    }

    /// Runs the whole prompt through the stack and keeps its keys and values: the last row's output `[1, C]`.
    func prefill(_ input: Input, cache: KeyValueCache, trace: ActivationTrace) -> Tensor {
        let X = input.phones.count
        let (T, _) = input.bert.dims2("Text2Semantic.bert", columns: bertFeatureCount)
        precondition(T == X, "Text2Semantic: \(X) phones with \(T) BERT vectors")
        let embedded = phones(input.phones)
        trace("x_emb", embedded)
        var x = phonePositions.added(to: embedded + bertProjection(input.bert))
        trace("x_pos", x)
        if let prompt = input.prompt {
            let y = tokenPositions.added(to: tokens(prompt))
            trace("y_pos", y)
            x = Tensor.concatenatingRows([x, y])
        }
        let C = channels
        let scale = 1 / Float(C / heads).squareRoot()
        for (index, layer) in layers.enumerated() {
            let qkv = x.linear(layer.qkv, bias: layer.qkvBias)
            let keys = qkv.columns(C..<2 * C)
            let values = qkv.columns(2 * C..<3 * C)
            cache.fill(layer: index, keys: keys, values: values)
            trace("k_\(index)", keys)
            trace("v_\(index)", values)
            let attended = qkv.columns(0..<C).attending(
                keys: keys, values: values, heads: heads, scale: scale, mask: .prefixCausal(prefix: X))
            let middle = attended.linear(layer.output, bias: layer.outputBias)
                .layerNormed(gain: layer.gain1, bias: layer.bias1, epsilon: Self.epsilon, residual: x)
            x = middle.linear(layer.up, bias: layer.upBias, activation: .relu)
                .linear(layer.down, bias: layer.downBias)
                .layerNormed(gain: layer.gain2, bias: layer.bias2, epsilon: Self.epsilon, residual: middle)
            trace("h_\(index)", x)
        }
        return x.rows(x.shape[0] - 1..<x.shape[0])
    }

    /// Half precision with int8 weights, whose rounding is coarser than that of the keys and values; a step then reads less.
    var cachePrecision: KeyValueCache.Precision {
        layers.allSatisfy { $0.qkv.isQuantized } ? .half : .single
    }

    /// The input of a step, in a row of x `[T, C]`: the embedding of a token at its position.
    func writeStepInput(token: Int, position: Int, to row: Int, of x: inout Tensor) {
        tokens.table.lookUp(token, into: row, of: &x)
        tokenPositions.add(position: position, toRow: row, of: &x)
    }

    /// Upstream's `early_stop_num`: a sentence of more tokens is cut (`hz * max_sec`, its `hz` being 50).
    package var earlyStop: Int { 50 * maximumSeconds }

    /// Cosine similarity of every token's embedding to that of `token`: upstream's measure of silence.
    package func similarity(to token: Int) -> [Float] {
        precondition((0..<tokenCount).contains(token), "Text2Semantic: token \(token) of \(tokenCount)")
        let table = tokens.table.widened()
        let C = channels
        return table.withElements { e in
            func norm(_ row: Int) -> Float {
                var s: Double = 0
                for i in 0..<C { s += Double(e[row * C + i]) * Double(e[row * C + i]) }
                return max(Float(s.squareRoot()), 1e-8)
            }
            let reference = norm(token)
            return (0..<tokenCount).map { row in
                var dot: Double = 0
                for i in 0..<C { dot += Double(e[row * C + i]) * Double(e[token * C + i]) }
                return Float(dot) / (norm(row) * reference)
            }
        }
    }

    /// The table of positions, for comparisons with upstream: rows 0 ..< count, `[count, C]`.
    package func positionTable(count: Int) -> Tensor { tokenPositions.table(count: count) }
    /// The learned weights of the two position tables.
    package var positionWeights: (text: Float, audio: Float) { (phonePositions.alpha, tokenPositions.alpha) }
}
