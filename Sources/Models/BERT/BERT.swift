import Checkpoint
import Files
package import Tensor

/// BERT, whose third-last hidden state gives the text-to-semantic model its prosody features (Devlin et al. 2018).
///
/// ids `[T]` → hidden states `[T, C]`.
///
/// PyTorch: transformers' `BertForMaskedLM` in the layout of `chinese-roberta-wwm-ext-large`; keys begin with
/// `bert.`. The head and the pooler are not read.
package struct BERT: Sendable {
    private let encoder: BERTEncoder

    /// Index of the hidden state that upstream uses: the third from the end, embeddings counted as the first.
    package let featureLayer: Int
    /// Number of features per token.
    package var featureCount: Int { encoder.featureCount }
    /// Number of entries in the vocabulary.
    package var vocabularySize: Int { encoder.vocabularySize }
    /// Length of the longest input.
    package var maximumTokens: Int { encoder.maximumTokens }

    /// Reads `config.json` and the weights in `folder`.
    ///
    /// - Parameter allLayers: whether the layers after the feature layer are read too, for comparisons with PyTorch.
    package init(folder: String, allLayers: Bool = false) throws {
        let config = try ConfigFile(folder: folder)
        let checkpoint = try Checkpoint.open(try HuggingFaceFolder.weightsPath(in: folder))
        try self.init(checkpoint, config, allLayers: allLayers)
    }

    /// Reads an open checkpoint; `recorder` records what the layers prepack.
    init(
        _ checkpoint: Checkpoint, _ config: ConfigFile, allLayers: Bool = false,
        recorder: PrepackRecorder? = nil
    ) throws {
        try config.require("hidden_act", "gelu")
        let epsilon = try config.float("layer_norm_eps")
        let heads = try config.int("num_attention_heads", in: 1...256)
        let depth = try config.int("num_hidden_layers", in: 3...256)
        let weights = WeightScope(checkpoint, recorder: recorder)
        featureLayer = depth - 2
        let read = allLayers ? depth : featureLayer
        encoder = try BERTEncoder(
            weights["bert"], depth: read, heads: heads, epsilon: epsilon, releasesPages: true)
        let unread = (read..<depth).map { "bert.encoder.layer.\($0)." }
        try weights.assertAllUsed(
            ignoring: ["cls.", "bert.pooler.", "bert.embeddings.position_ids"] + unread)
        // Reading the small tensors has mapped huge pages that hold weights as well.
        weights.checkpoint.file.releasePages()
    }

    /// Token ids → the hidden state after `layer` layers (0: the embeddings), `[T, C]`. Layers beyond it are not
    /// computed.
    package func callAsFunction(_ ids: [Int], upTo layer: Int? = nil, trace: ActivationTrace = .none)
        -> Tensor
    {
        precondition(layer ?? 0 <= encoder.depth, "BERT: \(encoder.depth) layers were read")
        return encoder(ids, upTo: layer ?? featureLayer, trace: trace)
    }
}

extension BERT {
    /// A text for `phoneFeatures`: its ids, `[CLS]` and `[SEP]` included, and for each character between them the number
    /// of its phones.
    package struct Reading: Sendable {
        let ids: [Int]
        let wordToPhone: [Int]

        /// - Precondition: as many ids as characters and two more.
        package init(ids: [Int], wordToPhone: [Int]) {
            precondition(
                ids.count == wordToPhone.count + 2, "BERT: \(ids.count) ids, \(wordToPhone.count) characters")
            (self.ids, self.wordToPhone) = (ids, wordToPhone)
        }
    }

    /// Most tokens per pass: enough to amortise reading the weights, few enough that a cancelled request ends soon.
    private static let tokensPerPass = 128

    /// One feature vector per phone of every text: those of its characters, each repeated for as many phones as the
    /// character has → `[Σ wordToPhone, C]` per text. Short texts share a pass, which does not change the results.
    ///
    /// - Parameter checkpoint: called before every pass; throws to stop the work.
    package func phoneFeatures(_ texts: [Reading], checkpoint: () throws -> Void) rethrows -> [Tensor] {
        var features: [Tensor] = []
        var next = 0
        while next < texts.count {
            try checkpoint()
            var end = next + 1
            var tokens = texts[next].ids.count
            while end < texts.count, tokens + texts[end].ids.count <= Self.tokensPerPass {
                tokens += texts[end].ids.count
                end += 1
            }
            let hidden = encoder(texts[next..<end].map(\.ids), upTo: featureLayer)
            var row = 0
            for text in texts[next..<end] {
                features.append(spread(hidden, from: row + 1, text.wordToPhone))
                row += text.ids.count
            }
            next = end
        }
        return features
    }

    /// As above, without a checkpoint.
    package func phoneFeatures(_ texts: [Reading]) -> [Tensor] { phoneFeatures(texts, checkpoint: {}) }

    /// The features of one text, `[Σ wordToPhone, C]`.
    package func phoneFeatures(_ ids: [Int], wordToPhone: [Int]) -> Tensor {
        phoneFeatures([Reading(ids: ids, wordToPhone: wordToPhone)])[0]
    }

    /// The rows of characters, beginning with row `first`, each repeated once per phone.
    private func spread(_ hidden: Tensor, from first: Int, _ wordToPhone: [Int]) -> Tensor {
        let C = featureCount
        return Tensor([wordToPhone.reduce(0, +), C]) { out in
            hidden.withElements { h in
                var row = 0
                for (character, phones) in wordToPhone.enumerated() {
                    for _ in 0..<phones {
                        for c in 0..<C { out[row * C + c] = h[(first + character) * C + c] }
                        row += 1
                    }
                }
            }
        }
    }
}
