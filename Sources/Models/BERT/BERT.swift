import Checkpoint
public import Tensor
import TensorKernelTable

/// BERT, whose third-last hidden state gives the text-to-semantic model its sense of prosody (Devlin et al. 2018).
///
/// ids `[T]` → hidden states `[T, C]`.
///
/// PyTorch: transformers' `BertForMaskedLM` in the layout of `chinese-roberta-wwm-ext-large`; keys begin with
/// `bert.`. The head and the pooler are not needed and not read.
public struct BERT: Sendable {
    private let words: Embedding
    private let positions: Embedding
    private let segments: Embedding
    private let norm: LayerNorm
    private let layers: [TransformerLayer]

    /// Index of the hidden state that upstream uses: the third from the end, embeddings counted as the first.
    public let featureLayer: Int

    /// Number of features per token, of entries in the vocabulary, and the longest input.
    public let featureCount: Int, vocabularySize: Int, maximumTokens: Int

    /// Reads `config.json` and the weights in `folder`.
    ///
    /// - Parameter allLayers: whether the layers behind the features are read too, for the parity tool.
    public init(folder: String, allLayers: Bool = false) throws {
        let config = try ConfigFile(folder: folder)
        try config.require("hidden_act", "gelu")
        let epsilon = try config.float("layer_norm_eps")
        let heads = try config.int("num_attention_heads", in: 1...256)
        let depth = try config.int("num_hidden_layers", in: 3...256)
        let weights = WeightScope(try Checkpoint.open(try HuggingFaceFolder.weightsPath(in: folder)))
        let bert = weights["bert"]
        let embeddings = bert["embeddings"]
        let shape = embeddings["word_embeddings"].axes(of: "weight", 2) ?? [21128, 1024]
        let (V, C) = (shape[0], shape[1])
        let limit = embeddings["position_embeddings"].axes(of: "weight", 2)?[0] ?? 512
        (featureCount, vocabularySize, maximumTokens) = (C, V, limit)
        guard C % heads == 0 else {
            throw ModelError(
                path: config.path, key: "num_attention_heads", reason: "\(C) features do not divide")
        }
        words = try Embedding(embeddings["word_embeddings"], entries: V, channels: C)
        positions = try Embedding(embeddings["position_embeddings"], entries: limit, channels: C)
        let types = embeddings["token_type_embeddings"].axes(of: "weight", 2)?[0] ?? 2
        segments = try Embedding(embeddings["token_type_embeddings"], entries: types, channels: C)
        norm = try LayerNorm(embeddings["LayerNorm"], C, epsilon: epsilon)
        featureLayer = depth - 2
        layers = try (0..<(allLayers ? depth : featureLayer)).map { index in
            let scope = bert["encoder"]["layer"][index]
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
        let unread = (layers.count..<depth).map { "bert.encoder.layer.\($0)." }
        try weights.assertAllUsed(
            ignoring: ["cls.", "bert.pooler.", "bert.embeddings.position_ids"] + unread)
    }

    /// Token ids → the hidden state after `layer` layers (0: the embeddings), `[T, C]`. Layers beyond it are not
    /// computed.
    public func callAsFunction(_ ids: [Int], upTo layer: Int? = nil, taps: Taps = .none) -> Tensor {
        precondition(ids.count <= maximumTokens, "BERT: \(ids.count) tokens, at most \(maximumTokens)")
        precondition(layer ?? 0 <= layers.count, "BERT: \(layers.count) layers were read")
        var x = words(ids) + positions(Array(0..<ids.count)) + segments([Int](repeating: 0, count: ids.count))
        x = norm(x)
        taps("hs0", x)
        for index in 0..<(layer ?? featureLayer) {
            x = layers[index](x)
            taps("hs\(index + 1)", x)
        }
        return x
    }
}

extension BERT {
    /// One feature vector per phone: the vectors of the characters (without `[CLS]` and `[SEP]`), each repeated for
    /// as many phones as `wordToPhone` gives its character → `[Σ wordToPhone, C]`.
    public func phoneFeatures(_ ids: [Int], wordToPhone: [Int]) -> Tensor {
        precondition(
            ids.count == wordToPhone.count + 2, "BERT: \(ids.count) ids, \(wordToPhone.count) characters")
        let hidden = self(ids)
        let C = featureCount
        return Tensor([wordToPhone.reduce(0, +), C]) { out in
            hidden.withElements { h in
                var row = 0
                for (character, phones) in wordToPhone.enumerated() {
                    for _ in 0..<phones {
                        for c in 0..<C { out[row * C + c] = h[(character + 1) * C + c] }
                        row += 1
                    }
                }
            }
        }
    }
}
