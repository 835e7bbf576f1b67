import Checkpoint
import Tensor
import TensorKernelTable

/// A convolutional block (Liu et al., ConvNeXt, 2022; Woo et al., ConvNeXt V2, 2023): x `[T, C]` → `[T, C]`.
///
/// A depthwise convolution, a norm and two linear layers with GELU, added to x: scaled by `gamma` where the file has it, with
/// global response normalization between the linear layers where it has `grn`.
///
/// PyTorch: F5-TTS's `ConvNeXtV2Block`, AP-BWE's `ConvNeXtBlock`.
struct ConvNeXtBlock: Sendable {
    private let depthwise: Conv1d
    private let norm: LayerNorm
    private let up: Linear, down: Linear
    private let response: (gain: Tensor, bias: Tensor)?
    private let scale: Tensor?

    init(_ weights: WeightScope, channels C: Int) throws(CheckpointError) {
        let kernel = weights["dwconv"].oddKernel(or: 7)
        depthwise = try Conv1d(
            weights["dwconv"], inputs: C, outputs: C, kernelSize: kernel, groups: C,
            ConvolutionOptions(padding: kernel / 2))
        norm = try LayerNorm(weights["norm"], C, epsilon: 1e-6)
        let inner = weights["pwconv1"].axes(of: "weight", 2)?[0] ?? 2 * C
        up = try Linear(weights["pwconv1"], inputs: C, outputs: inner)
        let grn = weights["grn"]
        response =
            grn.isEmpty
            ? nil
            : (
                gain: Tensor(try grn.tensor("gamma", [1, 1, inner])).reshaped([inner]),
                bias: Tensor(try grn.tensor("beta", [1, 1, inner])).reshaped([inner])
            )
        down = try Linear(weights["pwconv2"], inputs: inner, outputs: C)
        scale = weights.has("gamma") ? Tensor(try weights.tensor("gamma", [C])) : nil
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        var hidden = up(norm(depthwise(x)), activation: .gelu)
        if let response {
            hidden = hidden.globallyResponseNormalized(gain: response.gain, bias: response.bias)
        }
        let y = down(hidden)
        return scale.map { x.adding(y, gate: $0) } ?? x + y
    }
}
