import Checkpoint
import Tensor
import TensorKernelTable

/// VITS's transformer encoder: post-norm layers of self-attention with learned relative positions (window 4) and a
/// convolutional feed-forward part. x: `[T, C]` → `[T, C]`.
///
/// PyTorch: upstream's `attentions.Encoder`. Upstream's masks are all ones for a single sequence and are left out.
struct RelativePositionTransformer: Sendable {
    private let layers: [Layer]

    private struct Layer {
        let query: Linear, key: Linear, value: Linear, output: Linear
        let positions: RelativePositions
        let norm1: LayerNorm
        let up: Conv1d, down: Conv1d
        let norm2: LayerNorm
    }
    private let heads: Int

    init(
        _ weights: WeightScope, channels C: Int, filter F: Int, heads: Int, depth: Int, kernel: Int
    ) throws(CheckpointError) {
        self.heads = heads
        var layers: [Layer] = []
        for index in 0..<depth {
            let attention = weights["attn_layers"][index]
            let window = attention.axes(of: "emb_rel_k", 3).flatMap { $0[1] % 2 == 1 ? $0[1] : nil } ?? 9
            let relativeShape = [1, window, C / heads]
            var options = ConvolutionOptions(activation: .relu)
            options.padding = ((kernel - 1) / 2, kernel / 2)
            var second = options
            second.activation = .identity
            let feedForward = weights["ffn_layers"][index]
            layers.append(
                Layer(
                    query: try Linear(attention["conv_q"], inputs: C, outputs: C, pointwise: true),
                    key: try Linear(attention["conv_k"], inputs: C, outputs: C, pointwise: true),
                    value: try Linear(attention["conv_v"], inputs: C, outputs: C, pointwise: true),
                    output: try Linear(attention["conv_o"], inputs: C, outputs: C, pointwise: true),
                    positions: RelativePositions(
                        keys: Tensor(try attention.tensor("emb_rel_k", relativeShape))
                            .reshaped([window, C / heads]),
                        values: Tensor(try attention.tensor("emb_rel_v", relativeShape))
                            .reshaped([window, C / heads])),
                    norm1: try LayerNorm(weights["norm_layers_1"][index], C, gain: "gamma", bias: "beta"),
                    up: try Conv1d(feedForward["conv_1"], inputs: C, outputs: F, kernelSize: kernel, options),
                    down: try Conv1d(
                        feedForward["conv_2"], inputs: F, outputs: C, kernelSize: kernel, second),
                    norm2: try LayerNorm(weights["norm_layers_2"][index], C, gain: "gamma", bias: "beta")))
        }
        self.layers = layers
    }

    func callAsFunction(_ input: Tensor) -> Tensor {
        var x = input
        let (_, C) = x.dims2("RelativePositionTransformer")
        for layer in layers {
            let attended = layer.query(x).attending(
                keys: layer.key(x), values: layer.value(x), heads: heads,
                scale: 1 / Float(C / heads).squareRoot(),
                relative: layer.positions)
            x = layer.norm1(layer.output(attended), residual: x)
            x = layer.norm2(layer.down(layer.up(x)), residual: x)
        }
        return x
    }
}
