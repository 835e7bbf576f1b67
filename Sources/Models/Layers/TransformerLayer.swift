public import Tensor
import TensorKernelTable

/// A post-norm encoder layer with exact GELU: x ← LN(x + attention(x)); x ← LN(x + W₂·gelu(W₁·x)).
/// x: `[T, C]` → `[T, C]`.
///
/// PyTorch: transformers' `BertLayer` and `HubertEncoderLayer`. Scores are scaled by 1/√D.
public struct TransformerLayer: Sendable {
    let query: Linear, key: Linear, value: Linear, output: Linear
    let norm1: LayerNorm
    let up: Linear, down: Linear
    let norm2: LayerNorm
    let heads: Int

    /// x: `[T, C]` → `[T, C]`
    public func callAsFunction(_ x: Tensor) -> Tensor {
        let (_, C) = x.dims2("TransformerLayer")
        let attended = query(x).attending(
            keys: key(x), values: value(x), heads: heads, scale: 1 / Float(C / heads).squareRoot())
        let middle = norm1(output(attended), residual: x)
        return norm2(down(up(middle, activation: .gelu)), residual: middle)
    }
}
