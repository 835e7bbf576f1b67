import Checkpoint
import Foundation
import Tensor
import TensorKernelTable

/// Dilated convolutions with residuals: `[T, C]` → `[T, C]`.
///
/// PyTorch: upstream's `ResBlock1` (pairs: a dilated and a plain convolution) and `ResBlock2` (single ones), whose
/// leaky ReLU of slope 0.1 before each is part of the convolution's input pass; and BigVGAN's `AMPBlock1`, `AMPBlock2`,
/// with an activation of its own before each.
struct ResidualBlock: Sendable {
    private let first: [Conv1d]
    private let second: [Conv1d]
    /// In the order in which the convolutions are applied; empty where these activate their input.
    let activations: [AliasFreeSnake]

    init(
        _ weights: WeightScope, channels C: Int, kernel: Int, dilations: [Int], paired: Bool,
        _ activation: GeneratorForm.BlockActivation
    ) throws(CheckpointError) {
        func layer(_ scope: WeightScope, dilation: Int) throws(CheckpointError) -> Conv1d {
            try Conv1d(
                scope, inputs: C, outputs: C, kernelSize: kernel, spectral: true,
                ConvolutionOptions(
                    dilation: dilation, padding: (kernel * dilation - dilation) / 2,
                    inputActivation: activation == .snake ? .identity : .leakyReLU(slope: 0.1)))
        }
        var first: [Conv1d] = []
        var second: [Conv1d] = []
        for (index, dilation) in dilations.enumerated() {
            first.append(try layer(weights[paired ? "convs1" : "convs"][index], dilation: dilation))
            if paired { second.append(try layer(weights["convs2"][index], dilation: 1)) }
        }
        self.first = first
        self.second = second
        var activations: [AliasFreeSnake] = []
        if activation == .snake {
            for index in 0..<first.count + second.count {
                activations.append(try AliasFreeSnake(weights["activations"][index], channels: C))
            }
        }
        self.activations = activations
    }

    /// x `[T, C]` → `[T, C]`
    func callAsFunction(_ x: Tensor) -> Tensor {
        let input = RowWindow(x)
        let output = RowWindow(columns: input.columns, total: input.total)
        var stream = Stream(self, from: input, to: output, .store)
        stream.advance(limit: .max)
        return output.whole()
    }

    /// A block over a sequence that comes in parts.
    struct Stream {
        private enum Step {
            case convolution(ConvolutionStream)
            case activation(SnakeStream)
        }
        private var steps: [Step] = []

        init(
            _ block: ResidualBlock, from input: RowWindow, to output: RowWindow,
            _ destination: ConvolutionStream.Destination
        ) {
            func window() -> RowWindow { RowWindow(columns: input.columns, total: input.total) }
            var activations = block.activations[...]
            /// What a convolution reads of `x`.
            func activated(_ x: RowWindow) -> RowWindow {
                guard let activation = activations.popFirst() else { return x }
                let result = window()
                steps.append(.activation(SnakeStream(activation, from: x, to: result)))
                return result
            }
            var x = input
            for (index, first) in block.first.enumerated() {
                let isLast = index == block.first.count - 1
                let y = isLast ? output : window()
                let place = isLast ? destination : .store
                var last = first
                var source = activated(x)
                if !block.second.isEmpty {
                    let between = window()
                    steps.append(
                        .convolution(
                            ConvolutionStream(first.packed, first.options, from: source, to: between)))
                    source = activated(between)
                    last = block.second[index]
                }
                steps.append(
                    .convolution(
                        ConvolutionStream(last.packed, last.options, from: source, to: y, residual: x, place))
                )
                x = y
            }
        }

        /// Rows of the block's result made so far.
        var made: Int {
            guard case .convolution(let last) = steps.last else { return 0 }
            return last.made
        }

        /// Makes the rows that can be made, none of the result from `limit` on.
        mutating func advance(limit: Int) {
            for index in steps.indices {
                switch steps[index] {
                case .convolution(var stream):
                    stream.advance(limit: index == steps.count - 1 ? limit : .max)
                    steps[index] = .convolution(stream)
                case .activation(var stream):
                    stream.advance()
                    steps[index] = .activation(stream)
                }
            }
        }
    }
}

extension AliasFreeSnake {
    /// Reads an activation of C channels (PyTorch: `TorchActivation1d` with `SnakeBeta` or `Snake`, α and β stored as
    /// logarithms).
    init(_ weights: WeightScope, channels C: Int) throws(CheckpointError) {
        let act = weights["act"]
        let alpha = try act.floats("alpha", [C])
        let beta = act.has("beta") ? try act.floats("beta", [C]) : alpha
        let taps = SnakeArguments.taps
        self.init(
            alpha: alpha.map(expf), inverseBeta: beta.map { 1 / (expf($0) + 1e-9) },
            up: try weights["upsample"].floats("filter", [1, 1, taps]),
            down: try weights["downsample"]["lowpass"].floats("filter", [1, 1, taps]))
    }
}
