import Foundation
import TensorKernelTable
import TestSupport
import Testing

@testable import Tensor

@Suite struct OperationTests {
    @Test(arguments: [
        // T, inputs, outputs, taps, groups, stride, dilation, padding
        [40, 3, 5, 3, 1, 1, 1, 1], [200, 16, 33, 7, 1, 1, 3, 9], [31, 8, 16, 11, 1, 1, 5, 25],
        [50, 1, 20, 10, 1, 5, 1, 0], [64, 12, 24, 4, 4, 1, 1, 2], [900, 32, 32, 5, 1, 2, 1, 2],
        [3, 700, 18, 1, 1, 1, 1, 0], [2000, 40, 16, 3, 1, 1, 1, 1],
    ])
    func convolutionMatchesReference(_ c: [Int]) {
        let (T, inputs, outputs, taps, groups) = (c[0], c[1], c[2], c[3], c[4])
        var numbers = SplitMix64(seed: 7)
        let x = numbers.floats(T * inputs)
        let w = numbers.floats(outputs * inputs / groups * taps)
        let bias = numbers.floats(outputs)
        let packed = PackedConvolution(
            weight: w, inputs: inputs, outputs: outputs, taps: taps, groups: groups,
            bias: Tensor(bias, [outputs]))
        let options = ConvolutionOptions(stride: c[5], dilation: c[6], padding: c[7])
        let expected = Reference.convolution(
            x, T: T, inputs: inputs, w, outputs: outputs, taps: taps, groups: groups, bias: bias,
            stride: c[5],
            dilation: c[6], padding: c[7])
        let found = Tensor(x, [T, inputs]).convolved(packed, options)
        #expect(largestError(found.values, expected).error < Tolerances.convolution)
        let residual = Tensor(numbers.floats(found.count), found.shape)
        let sum = Tensor(x, [T, inputs]).convolved(packed, options, residual: residual)
        #expect(largestError(sum.values, (found + residual).values).error < Tolerances.product)
        var sloped = options
        sloped.inputActivation = .leakyReLU(slope: 0.1)
        let activated = Tensor(x, [T, inputs]).convolved(packed, sloped)
        let before = Tensor(x.map { $0 < 0 ? 0.1 * $0 : $0 }, [T, inputs]).convolved(packed, options)
        #expect(activated.values == before.values)
    }

    @Test(arguments: [
        // T, inputs, outputs, taps, stride, padding
        [9, 6, 3, 16, 10, 3], [12, 20, 17, 16, 8, 4], [30, 4, 16, 8, 2, 3], [7, 3, 2, 2, 2, 0],
        [5, 4, 4, 4, 4, 0],
        [11, 8, 8, 5, 5, 0],
    ])
    func transposedConvolutionMatchesReference(_ c: [Int]) {
        let (T, inputs, outputs, taps) = (c[0], c[1], c[2], c[3])
        var numbers = SplitMix64(seed: 8)
        let x = numbers.floats(T * inputs)
        let w = numbers.floats(inputs * outputs * taps)
        let bias = numbers.floats(outputs)
        let packed = PackedTransposedConvolution(
            weight: w, inputs: inputs, outputs: outputs, taps: taps, stride: c[4], padding: c[5],
            bias: Tensor(bias, [outputs]))
        let expected = Reference.transposedConvolution(
            x, T: T, inputs: inputs, w, outputs: outputs, taps: taps, stride: c[4], padding: c[5], bias: bias)
        let found = Tensor(x, [T, inputs]).transposeConvolved(packed)
        #expect(found.shape == [expected.count / outputs, outputs])
        #expect(largestError(found.values, expected).error < Tolerances.transposedConvolution)
    }

