import Foundation
import TensorKernelTable
import TestSupport
import Testing

@testable import Tensor

/// The anti-aliased Snake activation against the definition of its steps, as PyTorch computes them: replicate padding,
/// transposed convolution, activation, replicate padding, convolution.
@Suite struct SnakeTests {
    private static let up: [Float] = (0..<12).map { 0.1 + 0.02 * Float($0 % 5) }
    private static let down: [Float] = (0..<12).map { 0.06 + 0.01 * Float(($0 * 7) % 4) }

    private static func reference(
        _ x: [Float], T: Int, C: Int, alpha: [Float], inverseBeta: [Float]
    ) -> [Double] {
        var out = [Double](repeating: 0, count: T * C)
        for c in 0..<C {
            func sample(_ t: Int) -> Double { Double(x[min(max(t, 0), T - 1) * C + c]) }
            // UpSample1d: five rows of padding, stride 2, fifteen values cut at both ends.
            let padded = (0..<T + 10).map { sample($0 - 5) }
            var wide = [Double](repeating: 0, count: 2 * (T + 9) + 12)
            for (t, value) in padded.enumerated() {
                for k in 0..<12 { wide[2 * t + k] += 2 * value * Double(up[k]) }
            }
            let cut = wide[15..<15 + 2 * T].map { u in
                u + Double(inverseBeta[c]) * pow(sin(Double(alpha[c]) * u), 2)
            }
            for t in 0..<T {
                for k in 0..<12 {
                    out[t * C + c] += Double(down[k]) * cut[min(max(2 * t + k - 5, 0), 2 * T - 1)]
                }
            }
        }
        return out
    }

    @Test(arguments: [(1, 3), (2, 16), (7, 17), (96, 24), (97, 40), (250, 5)])
    func matchesReference(_ c: (rows: Int, channels: Int)) {
        var numbers = SplitMix64(seed: 51)
        let x = numbers.floats(c.rows * c.channels)
        let alpha = numbers.floats(c.channels).map { 1.5 + 4 * $0 }
        let inverseBeta = numbers.floats(c.channels).map { 0.7 + $0 / 3 }
        let snake = AliasFreeSnake(alpha: alpha, inverseBeta: inverseBeta, up: Self.up, down: Self.down)
        let expected = Self.reference(x, T: c.rows, C: c.channels, alpha: alpha, inverseBeta: inverseBeta)
        let found = snake(Tensor(x, [c.rows, c.channels])).values
        #expect(zip(found, expected).allSatisfy { abs(Double($0) - $1) < 5e-6 })
    }

    /// Every variant's kernel: the square of a sine over many periods.
    @Test(arguments: KernelTests.names) func sinesOfLargeArguments(_ name: String) {
        let memory = TestMemory()
        defer { memory.free() }
        let rows = 1
        var numbers = SplitMix64(seed: 52)
        let alpha = (0..<16).map { 20 * Float($0 + 1) }
        // A filter of one tap at twice the rate, so that values pass unchanged but for the activation.
        var up = [Float](repeating: 0, count: 12)
        (up[5], up[6]) = (0.5, 0.5)
        var down = [Float](repeating: 0, count: 12)
        down[5] = 1
        let x = numbers.floats((rows + 11) * 16).map { $0 * 8 }
        let out = memory.undefined(rows * 16)
        KernelTests.table(name).snake(
            SnakeArguments(
                x: memory.copy(x), rows: rows, alpha: memory.copy(alpha),
                inverseBeta: memory.copy([Float](repeating: 1, count: 16)), up: memory.copy(up),
                down: memory.copy(down), before: 0, behind: 0,
                scratch: memory.undefined((2 * rows + 11) * 16),
                out: out))
        for c in 0..<16 {
            // Value 5 at twice the rate: the odd taps of rows 2 … 7, of which tap 5 is the third.
            let u = Double(x[(2 + 5 - 2) * 16 + c])
            let expected = u + pow(sin(Double(Float(u) * alpha[c])), 2)
            #expect(abs(Double(out[c]) - expected) < 2e-6, "channel \(c)")
        }
    }

    /// How a sequence arrives does not change a bit.
    @Test func piecesDoNotShow() {
        var numbers = SplitMix64(seed: 53)
        let (T, C) = (300, 20)
        let x = Tensor(numbers.floats(T * C), [T, C])
        let snake = AliasFreeSnake(
            alpha: numbers.floats(C).map { 2 + $0 }, inverseBeta: numbers.floats(C).map { 1 + $0 },
            up: Self.up,
            down: Self.down)
        let kernel = PackedConvolution(
            weight: (0..<C * C).map { $0 % (C + 1) == 0 ? 1 : 0 }, inputs: C, outputs: C, taps: 1, bias: nil)
        for piece in [1, 5, 64, 1000] {
            let (copied, output) = (RowWindow(columns: C, total: T), RowWindow(columns: C, total: T))
            var source = ConvolutionStream(kernel, ConvolutionOptions(), from: RowWindow(x), to: copied)
            var stream = SnakeStream(snake, from: copied, to: output)
            while !output.isComplete {
                source.advance(count: piece)
                stream.advance()
            }
            #expect(output.whole().values == snake(x).values, "pieces of \(piece)")
        }
    }
}

/// Convolutions over time and frequency.
@Suite struct PlanarConvolutionTests {
    @Test(arguments: [(9, 5, 3, 4, 1), (12, 8, 1, 6, 2), (7, 3, 2, 20, 2), (1, 1, 2, 2, 1)])
    func matchesReference(_ c: (T: Int, bands: Int, inputs: Int, outputs: Int, stride: Int)) {
        var numbers = SplitMix64(seed: 61)
        let x = numbers.floats(c.T * c.bands * c.inputs)
        // [output, band of the kernel · inputs + input, tap]
        let w = numbers.floats(c.outputs * 3 * c.inputs * 3)
        let bias = numbers.floats(c.outputs)
        let packed = PackedConvolution(
            weight: w, inputs: 3 * c.inputs, outputs: c.outputs, taps: 3, bias: Tensor(bias, [c.outputs]))
        let found = Tensor(x, [c.T, c.bands * c.inputs]).convolved2d(
            packed, bands: c.bands, kernel: 3, stride: c.stride)
        let (rows, bands) = ((c.T - 1) / c.stride + 1, (c.bands - 1) / c.stride + 1)
        #expect(found.shape == [rows, bands * c.outputs])
        for t in 0..<rows {
            for f in 0..<bands {
                for n in 0..<c.outputs {
                    var sum = Double(bias[n])
                    for band in 0..<3 {
                        for tap in 0..<3 {
                            let (row, place) = (t * c.stride + tap - 1, f * c.stride + band - 1)
                            guard (0..<c.T).contains(row), (0..<c.bands).contains(place) else { continue }
                            for i in 0..<c.inputs {
                                sum +=
                                    Double(x[(row * c.bands + place) * c.inputs + i])
                                    * Double(w[(n * 3 * c.inputs + band * c.inputs + i) * 3 + tap])
                            }
                        }
                    }
                    let value = Double(found.values[(t * bands + f) * c.outputs + n])
                    #expect(abs(value - sum) < Double(Tolerances.convolution))
                }
            }
        }
    }
}
