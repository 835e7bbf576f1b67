package import Tensor
import TensorKernelTable

/// A post-norm encoder layer with exact GELU: x ← LN(x + attention(x)); x ← LN(x + W₂·gelu(W₁·x)).
/// x: `[T, C]` → `[T, C]`.
///
/// PyTorch: transformers' `BertLayer` and `HubertEncoderLayer`. Scores are scaled by 1/√D.
package struct TransformerLayer: Sendable {
    let query: Linear, key: Linear, value: Linear, output: Linear
    let norm1: LayerNorm
    let up: Linear, down: Linear
    let norm2: LayerNorm
    let heads: Int

    /// x: `[T, C]` → `[T, C]`
    /// - Parameter parts: rows that attend to each other; without, all do.
    package func callAsFunction(_ x: Tensor, parts: [Range<Int>] = []) -> Tensor {
        let (_, C) = x.dims2("TransformerLayer")
        let (q, k, v) = (query(x), key(x), value(x))
        let scale = 1 / Float(C / heads).squareRoot()
        func attended(_ q: Tensor, _ k: Tensor, _ v: Tensor) -> Tensor {
            q.attending(keys: k, values: v, heads: heads, scale: scale)
        }
        let mixed =
            parts.count < 2
            ? attended(q, k, v)
            : Tensor.concatenatingRows(parts.map { attended(q.rows($0), k.rows($0), v.rows($0)) })
        let middle = norm1(output(mixed), residual: x)
        return norm2(down(up(middle, activation: .gelu)), residual: middle)
    }
}