    @Test func attentionMatchesReference() {
        var numbers = SplitMix64(seed: 9)
        let (T, S, C, heads) = (70, 90, 24, 3)
        let q = numbers.floats(T * C)
        let k = numbers.floats(S * C)
        let v = numbers.floats(S * C)
        let found = Tensor(q, [T, C]).attending(
            keys: Tensor(k, [S, C]), values: Tensor(v, [S, C]), heads: heads, scale: 0.4)
        let expected = Reference.attention(q: q, k: k, v: v, T: T, S: S, C: C, heads: heads, scale: 0.4) {
            _ in S
        }
        #expect(largestError(found.values, expected).error < Tolerances.attention)

        let masked = Tensor(q, [T, C]).attending(
            keys: Tensor(Array(k.prefix(T * C)), [T, C]), values: Tensor(Array(v.prefix(T * C)), [T, C]),
            heads: heads, scale: 0.4, mask: .prefixCausal(prefix: 30))
        let prefix = Reference.attention(q: q, k: k, v: v, T: T, S: T, C: C, heads: heads, scale: 0.4) {
            max(30, $0 + 1)
        }
        #expect(largestError(masked.values, prefix).error < Tolerances.attention)

        let rk = numbers.floats(9 * C / heads)
        let rv = numbers.floats(9 * C / heads)
        let positions = RelativePositions(
            keys: Tensor(rk, [9, C / heads]), values: Tensor(rv, [9, C / heads]))
        for length in [1, 3, T] {
            let n = length * C
            let relative = Tensor(Array(q.prefix(n)), [length, C]).attending(
                keys: Tensor(Array(k.prefix(n)), [length, C]),
                values: Tensor(Array(v.prefix(n)), [length, C]),
                heads: heads, scale: 0.4, relative: positions)
            let wanted = Reference.attention(
                q: q, k: k, v: v, T: length, S: length, C: C, heads: heads, scale: 0.4, relativeKeys: rk,
                relativeValues: rv, window: 4
            ) { _ in length }
            #expect(largestError(relative.values, wanted).error < Tolerances.relativeAttention)
        }
    }

    @Test func linearUsesBiasAndActivation() {
        var numbers = SplitMix64(seed: 10)
        let (T, K, N) = (130, 40, 22)
        let x = numbers.floats(T * K)
        let w = numbers.floats(N * K)
        let b = numbers.floats(N)
        let plain = Reference.linear(x, w, rows: T, columns: N, k: K)
        let expected = plain.enumerated().map { max($1 + b[$0 % N], 0) }
        let found = Tensor(x, [T, K]).linear(
            PackedMatrix(Tensor(w, [N, K])), bias: Tensor(b, [N]), activation: .relu)
        #expect(largestError(found.values, expected).error < Tolerances.product)
    }

    /// However many rows there are, and whatever blocks they are cut into, a row is what it is alone; halves widened for
    /// many rows are what they are as singles.
    @Test func linearRowsDoNotDependOnTheirNumber() throws {
        var numbers = SplitMix64(seed: 12)
        let (K, N) = (48, 70)
        let w = numbers.floats(N * K).map { Float(Float16($0)) }
        let single = PackedMatrix(Tensor(w, [N, K]))
        let half = PackedMatrix(outputs: N, inputs: K) { (packed: UnsafeMutablePointer<UInt16>, owner) in
            let bits = w.map { Float16($0).bitPattern }
            bits.withUnsafeBufferPointer {
                PackedMatrix.pack(
                    $0.baseAddress!, N, K, zero: 0, into: packed, by: Kernels.table.packPanelF16)
            }
            return .half(packed, owner: owner)
        }
        let x = Tensor(numbers.floats(75 * K), [75, K])
        let alone = (0..<75).map { x.rows($0..<$0 + 1).linear(single).values }
        for count in 1...75 {
            let rows = x.rows(0..<count)
            #expect(rows.linear(single).values == alone.prefix(count).flatMap { $0 }, "\(count) rows")
            #expect(rows.linear(half).values == alone.prefix(count).flatMap { $0 }, "\(count) rows of halves")
        }
    }

