import Checkpoint
package import Tensor

/// The codebook between HuBERT and the semantic tokens: features `[T, F]` at 50 Hz → codes at 25 Hz, and back.
///
/// PyTorch: upstream's `ssl_proj` (a convolution of two frames) and `ResidualVectorQuantizer` with one layer.
package struct Quantizer: Sendable {
    private let projection: Conv1d
    /// `[codes, F]`
    private let codebook: Tensor
    private let squares: [Float]

    /// Number of codes, and of features per frame.
    package let codeCount: Int, featureCount: Int

    init(_ weights: WeightScope) throws(CheckpointError) {
        let book = weights["quantizer"]["vq"]["layers"][0]["_codebook"]
        let shape = book.axes(of: "embed", 2) ?? [1024, 768]
        let (K, F) = (shape[0], shape[1])
        (codeCount, featureCount) = (K, F)
        codebook = Tensor(try book.tensor("embed", [K, F]))
        book.markUsed("inited", "cluster_size", "embed_avg")  // training statistics
        squares = codebook.withElements { e in
            (0..<K).map { code in
                var s: Double = 0
                for i in 0..<F { s += Double(e[code * F + i]) * Double(e[code * F + i]) }
                return Float(s)
            }
        }
        // Two frames of 50 Hz make a token of 25 Hz, in every release.
        projection = try Conv1d(
            weights["ssl_proj"], inputs: F, outputs: F, kernelSize: 2, ConvolutionOptions(stride: 2))
    }

    /// HuBERT features `[T, F]` → codes, one per two frames: the nearest code, the first of equals.
    package func encode(_ features: Tensor, trace: ActivationTrace = .none) -> [Int] {
        let x = projection(features)
        trace("ssl_proj", x)
        let products = x.linear(PackedMatrix(codebook))
        let T = x.shape[0]
        return products.withElements { dots in
            (0..<T).map { t in
                var best = 0
                var bestValue = -Float.infinity
                for code in 0..<codeCount {
                    // −‖x − e‖² without ‖x‖², which is the same for all codes.
                    let value = 2 * dots[t * codeCount + code] - squares[code]
                    if value > bestValue { (best, bestValue) = (code, value) }
                }
                return best
            }
        }
    }

    /// Codes → their vectors `[codes.count, F]`.
    package func decode(_ codes: [Int]) -> Tensor { EmbeddingTable(codebook).rows(at: codes) }
}
