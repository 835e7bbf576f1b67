import Checkpoint
import Files
package import Tensor

/// g2pW, which predicts the reading of a polyphonic Chinese character from its sentence (Chen et al. 2022, "g2pW: A Conditional
/// Weighted Softmax BERT for Polyphone Disambiguation in Mandarin").
///
/// BERT reads a text once; a query picks the row of its character, h. With word class t = argmax(h·Wₜ + bₜ):
///
/// p = softmax(h·W + b) weighted by mask · σ(descriptors of the character and of t), over all labels.
///
/// PyTorch: `g2pw.module.G2PW` of GitYCC/g2pW in the exports its converter runs (`g2pW.onnx`); every combination of its
/// `param_conditional` is built except word classes given from outside.
package struct G2PW: Sendable {
    /// One character of one text.
    package struct Query: Equatable, Sendable {
        /// Which of the texts, and which of its tokens.
        package let text: Int, token: Int
        /// Index of the character among all polyphonic characters.
        package let character: Int
        /// Labels it can have.
        package let labels: [Int]

        /// A query.
        package init(text: Int, token: Int, character: Int, labels: [Int]) {
            self.text = text
            self.token = token
            self.character = character
            self.labels = labels
        }
    }

    private let encoder: BERTEncoder
    private let classifier: Linear
    private let wordClasses: Linear?
    private let descriptors: G2PWDescriptors

    /// Number of labels, of entries in the vocabulary, and the longest input.
    package let labelCount: Int, vocabularySize: Int, maximumTokens: Int
    /// Number of polyphonic characters the descriptors know; nil if there are none by character.
    package var characterCount: Int? { descriptors.characterCount }

    /// Reads a `g2pW.onnx`, or what `gsv convert` made of one.
    /// - Throws: `CheckpointError` for the file, `ModelError` for a network of another architecture.
    package init(path: String) throws {
        try self.init(try Checkpoint.open(path))
    }

    /// Reads an open checkpoint; `recorder` records what the layers prepack.
    init(_ checkpoint: Checkpoint, recorder: PrepackRecorder? = nil) throws {
        let path = checkpoint.path
        try checkpoint.require(.polyphones)
        let weights = WeightScope(checkpoint, recorder: recorder)
        func setting(_ key: String) -> ConfigValue? { checkpoint.config[key] }
        func refuse(_ key: String, _ reason: String) -> ModelError {
            ModelError(path: path, key: key, reason: reason)
        }
        let bert = weights["bert"]
        let C = bert["embeddings"]["word_embeddings"].axes(of: "weight", 2)?[1] ?? 768
        // BERT's heads are 64 wide in every published size.
        let heads = setting("num_attention_heads")?.int ?? (C % 64 == 0 ? C / 64 : 0)
        guard (1...256).contains(heads), C % heads == 0 else {
            throw refuse("num_attention_heads", "cannot be derived from the graph; export the network again")
        }
        guard setting("hidden_act")?.string == "gelu" else {
            throw refuse("hidden_act", "only gelu is built, found \(setting("hidden_act")?.string ?? "none")")
        }
        let epsilon = setting("layer_norm_eps")?.double ?? 1e-12
        guard epsilon > 0, epsilon < 1 else { throw refuse("layer_norm_eps", "\(epsilon)") }
        let depth = (0...256).first { bert["encoder"]["layer"][$0].isEmpty } ?? 256
        guard depth > 0 else { throw refuse("bert.encoder", "no layers") }
        encoder = try BERTEncoder(bert, depth: depth, heads: heads, epsilon: Float(epsilon))

        let N = weights["classifier"].axes(of: "weight", 2)?[0] ?? 1305
        classifier = try Linear(
            weights["classifier"], inputs: C, outputs: N, bias: weights["classifier"].has("bias"))
        let tags = weights["pos_classifier"]
        wordClasses =
            tags.isEmpty
            ? nil
            : try Linear(
                tags, inputs: C, outputs: tags.axes(of: "weight", 2)?[0] ?? 11, bias: tags.has("bias"))
        let place: G2PWDescriptors.Place = setting("affect_location")?.string == "emb" ? .features : .weights
        descriptors = try G2PWDescriptors(
            weights, size: place == .features ? C : N, labels: N, classes: wordClasses?.weight.outputs,
            place: place)
        (labelCount, vocabularySize, maximumTokens) = (N, encoder.vocabularySize, encoder.maximumTokens)
        try weights.assertAllUsed(ignoring: ["cls.", "bert.pooler.", "bert.embeddings.position_ids"])
        // Reading the small tensors has mapped huge pages that hold weights as well.
        weights.checkpoint.file.releasePages()
    }

    /// Token ids of texts and queries about them → logits and probabilities of all labels, `[queries.count, labels]`
    /// each. Pass equal texts once.
    package func callAsFunction(_ texts: [[Int]], _ queries: [Query], trace: ActivationTrace = .none) -> (
        logits: Tensor, probabilities: Tensor
    ) {
        var starts: [Int] = [0]
        for ids in texts { starts.append(starts[starts.count - 1] + ids.count) }
        let hidden = encoder(texts, trace: trace["bert"])
        let rows = Tensor.concatenatingRows(
            queries.map { query in
                precondition(
                    texts[query.text].indices.contains(query.token),
                    "G2PW: token \(query.token) of text \(query.text)")
                let row = starts[query.text] + query.token
                return hidden.rows(row..<row + 1)
            })
        let classes = wordClasses.map { layer in layer(rows).rowsOfMaxima }
        let affect = zip(queries.indices, queries).map { number, query in
            descriptors(character: query.character, wordClass: classes?[number])
        }
        let selected = descriptors.place == .features ? descriptors.scale(rows, by: affect) : rows
        let logits = classifier(selected)
        trace("logits", logits)
        let N = labelCount
        let all = logits.values
        let rowsOfProbabilities = queries.enumerated().map { number, query in
            WeightedSoftmax.probabilities(
                all[number * N..<(number + 1) * N],
                descriptors.weights(
                    of: query.labels, count: N, affect: affect[number], character: query.character,
                    wordClass: classes?[number]))
        }
        return (logits, Tensor(rowsOfProbabilities.flatMap { $0 }, [queries.count, N]))
    }

    /// The most probable label of each query.
    package func choose(_ texts: [[Int]], _ queries: [Query]) -> [Int] {
        guard !queries.isEmpty else { return [] }
        return self(texts, queries).probabilities.rowsOfMaxima
    }
}

/// exp(x − max x) · w, divided by its sum and kept ε away from 0 and 1: upstream's `_weighted_softmax`.
enum WeightedSoftmax {
    private static let epsilon: Float = 1e-6

    /// One row: as many logits as weights.
    static func probabilities(_ logits: ArraySlice<Float>, _ weights: [Float]) -> [Float] {
        // The largest of all logits, also of labels the character cannot have.
        let most = logits.max() ?? 0
        let values = zip(logits, weights).map { Elementary.exp($0 - most) * $1 }
        let sum = values.reduce(0, +)
        return values.map { min(max($0 / sum, epsilon), 1 - epsilon) }
    }
}

extension Tensor {
    /// The column of each row's largest element, the first of equal ones.
    fileprivate var rowsOfMaxima: [Int] {
        let (rows, columns) = dims2("rowsOfMaxima")
        return withElements { elements in
            (0..<rows).map { row in
                var best = 0
                for column in 1..<max(columns, 1)
                where elements[row * columns + column] > elements[row * columns + best] {
                    best = column
                }
                return best
            }
        }
    }
}