    /// The counter says what the kernels were given: every weight once per block of rows, in every kind of elements and
    /// with one thread as with many.
    @Test func weightBytesAreCountedPerBlock() {
        var numbers = SplitMix64(seed: 15)
        let (K, N) = (24, 70)
        let w = numbers.floats(N * K)
        let single = PackedMatrix(Tensor(w, [N, K]))
        let half = PackedMatrix(outputs: N, inputs: K) { (packed: UnsafeMutablePointer<UInt16>, owner) in
            packed.update(repeating: 0x3c00, count: 80 * K)
            return .half(packed, owner: owner)
        }
        func counted(_ rows: Int, _ weights: PackedMatrix) -> Int {
            let x = Tensor(numbers.floats(rows * K), [rows, K])
            let before = Kernels.counters.weightBytes
            _ = x.linear(weights)
            return Kernels.counters.weightBytes - before
        }
        for rows in [1, 2, 6, 75] {
            let blocks = RowBlocks.covering(rows).blocks.count
            #expect(counted(rows, single) == blocks * 80 * K * 4, "\(rows) rows")
            #expect(counted(rows, half) == blocks * 80 * K * 2, "\(rows) rows of halves")
        }
        let before = Kernels.counters.weightBytes
        _ = Tensor(numbers.floats(K), [1, K]).linearOnThisThread(single)
        #expect(Kernels.counters.weightBytes - before == 80 * K * 4)
    }

    @Test func layoutOperations() {
        let x = Tensor([1, 2, 3, 4, 5, 6], [3, 2])
        #expect(x.transposed().values == [1, 3, 5, 2, 4, 6])
        #expect(x.rows(1..<3).values == [3, 4, 5, 6])
        #expect(x.columns(1..<2).values == [2, 4, 6])
        #expect(x.reversingColumns().values == [2, 1, 4, 3, 6, 5])
        #expect(x.repeatingRows(2).values == [1, 2, 1, 2, 3, 4, 3, 4, 5, 6, 5, 6])
        #expect(Tensor.concatenatingRows([x, x.rows(0..<1)]).values == [1, 2, 3, 4, 5, 6, 1, 2])
        #expect(x.appendingColumns(x).values == [1, 2, 1, 2, 3, 4, 3, 4, 5, 6, 5, 6])
        #expect(x.meanOfRows().values == [3, 4])
        // torch.nn.functional.interpolate([[1, 3, 5]], size=5, mode="linear")
        #expect(
            largestError(x.columns(0..<1).interpolatingRows(to: 5).values, [1, 1.8, 3, 4.2, 5]).error
                < Tolerances.rounding)
    }

    /// A convolution that holds its normalisation gives columns of the wanted mean and spread, those of the convolution
    /// otherwise.
    @Test(arguments: [(10, 5, 37), (3, 2, 5), (1, 1, 16)]) func columnNormIsPerColumn(
        taps: Int, stride: Int, C: Int
    ) {
        var numbers = SplitMix64(seed: 11)
        let T = 3010
        let x = Tensor(numbers.floats(T).map { $0 + 0.3 }, [T, 1])
        let (gain, shift) = (Tensor(numbers.floats(C), [C]), Tensor(numbers.floats(C), [C]))
        let convolution = PackedConvolution(
            weight: numbers.floats(C * taps), inputs: 1, outputs: C, taps: taps,
            bias: Tensor(numbers.floats(C), [C]))
        let options = ConvolutionOptions(stride: stride)
        let plain = x.convolved(convolution, options)
        let normed = x.convolved(
            convolution.columnNormed(over: x, options, gain: gain, bias: shift, epsilon: 1e-5), options)
        #expect(normed.shape == plain.shape)
        for c in 0..<C {
            let column = plain.columns(c..<(c + 1)).values.map(Double.init)
            let mean = column.reduce(0, +) / Double(column.count)
            let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(column.count)
            let scale = Double(gain.values[c]) / (variance + 1e-5).squareRoot()
            let wanted = column.map { Float(($0 - mean) * scale) + shift.values[c] }
            #expect(largestError(normed.columns(c..<(c + 1)).values, wanted).error < Tolerances.layerNorm)
        }
    }

    @Test func writingCopiesSharedStorage() {
        let a = Tensor([1, 2], [1, 2])
        var b = a
        b.mutate { $0[0] = 9 }
        #expect(a.values == [1, 2])
        #expect(b.values == [9, 2])
    }

    @Test func storageComesBack() {
        let x = Tensor(repeating: 1, [100, 100])
        _ = (x + x).values
        let before = StoragePool.shared.systemAllocations
        for _ in 0..<50 { _ = x + x }
        #expect(StoragePool.shared.systemAllocations - before < 40, "blocks are reused")
    }
}
