/// The weights of one post-norm transformer layer with ReLU (PyTorch: `nn.TransformerEncoderLayer` with
/// `norm_first = false`): x ← LN(x + attention(x)); x ← LN(x + W₂·relu(W₁·x)).
package struct PostNormLayer: Sendable {
    /// Projections: `[3C, C]`, `[C, C]`, `[F, C]`, `[C, F]`, each with its bias.
    package let qkv: PackedMatrix, qkvBias: Tensor, output: PackedMatrix, outputBias: Tensor
    /// Feed-forward projections.
    package let up: PackedMatrix, upBias: Tensor, down: PackedMatrix, downBias: Tensor
    /// Normalisation after attention and after the feed-forward part.
    package let gain1: Tensor, bias1: Tensor, gain2: Tensor, bias2: Tensor

    /// A layer of given weights; their shapes are checked where they are read.
    package init(
        qkv: PackedMatrix, qkvBias: Tensor, output: PackedMatrix, outputBias: Tensor, up: PackedMatrix,
        upBias: Tensor, down: PackedMatrix, downBias: Tensor, gain1: Tensor, bias1: Tensor, gain2: Tensor,
        bias2: Tensor
    ) {
        (self.qkv, self.qkvBias, self.output, self.outputBias) = (qkv, qkvBias, output, outputBias)
        (self.up, self.upBias, self.down, self.downBias) = (up, upBias, down, downBias)
        (self.gain1, self.bias1, self.gain2, self.bias2) = (gain1, bias1, gain2, bias2)
    }
}
