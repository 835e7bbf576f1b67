import Checkpoint
import Tensor
import TensorKernelTable

/// A residual block whose 3 × 3 convolutions work on groups of channels one after another (Gao et al., Res2Net, 2019):
/// x `[T, F · Cin]` → `[T', F' · Cout]`. Group i is convolved together with the result of group i − 1: their sum, or
/// their weighted sum where the block has fusion layers.
///
/// PyTorch: upstream's `BasicBlockERes2NetV2`, and `BasicBlockERes2NetV2AFF` with `fuse_models`. Its ReLU is cut at 20.
struct Res2Block: Sendable {
    private let first: NormalizedConvolution, last: NormalizedConvolution
    private let groups: [NormalizedConvolution]
    /// Empty where neighbouring groups are added.
    private let fusions: [AttentionalFusion]
    private let shortcut: NormalizedConvolution?
    private let stride: Int
    /// Channels of the output.
    let outputs: Int

    init(_ weights: WeightScope, inputs: Int, stride: Int) throws(CheckpointError) {
        self.stride = stride
        first = try NormalizedConvolution(weights["conv1"], norm: weights["bn1"], inputs: inputs)
        let width = weights["convs"][0].axes(of: "weight", 4)?[0] ?? 24
        var groups: [NormalizedConvolution] = []
        while groups.isEmpty || !weights["convs"][groups.count].isEmpty {
            let index = groups.count
            groups.append(
                try NormalizedConvolution(weights["convs"][index], norm: weights["bns"][index], inputs: width)
            )
        }
        self.groups = groups
        guard groups.count * width == first.outputs, groups.allSatisfy({ $0.outputs == width }) else {
            throw CheckpointError.wrongShape(
                path: weights.checkpoint.path, key: weights["conv1"].key("weight"),
                expected: [groups.count * width, inputs, 1, 1], found: [first.outputs, inputs, 1, 1])
        }
        var fusions: [AttentionalFusion] = []
        if !weights["fuse_models"].isEmpty {
            for index in 0..<groups.count - 1 {
                fusions.append(try AttentionalFusion(weights["fuse_models"][index], channels: width))
            }
        }
        self.fusions = fusions
        last = try NormalizedConvolution(weights["conv3"], norm: weights["bn3"], inputs: first.outputs)
        outputs = last.outputs
        let side = weights["shortcut"]
        shortcut =
            stride != 1 || inputs != outputs || !side.isEmpty
            ? try NormalizedConvolution(side[0], norm: side[1], inputs: inputs) : nil
        if let shortcut, shortcut.outputs != outputs {
            throw CheckpointError.wrongShape(
                path: weights.checkpoint.path, key: side[0].key("weight"), expected: [outputs, inputs, 1, 1],
                found: [shortcut.outputs, inputs, 1, 1])
        }
    }

    /// - Parameter F: bands of x; the result has ⌈F / stride⌉.
    func callAsFunction(_ x: Tensor, bands F: Int) -> Tensor {
        let input = stride == 1 ? x : x.subsampled(bands: F, by: stride)
        let F = (F - 1) / stride + 1
        let T = input.shape[0]
        let width = first.outputs / groups.count
        var expanded = first(input, bands: F)
        expanded.clamp(0, 20)
        expanded = expanded.reshaped([T * F, first.outputs])
        var parts: [Tensor] = []
        for (index, convolution) in groups.enumerated() {
            var part = expanded.columns(index * width..<(index + 1) * width)
            if let before = parts.last {
                part = fusions.isEmpty ? before + part : fusions[index - 1](before, part)
            }
            var result = convolution(part.reshaped([T, F * width]), bands: F)
            result.clamp(0, 20)
            parts.append(result.reshaped([T * F, width]))
        }
        let joined = parts.dropFirst().reduce(parts[0]) { $0.appendingColumns($1) }
        parts = []
        var result = last(joined.reshaped([T, F * first.outputs]), bands: F)
        result.clamp(0, 20, adding: shortcut?(input, bands: F) ?? input)
        return result
    }
}

/// A weighted sum of two maps, whose weights come from both: x, y `[N, C]` → `[N, C]`.
/// a = 1 + tanh(W₂ · silu(W₁ · [x, y])); x · a + y · (2 − a).
///
/// PyTorch: upstream's `AFF` (Dai et al., Attentional Feature Fusion, 2021), with batch normalization behind both layers.
struct AttentionalFusion: Sendable {
    private let reduce: NormalizedConvolution, expand: NormalizedConvolution

    init(_ weights: WeightScope, channels C: Int) throws(CheckpointError) {
        let layers = weights["local_att"]
        reduce = try NormalizedConvolution(layers[0], norm: layers[1], inputs: 2 * C)
        expand = try NormalizedConvolution(layers[3], norm: layers[4], inputs: reduce.outputs)
        guard expand.outputs == C else {
            throw CheckpointError.wrongShape(
                path: weights.checkpoint.path, key: layers[3].key("weight"),
                expected: [C, reduce.outputs, 1, 1], found: [expand.outputs, reduce.outputs, 1, 1])
        }
    }

    func callAsFunction(_ x: Tensor, _ y: Tensor) -> Tensor {
        let hidden = reduce(x.appendingColumns(y), bands: 1).silu()
        return .blend(x, y, gate: expand(hidden, bands: 1).activated(.tanh))
    }
}
