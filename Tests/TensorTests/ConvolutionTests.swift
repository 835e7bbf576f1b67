import Foundation
import TensorKernelTable
import TestSupport
import Testing

@testable import Tensor

/// What every path of a convolution (sums over taps, frequency domain, one output channel, depthwise) does with
/// activations, residuals and accumulation, and depthwise convolutions themselves.
@Suite struct ConvolutionTests {
    static let activations: [Activation] = [
        .identity, .relu, .gelu, .tanh, .leakyReLU(slope: 0.2), .leakyReLU(slope: -0.7),
    ]

    /// A layer of one path: inputs, outputs, taps, groups, dilation.
    enum Path: CaseIterable {
        case taps, spectral, single, depthwise

        var shape: (inputs: Int, outputs: Int, taps: Int, groups: Int, dilation: Int) {
            switch self {
            case .taps: (12, 20, 3, 2, 2)
            case .spectral: (64, 64, 7, 1, 3)
            case .single: (24, 1, 7, 1, 1)
            case .depthwise: (20, 20, 7, 20, 2)
            }
        }
    }

    private struct Layer {
        let packed: PackedConvolution
        let x: Tensor
        var options: ConvolutionOptions
        let sums: [Float]

        /// A convolution of T rows with the leaky ReLU of 0.1 on its input, and its sums by the reference.
        init(_ path: Path, T: Int) {
            let (inputs, outputs, taps, groups, dilation) = path.shape
            var numbers = SplitMix64(seed: 31)
            let values = numbers.floats(T * inputs)
            let w = numbers.floats(outputs * inputs / groups * taps).map {
                $0 / Float(inputs / groups * taps).squareRoot()
            }
            let bias = numbers.floats(outputs)
            x = Tensor(values, [T, inputs])
            packed = PackedConvolution(
                weight: w, inputs: inputs, outputs: outputs, taps: taps, groups: groups,
                bias: Tensor(bias, [outputs]), spectral: path == .spectral)
            options = ConvolutionOptions(
                dilation: dilation, padding: taps / 2 * dilation, inputActivation: .leakyReLU(slope: 0.1))
            sums = Reference.convolution(
                values.map { $0 < 0 ? $0 * 0.1 : $0 }, T: T, inputs: inputs, w, outputs: outputs, taps: taps,
                groups: groups, bias: bias, stride: 1, dilation: dilation, padding: options.padding.left)
        }
    }

    @Test func everyPathIsTaken() {
        for path in Path.allCases {
            let packed = Layer(path, T: 40).packed
            #expect((packed.spectral != nil) == (path == .spectral))
            #expect((packed.single != nil) == (path == .single))
            #expect(packed.isDepthwise == (path == .depthwise))
        }
    }

    /// The output's activation has its own slope and is applied before the residual, on every path.
    @Test(arguments: Path.allCases, activations)
    func activationsAndResidualsMatchReference(_ path: Path, _ activation: Activation) {
        var layer = Layer(path, T: 70)
        layer.options.activation = activation
        let expected = layer.sums.map { Float(Reference.activated(Double($0), activation)) }
        let found = layer.x.convolved(layer.packed, layer.options)
        #expect(largestError(found.values, expected).error < Tolerances.product)
        var numbers = SplitMix64(seed: 32)
        let residual = Tensor(numbers.floats(expected.count), found.shape)
        let sum = layer.x.convolved(layer.packed, layer.options, residual: residual)
        #expect(
            largestError(sum.values, zip(expected, residual.values).map { $0 + $1 }).error
                < Tolerances.product)
    }

    /// Rows that are added to another convolution's, and scaled, on every path.
    @Test(arguments: Path.allCases)
    func streamsAccumulate(_ path: Path) {
        let layer = Layer(path, T: 70)
        let input = RowWindow(layer.x)
        let output = RowWindow(columns: layer.packed.outputChannels, total: 70)
        var first = ConvolutionStream(layer.packed, layer.options, from: input, to: output, .begin)
        var second = ConvolutionStream(
            layer.packed, layer.options, from: input, to: output, .add(scale: 0.25, publishes: true))
        first.advance()
        second.advance()
        let expected = layer.sums.map { ($0 + $0) * 0.25 }
        #expect(largestError(output.whole().values, expected).error < Tolerances.product)
    }

    @Test(arguments: [
        // T, channels, taps, stride, dilation, padding
        [50, 16, 7, 1, 1, 3], [33, 20, 7, 1, 1, 3], [64, 3, 12, 2, 1, 5], [41, 48, 3, 1, 4, 4],
        [9, 17, 5, 3, 2, 4],
        [1200, 33, 11, 1, 1, 5], [1, 5, 1, 1, 1, 0],
    ])
    func depthwiseMatchesReference(_ c: [Int]) {
        let (T, C, taps) = (c[0], c[1], c[2])
        var numbers = SplitMix64(seed: 33)
        let x = numbers.floats(T * C)
        let w = numbers.floats(C * taps)
        let bias = numbers.floats(C)
        let packed = PackedConvolution(
            weight: w, inputs: C, outputs: C, taps: taps, groups: C, bias: Tensor(bias, [C]))
        #expect(packed.isDepthwise)
        let options = ConvolutionOptions(stride: c[3], dilation: c[4], padding: c[5])
        let expected = Reference.convolution(
            x, T: T, inputs: C, w, outputs: C, taps: taps, groups: C, bias: bias, stride: c[3],
            dilation: c[4], padding: c[5])
        let found = Tensor(x, [T, C]).convolved(packed, options)
        #expect(found.shape == [expected.count / C, C])
        #expect(largestError(found.values, expected).error < Tolerances.product)
    }

    /// Sixteen channels of every variant's kernel, with NaNs in the channels that lie beside them.
    @Test(arguments: KernelTests.names)
    func depthwiseKernelMatchesReference(_ name: String) {
        let memory = TestMemory()
        defer { memory.free() }
        var numbers = SplitMix64(seed: 34)
        let (rows, width, taps, stride, dilation) = (11, 40, 5, 2, 3)
        let T = (rows - 1) * stride + (taps - 1) * dilation + 1
        let x = numbers.floats(T * width)
        let w = numbers.floats(taps * 32)
        let isolated = x.indices.map { (16..<32).contains($0 % width) ? x[$0] : .nan }
        let acc = memory.undefined(rows * 16 + 1)
        KernelTests.table(name).depthwiseConvolution(
            DepthwiseArguments(
                x: memory.copy(isolated) + 16, rowStride: stride * width, rows: rows, taps: taps,
                tapStride: dilation * width, w: memory.copy(w) + 16, weightStride: 32, acc: acc))
        #expect(acc[rows * 16].isNaN)
        let expected = (0..<rows * 16).map { index in
            (0..<taps).reduce(Float(0)) { sum, tap in
                let row = index / 16 * stride + tap * dilation
                return sum + x[row * width + 16 + index % 16] * w[tap * 32 + 16 + index % 16]
            }
        }
        #expect(largestError(values(acc, rows * 16), expected).error < Tolerances.product)
    }
}
