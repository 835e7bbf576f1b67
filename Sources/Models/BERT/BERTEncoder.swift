import Checkpoint
import Files
package import Tensor

/// The body of BERT: embeddings, and post-norm transformer layers (Devlin et al. 2018).
///
/// ids `[T]` → hidden states `[T, C]`. Several texts may share a pass, their rows concatenated: products
/// cover all rows at once, attention each text separately.
///
/// PyTorch: transformers' `BertModel` without its pooler; keys under `embeddings.` and `encoder.layer.`.
package struct BERTEncoder: Sendable {
    private let words: Embedding
    private let positions: Embedding
    private let segments: Embedding
    private let norm: LayerNorm
    private let layers: [TransformerLayer]
    /// The weights' file, if its pages are released after use.
    private let mapped: MappedFile?

    /// Number of features per token, of entries in the vocabulary, and the longest input.
    package let featureCount: Int, vocabularySize: Int, maximumTokens: Int

    /// Number of layers.
    package var depth: Int { layers.count }

    /// Reads `depth` layers of `weights`, whose prefix is the model's, such as `bert`.
    ///
    /// - Parameter releasesPages: whether mapped weights are released layer by layer, so that at most one layer of them
    ///   is resident: for a large model that runs once per sentence.
    /// - Throws: `CheckpointError`, or `ModelError` for a number of heads that does not divide the features.
    init(_ weights: WeightScope, depth: Int, heads: Int, epsilon: Float, releasesPages: Bool = false) throws {
        let embeddings = weights["embeddings"]
        let shape = embeddings["word_embeddings"].axes(of: "weight", 2) ?? [21128, 1024]
        let (V, C) = (shape[0], shape[1])
        let limit = embeddings["position_embeddings"].axes(of: "weight", 2)?[0] ?? 512
        (featureCount, vocabularySize, maximumTokens) = (C, V, limit)
        guard C % heads == 0 else {
            throw ModelError(
                path: weights.checkpoint.path, key: "num_attention_heads",
                reason: "\(C) features do not divide")
        }
        words = try Embedding(embeddings["word_embeddings"], entries: V, channels: C)
        positions = try Embedding(embeddings["position_embeddings"], entries: limit, channels: C)
        let types = embeddings["token_type_embeddings"].axes(of: "weight", 2)?[0] ?? 2
        segments = try Embedding(embeddings["token_type_embeddings"], entries: types, channels: C)
        norm = try LayerNorm(embeddings["LayerNorm"], C, epsilon: epsilon)
        layers = try (0..<depth).map { index in
            let scope = weights["encoder"]["layer"][index]
            let attention = scope["attention"]
            let F = scope["intermediate"]["dense"].axes(of: "weight", 2)?[0] ?? 4 * C
            return TransformerLayer(
                query: try Linear(attention["self"]["query"], inputs: C, outputs: C),
                key: try Linear(attention["self"]["key"], inputs: C, outputs: C),
                value: try Linear(attention["self"]["value"], inputs: C, outputs: C),
                output: try Linear(attention["output"]["dense"], inputs: C, outputs: C),
                norm1: try LayerNorm(attention["output"]["LayerNorm"], C, epsilon: epsilon),
                up: try Linear(scope["intermediate"]["dense"], inputs: C, outputs: F),
                down: try Linear(scope["output"]["dense"], inputs: F, outputs: C),
                norm2: try LayerNorm(scope["output"]["LayerNorm"], C, epsilon: epsilon), heads: heads)
        }
        mapped = releasesPages && layers.contains { $0.up.weight.isMapped } ? weights.checkpoint.file : nil
    }

    /// Token ids of one text → the hidden state after `layer` layers (0: the embeddings), `[T, C]`. Layers beyond it
    /// are not computed.
    package func callAsFunction(_ ids: [Int], upTo layer: Int? = nil, trace: ActivationTrace = .none)
        -> Tensor
    {
        self([ids], upTo: layer, trace: trace)
    }

    /// Token ids of several texts → their hidden states, concatenated in order.
    package func callAsFunction(_ texts: [[Int]], upTo layer: Int? = nil, trace: ActivationTrace = .none)
        -> Tensor
    {
        var parts: [Range<Int>] = []
        for ids in texts {
            precondition(ids.count <= maximumTokens, "BERT: \(ids.count) tokens, at most \(maximumTokens)")
            let start = parts.last?.upperBound ?? 0
            parts.append(start..<start + ids.count)
        }
        let ids = texts.flatMap { $0 }
        let places = texts.flatMap { Array(0..<$0.count) }
        var x = words(ids) + positions(places) + segments([Int](repeating: 0, count: ids.count))
        x = norm(x)
        trace("hs0", x)
        for index in 0..<(layer ?? depth) {
            x = layers[index](x, parts: parts)
            mapped?.releasePages()
            trace("hs\(index + 1)", x)
        }
        return x
    }
}
