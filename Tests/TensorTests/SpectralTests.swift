import Foundation
import TensorKernelTable
import TestSupport
import Testing

@testable import Tensor

/// The kernels and layers of convolutions in the frequency domain.
@Suite struct SpectralTests {
    static let names = KernelTests.names

    /// Planes of a tile's transform, by its definition: sum, real and imaginary part per frequency.
    private func planes(_ x: [Float], points N: Int, channels C: Int, slope: Float) -> [Float] {
        var out = [Float](repeating: 0, count: (N / 2 * 3 - 1) * C)
        for c in 0..<C {
            for k in 0...N / 2 {
                var (re, im) = (0.0, 0.0)
                for n in 0..<N {
                    let v = Double(x[n * C + c])
                    let angle = -2 * Double.pi * Double(k * n % N) / Double(N)
                    re += (v < 0 ? v * Double(slope) : v) * cos(angle)
                    im += (v < 0 ? v * Double(slope) : v) * sin(angle)
                }
                if k % (N / 2) == 0 {
                    out[(k == 0 ? 0 : 1) * C + c] = Float(re)
                } else {
                    let factor = k == N / 4 ? 1.0 : 2.0
                    for (i, v) in [re + im, re, im].enumerated() {
                        out[(3 * k - 1 + i) * C + c] = Float(v * factor)
                    }
                }
            }
        }
        return out
    }

    @Test(arguments: names, [16, 32])
    func forwardIsTheTransform(_ name: String, _ N: Int) {
        let kernels = KernelTests.table(name)
        var numbers = SplitMix64(seed: 21)
        let C = 48
        let x = numbers.floats(N * C)
        let memory = TestMemory()
        defer { memory.free() }
        for activation: InputActivation in [.identity, .leakyReLU(slope: 0.1)] {
            let count = (N / 2 * 3 - 1) * C
            let out = memory.undefined(count)
            kernels.fourierForward(
                FourierForwardArguments(
                    points: N, x: memory.copy(x), rowStride: C, channels: C, inputActivation: activation,
                    out: out, planeStride: C, scratch: memory.undefined(1024)))
            let expected = planes(x, points: N, channels: C, slope: activation.slope)
            #expect(largestError(values(out, count), expected).error < Tolerances.product)
        }
    }

