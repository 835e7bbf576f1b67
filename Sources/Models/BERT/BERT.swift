import Checkpoint
public import Tensor

/// BERT, whose third-last hidden state gives the text-to-semantic model its sense of prosody (Devlin et al. 2018).
///
/// ids `[T]` → hidden states `[T, C]`.
///
/// PyTorch: transformers' `BertForMaskedLM` in the layout of `chinese-roberta-wwm-ext-large`; keys begin with
/// `bert.`. The head and the pooler are not needed and not read.
public struct BERT: Sendable {
    private let encoder: BERTEncoder

    /// Index of the hidden state that upstream uses: the third from the end, embeddings counted as the first.
    public let featureLayer: Int
    /// Number of features per token.
    public var featureCount: Int { encoder.featureCount }
    /// Number of entries in the vocabulary.
    public var vocabularySize: Int { encoder.vocabularySize }
    /// Length of the longest input.
    public var maximumTokens: Int { encoder.maximumTokens }

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
        featureLayer = depth - 2
        let read = allLayers ? depth : featureLayer
        encoder = try BERTEncoder(weights["bert"], depth: read, heads: heads, epsilon: epsilon)
        let unread = (read..<depth).map { "bert.encoder.layer.\($0)." }
        try weights.assertAllUsed(
            ignoring: ["cls.", "bert.pooler.", "bert.embeddings.position_ids"] + unread)
    }

    /// Token ids → the hidden state after `layer` layers (0: the embeddings), `[T, C]`. Layers beyond it are not
    /// computed.
    public func callAsFunction(_ ids: [Int], upTo layer: Int? = nil, taps: Taps = .none) -> Tensor {
        precondition(layer ?? 0 <= encoder.depth, "BERT: \(encoder.depth) layers were read")
        return encoder(ids, upTo: layer ?? featureLayer, taps: taps)
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
