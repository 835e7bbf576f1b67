import Checkpoint
import Foundation
import Tensor

/// The learned descriptors of a character and a word class, which do not depend on the sentence: a sum of table rows
/// that weights the labels or scales the features (`param_conditional` of the PyTorch module).
struct G2PWDescriptors: Sendable {
    /// What the sum is applied to.
    enum Place: Sendable {
        /// The labels, through a sigmoid: `affect_location` = `softmax`.
        case weights
        /// The selected features: `emb`.
        case features
    }

    let place: Place
    /// Number of characters the tables have rows for.
    let characterCount: Int?

    /// Width of a row: number of labels, or of features.
    private let size: Int
    private let classes: Int
    private let hasTerms: Bool
    private let bias: EmbeddingTable?
    private let character: EmbeddingTable?
    private let wordClass: EmbeddingTable?
    private let pair: EmbeddingTable?
    /// Pairs by a table of low rank and a matrix.
    private let lowRank: (table: EmbeddingTable, matrix: Linear)?
    /// Pairs by products of two tables, summed over the last axis.
    private let factors: (character: EmbeddingTable, wordClass: EmbeddingTable)?
    /// Relative frequencies counted in training, instead of all the above.
    private let counts: (table: EmbeddingTable, isByPair: Bool)?

    /// - Parameters:
    ///   - size: width of a row.
    ///   - classes: number of word classes that the network predicts; nil if none.
    init(_ weights: WeightScope, size: Int, labels: Int, classes: Int?, place: Place) throws {
        self.place = place
        self.size = size
        let classNumber = classes ?? 1
        self.classes = classNumber
        func table(_ name: String, _ columns: Int, key: String = "weight") throws -> EmbeddingTable? {
            let scope = name.isEmpty ? weights : weights[name]
            guard scope.has(key) else { return nil }
            let rows = scope.axes(of: key, 2)?[0] ?? 1
            return EmbeddingTable(try scope.tensor(key, [rows, columns]))
        }
        bias = try table("descriptor_bias", size)
        character = try table("char_descriptor", size)
        wordClass = try table("pos_descriptor", size)
        pair = try table("second_order_descriptor", size)
        let lowRankScope = weights["second_lowrank_descriptor"]
        if let rank = lowRankScope["0"].axes(of: "weight", 2)?[1],
            let rows = try table("second_lowrank_descriptor.0", rank)
        {
            lowRank = (
                rows,
                try Linear(
                    lowRankScope["1"], inputs: rank, outputs: size, bias: lowRankScope["1"].has("bias"))
            )
        } else {
            lowRank = nil
        }
        let width = weights["second_fm_char_emb"]["0"].axes(of: "weight", 2)?[1] ?? size
        if let first = try table("second_fm_char_emb.0", width),
            let second = try table("second_fm_pos_emb.0", width)
        {
            guard width % size == 0 else {
                throw ModelError(
                    path: weights.checkpoint.path, key: "second_fm_char_emb",
                    reason: "\(width) numbers for \(size)")
            }
            factors = (first, second)
        } else {
            factors = nil
        }
        if let byPair = try table("", labels, key: "char_pos_fix_emb") {
            counts = (byPair, true)
        } else {
            counts = try table("", labels, key: "char_fix_emb").map { ($0, false) }
        }
        hasTerms =
            bias != nil || character != nil || wordClass != nil || pair != nil || lowRank != nil
            || factors != nil

        let byPair = [pair, lowRank?.table, counts.flatMap { $0.isByPair ? $0.table : nil }].compactMap { $0 }
        guard classes != nil || wordClass == nil && byPair.isEmpty && factors == nil else {
            throw ModelError(
                path: weights.checkpoint.path, key: "pos_classifier",
                reason: "missing: the network wants word classes from outside, which is not built")
        }
        let characters =
            [character, factors?.character, counts.flatMap { $0.isByPair ? nil : $0.table }].compactMap {
                $0?.rows
            }
            + byPair.map { $0.rows / classNumber }
        characterCount = characters.first
        let agrees =
            characters.allSatisfy { $0 == characters.first }
            && byPair.allSatisfy { $0.rows % classNumber == 0 }
            && [wordClass, factors?.wordClass].allSatisfy { $0 == nil || $0?.rows == classes }
        guard agrees, bias?.rows ?? 1 >= 1 else {
            throw ModelError(
                path: weights.checkpoint.path, key: "descriptors",
                reason:
                    "tables for \(characters) characters and \(classNumber) word classes do not belong together"
            )
        }
    }

    /// The sum for a character and a word class; nil if the network has no descriptors.
    func callAsFunction(character: Int, wordClass: Int?) -> [Float]? {
        guard hasTerms else { return nil }
        let wordClass = wordClass ?? 0
        let both = character * classes + wordClass
        var sum = [Float](repeating: 0, count: size)
        func add(_ row: Tensor) {
            row.withElements { for index in 0..<size { sum[index] += $0[index] } }
        }
        if let bias { add(bias.rows(at: [0])) }
        if let table = self.character { add(table.rows(at: [character])) }
        if let table = self.wordClass { add(table.rows(at: [wordClass])) }
        if let pair { add(pair.rows(at: [both])) }
        if let lowRank { add(lowRank.matrix(lowRank.table.rows(at: [both]))) }
        if let factors {
            let (a, b) = (factors.character.rows(at: [character]), factors.wordClass.rows(at: [wordClass]))
            let width = factors.character.columns / size
            a.withElements { a in
                b.withElements { b in
                    for index in 0..<size {
                        var product: Float = 0
                        for factor in 0..<width {
                            product += a[index * width + factor] * b[index * width + factor]
                        }
                        sum[index] += product
                    }
                }
            }
        }
        return sum
    }

    /// The rows of selected features, each multiplied by its sum.
    func scale(_ rows: Tensor, by sums: [[Float]?]) -> Tensor {
        let (Q, C) = rows.dims2("G2PWDescriptors.scale")
        return Tensor([Q, C]) { out in
            rows.withElements { x in
                for row in 0..<Q {
                    for c in 0..<C { out[row * C + c] = x[row * C + c] * (sums[row]?[c] ?? 1) }
                }
            }
        }
    }

    /// The weights of all labels: 0 for those a character cannot have.
    func weights(of labels: [Int], count: Int, affect: [Float]?, character: Int, wordClass: Int?) -> [Float] {
        var weights = [Float](repeating: 0, count: count)
        let shares = counts?.table.rows(at: [
            counts?.isByPair == true ? character * classes + (wordClass ?? 0) : character
        ]).values
        for label in labels where weights.indices.contains(label) {
            if let shares {
                weights[label] = shares[label]
            } else if place == .weights, let affect {
                weights[label] = 1 / (1 + Elementary.exp(-affect[label]))
            } else {
                weights[label] = 1
            }
        }
        return weights
    }
}

/// The C library's single-precision functions.
enum Elementary {
    static func exp(_ x: Float) -> Float { Foundation.exp(x) }
}