    @Test(arguments: names, [16, 32])
    func inverseIsTheWayBack(_ name: String, _ N: Int) {
        let kernels = KernelTests.table(name)
        var numbers = SplitMix64(seed: 22)
        let (panels, rows) = (2, N - 5)
        let C = panels * 16
        // A convolution with 1: the products p, q and r of each frequency with its scale.
        let x = numbers.floats(N * C)
        let spectrum = planes(x, points: N, channels: C, slope: 1)
        var sums = spectrum
        for plane in 0..<N / 2 * 3 - 1 {
            let k = plane < 2 ? plane * N / 2 : (plane + 1) / 3
            let scale: Float = (k % (N / 2) == 0 ? 1 : k == N / 4 ? 2 : 0.5) / Float(N)
            for c in 0..<C {
                // (a + b)·1, a·(0 − 1), b·(1 + 0)
                sums[plane * C + c] =
                    spectrum[plane * C + c] * scale * (plane >= 2 && plane % 3 == 0 ? -1 : 1)
            }
        }
        let bias = numbers.floats(C)
        let residual = numbers.floats(rows * C)
        let before = numbers.floats(rows * C)
        let memory = TestMemory()
        defer { memory.free() }
        func inverse(_ epilogue: Epilogue) {
            kernels.fourierInverse(
                FourierInverseArguments(
                    points: N, sums: memory.copy(sums), planeStride: C, panels: panels, panelStride: 16,
                    rows: rows, epilogue: epilogue, scratch: memory.undefined(1024)))
        }
        let out = memory.copy(before)
        inverse(
            Epilogue(
                bias: memory.copy(bias), residual: memory.copy(residual), residualStride: C,
                accumulates: true,
                scale: 0.25, out: out, outStride: C))
        let expected = (0..<rows * C).map { (before[$0] + (x[$0] + bias[$0 % C]) + residual[$0]) * 0.25 }
        #expect(largestError(values(out, rows * C), expected).error < Tolerances.rounding)
        for activation in ConvolutionTests.activations {
            let activated = memory.undefined(rows * C)
            inverse(Epilogue(activation: activation, out: activated, outStride: C))
            let wanted = x.prefix(rows * C).map { Float(Reference.activated(Double($0), activation)) }
            #expect(
                largestError(values(activated, rows * C), wanted).error < Tolerances.gelu, "\(activation)")
        }
    }

    @Test(arguments: names)
    func productsDoNotDependOnTheirNumber(_ name: String) {
        let kernels = KernelTests.table(name)
        var numbers = SplitMix64(seed: 23)
        for (rows, length, panels) in [(1, 16, 1), (29, 48, 3), (12, 128, 2), (41, 5, 4)] {
            let x = numbers.floats(rows * length)
            let w = numbers.floats(panels * length * 16)
            func products(_ x: [Float], rows: Int) -> [Float] {
                let memory = TestMemory()
                defer { memory.free() }
                let c = memory.undefined(panels * rows * 16)
                kernels.batchedGemm(
                    BatchedGEMMArguments(
                        m: rows, k: length, a: memory.copy(x), lda: length, w: memory.copy(w), panels: panels,
                        c: c, panelStride: rows * 16))
                return values(c, panels * rows * 16)
            }
            let out = products(x, rows: rows)
            for panel in 0..<panels {
                let transposed = (0..<16).flatMap { lane in
                    (0..<length).map { w[(panel * length + $0) * 16 + lane] }
                }
                let expected = Reference.linear(x, transposed, rows: rows, columns: 16, k: length)
                let found = Array(out[panel * rows * 16..<(panel + 1) * rows * 16])
                #expect(largestError(found, expected).error < Tolerances.product)
            }
            for r in 0..<rows {
                let alone = products(Array(x[r * length..<(r + 1) * length]), rows: 1)
                for panel in 0..<panels {
                    let place = (panel * rows + r) * 16
                    #expect(Array(alone[panel * 16..<panel * 16 + 16]) == Array(out[place..<place + 16]))
                }
            }
        }
    }

    static let layers = [
        // T, inputs, outputs, taps, dilation, N (0: sums over taps)
        [200, 256, 256, 3, 1, 16], [333, 64, 32, 7, 3, 32], [500, 64, 64, 11, 5, 32], [7, 64, 64, 11, 5, 32],
        [1, 48, 96, 5, 1, 32], [90, 256, 256, 11, 1, 16], [411, 256, 256, 7, 5, 16], [150, 20, 20, 11, 1, 0],
        [97, 64, 40, 7, 1, 0],
    ]

    private func layer(_ c: [Int], seed: UInt64) -> (
        PackedConvolution, ConvolutionOptions, x: [Float], w: [Float], bias: [Float]
    ) {
        var numbers = SplitMix64(seed: seed)
        let (T, inputs, outputs, taps) = (c[0], c[1], c[2], c[3])
        let x = numbers.floats(T * inputs)
        let w = numbers.floats(outputs * inputs * taps).map { $0 / Float(inputs * taps).squareRoot() }
        let bias = numbers.floats(outputs)
        let packed = PackedConvolution(
            weight: w, inputs: inputs, outputs: outputs, taps: taps, bias: Tensor(bias, [outputs]),
            spectral: true)
        return (packed, ConvolutionOptions(dilation: c[4], padding: (taps - 1) / 2 * c[4]), x, w, bias)
    }

    @Test(arguments: layers)
    func layersMatchReference(_ c: [Int]) {
        let (packed, plain, x, w, bias) = layer(c, seed: 24)
        #expect((packed.spectral?.points ?? 0) == c[5])
        var options = plain
        options.inputActivation = .leakyReLU(slope: 0.1)
        let expected = Reference.convolution(
            x.map { $0 < 0 ? $0 * 0.1 : $0 }, T: c[0], inputs: c[1], w, outputs: c[2], taps: c[3], groups: 1,
            bias: bias, stride: 1, dilation: c[4], padding: plain.padding.left)
        let found = Tensor(x, [c[0], c[1]]).convolved(packed, options)
        let (error, peak) = largestError(found.values, expected)
        #expect(error < Tolerances.scaledProduct * peak, "\(error) of \(peak)")
        let residual = Tensor((0..<expected.count).map { Float($0 % 17) }, found.shape)
        let sum = Tensor(x, [c[0], c[1]]).convolved(packed, options, residual: residual)
        #expect(largestError(sum.values, (found + residual).values).error < Tolerances.product)
    }

    /// Runs a layer over a sequence that comes in parts of `part` rows.
    private func streamed(_ c: [Int], part: Int) -> [Float] {
        let (packed, options, x, _, _) = layer(c, seed: 25)
        let T = c[0]
        let input = RowWindow(columns: c[1], total: T)
        let between = RowWindow(columns: c[2], total: T)
        var first = ConvolutionStream(packed, options, from: input, to: between)
        let output = RowWindow(columns: 1, total: T)
        var numbers = SplitMix64(seed: 26)
        let last = PackedConvolution(
            weight: numbers.floats(c[2] * 7), inputs: c[2], outputs: 1, taps: 7, bias: Tensor([0.3], [1]))
        var second = ConvolutionStream(
            last, ConvolutionOptions(padding: 3, inputActivation: .leakyReLU(slope: 0.01), activation: .tanh),
            from: between, to: output)
        var row = 0
        while row < T {
            let n = min(part, T - row)
            let origin = input.reserve(from: row, upTo: row + n)
            for i in row * c[1]..<(row + n) * c[1] { origin[i] = x[i] }
            row += n
            input.extend(to: row)
            first.advance()
            second.advance()
        }
        #expect(first.made == T && second.made == T)
        return output.whole().values
    }

    @Test(arguments: layers)
    func partsDoNotShow(_ c: [Int]) {
        let whole = streamed(c, part: c[0])
        let (packed, options, x, _, _) = layer(c, seed: 25)
        var numbers = SplitMix64(seed: 26)
        let expected = Reference.convolution(
            Tensor(x, [c[0], c[1]]).convolved(packed, options).values.map { $0 < 0 ? $0 * 0.01 : $0 },
            T: c[0],
            inputs: c[2], numbers.floats(c[2] * 7), outputs: 1, taps: 7, groups: 1, bias: [0.3], stride: 1,
            dilation: 1, padding: 3)
        #expect(largestError(whole, expected.map { tanh($0) }).error < Tolerances.product)
        for part in [1, 16, 50, 171] { #expect(streamed(c, part: part) == whole, "parts of \(part)") }
    }

    @Test func upsamplingInPartsIsUpsampling() {
        var numbers = SplitMix64(seed: 27)
        let (T, inputs, outputs) = (41, 12, 5)
        let x = Tensor(numbers.floats(T * inputs), [T, inputs])
        for (taps, stride) in [(16, 10), (8, 2), (4, 4)] {
            let packed = PackedTransposedConvolution(
                weight: numbers.floats(inputs * outputs * taps), inputs: inputs, outputs: outputs, taps: taps,
                stride: stride, padding: (taps - stride) / 2, bias: Tensor(numbers.floats(outputs), [outputs])
            )
            let whole = x.transposeConvolved(packed, inputActivation: .leakyReLU(slope: 0.1))
            for count in [1, 7, 100] {
                var stream = UpsamplingStream(
                    packed, inputActivation: .leakyReLU(slope: 0.1), from: RowWindow(x))
                while stream.advance(count: count) {}
                #expect(stream.output.whole().values == whole.values)
            }
        }
    }

    /// Rows that every reader has released are overwritten; those that the slowest reader still needs are not.
    @Test func windowsKeepWhatIsRead() {
        let window = RowWindow(columns: 2, total: 100_000)
        let (slow, fast) = (window.addReader(), window.addReader())
        var largest = 0
        for row in stride(from: 0, to: 100_000, by: 100) {
            let origin = window.reserve(from: row, upTo: row + 100)
            for i in row * 2..<(row + 100) * 2 { origin[i] = Float(i) }
            window.extend(to: row + 100)
            window.release(fast, below: row + 90)
            window.release(slow, below: row - 150)
            let kept = window.rows(max(0, row - 150)..<row + 100).values
            #expect(kept.first == Float(max(0, row - 150) * 2) && kept.last == Float(row * 2 + 199))
            largest = max(largest, window.capacity)
        }
        #expect(largest < 2000)
    }
}
