import Foundation
import TensorKernelTable
import TestSupport
import Testing

@testable import Tensor

/// Every kernel of every variant this processor can run, against its reference.
@Suite struct KernelTests {
    static let names = Kernels.available().map(\.name)
    static func table(_ name: String) -> KernelTable {
        Kernels.available().first { $0.name == name } ?? Kernels.table
    }

    @Test(arguments: names)
    func halvesWidenExactly(_ name: String) {
        let halves = (0..<UInt16.max).filter { $0 & 0x7c00 != 0x7c00 }
        var out = [Float](repeating: 0, count: halves.count)
        Self.table(name).convertF16ToF32(halves, &out, halves.count)
        for (bits, value) in zip(halves, out) { #expect(value == Float(Float16(bitPattern: bits))) }
    }

    /// Weights in panels of sixteen outputs, `[panel][k][16]`.
    static func panels<Element>(_ w: [Element], outputs n: Int, inputs k: Int, zero: Element) -> [Element] {
        var packed = [Element](repeating: zero, count: (n + 15) / 16 * 16 * k)
        for j in 0..<n {
            for i in 0..<k { packed[(j / 16 * k + i) * 16 + j % 16] = w[j * k + i] }
        }
        return packed
    }

    /// Rows of one block, interleaved.
    static func interleaved(_ x: [Float], rows m: Int, k: Int) -> [Float] {
        (0..<m * k).map { x[$0 % m * k + $0 / m] }
    }

    /// C of one block of rows; `extra` values behind it show a store that goes too far.
    static func gemm<Weight: BitwiseCopyable>(
        _ kernel: (GEMMArguments<Weight>) -> Void, _ x: [Float], rows m: Int, _ w: [Weight], outputs n: Int,
        bias: [Float]? = nil, relu: Bool = false, extra: Int = 1
    ) -> [Float] {
        let memory = TestMemory()
        defer { memory.free() }
        let k = x.count / m
        let c = memory.undefined(m * n + extra)
        kernel(
            GEMMArguments(
                m: m, n: n, k: k, a: memory.copy(interleaved(x, rows: m, k: k)), w: memory.copy(w),
                bias: bias.map { UnsafePointer(memory.copy($0)) }, relu: relu, c: c, ldc: n))
        let behind = values(c + m * n, extra)
        #expect(behind.allSatisfy { $0.isNaN })
        return values(c, m * n)
    }

    @Test(arguments: names)
    func gemmMatchesReference(_ name: String) {
        let kernels = Self.table(name)
        var numbers = SplitMix64(seed: 3)
        for m in kernels.rowBlocks {
            for (n, k) in [(1, 1), (4, 8), (16, 17), (19, 64), (65, 100), (64, 256), (130, 33)] {
                let x = numbers.floats(m * k)
                let w = numbers.floats(n * k).map { Float(Float16($0)) }
                let bias = numbers.floats((n + 15) / 16 * 16)
                let expected = Reference.linear(x, w, rows: m, columns: n, k: k).enumerated().map {
                    $1 + bias[$0 % n]
                }
                let floats = Self.panels(w, outputs: n, inputs: k, zero: 0)
                let halves = Self.panels(w.map { Float16($0).bitPattern }, outputs: n, inputs: k, zero: 0)
                let single = Self.gemm(kernels.gemmF32, x, rows: m, floats, outputs: n, bias: bias)
                #expect(largestError(single, expected).error < Limit.products, "\(m)×\(n)×\(k)")
                let half = Self.gemm(kernels.gemmF16, x, rows: m, halves, outputs: n, bias: bias)
                #expect(single == half, "widening changes nothing: \(m)×\(n)×\(k)")
                let prefetching = Self.gemm(
                    { arguments in
                        kernels.gemmF32Prefetching(
                            arguments, PrefetchStream(address: arguments.w, strideBytes: 64))
                    }, x, rows: m, floats, outputs: n, bias: bias)
                #expect(single == prefetching, "prefetching changes nothing: \(m)×\(n)×\(k)")
                let rectified = Self.gemm(
                    kernels.gemmF16, x, rows: m, halves, outputs: n, bias: bias, relu: true)
                #expect(rectified == single.map { max($0, 0) })
            }
        }
    }

    @Test(arguments: names)
    func int8GEMMMatchesReference(_ name: String) {
        let kernels = Self.table(name)
        var numbers = SplitMix64(seed: 5)
        let (n, k) = (37, 90)
        let bytes = (0..<n * k).map { Int8(truncatingIfNeeded: $0 * 73 % 255 - 127) }
        let scales = numbers.floats(48).map { abs($0) + 0.01 }
        let w = bytes.indices.map { Float(bytes[$0]) * scales[$0 / k] }
        let packed = Self.panels(bytes, outputs: n, inputs: k, zero: 0)
        for m in kernels.rowBlocks {
            let x = numbers.floats(m * k)
            let expected = Reference.linear(x, w, rows: m, columns: n, k: k)
            let found = scales.withUnsafeBufferPointer { scales in
                Self.gemm({ kernels.gemmInt8($0, scales.baseAddress!) }, x, rows: m, packed, outputs: n)
            }
            let (error, peak) = largestError(found, expected)
            #expect(error <= peak * Tolerances.quantizedProduct, "\(m) rows")
        }
    }

    @Test(arguments: names)
    func rowsDoNotDependOnTheirNumber(_ name: String) {
        let kernels = Self.table(name)
        var numbers = SplitMix64(seed: 4)
        let (n, k) = (70, 96)
        let w = Self.panels(numbers.floats(n * k), outputs: n, inputs: k, zero: 0)
        let halves = w.map { Float16($0).bitPattern }
        for m in kernels.rowBlocks {
            let x = numbers.floats(m * k)
            let together = Self.gemm(kernels.gemmF32, x, rows: m, w, outputs: n)
            let togetherHalf = Self.gemm(kernels.gemmF16, x, rows: m, halves, outputs: n)
            for r in 0..<m {
                let row = Array(x[r * k..<(r + 1) * k])
                let place = r * n..<(r + 1) * n
                #expect(Self.gemm(kernels.gemmF32, row, rows: 1, w, outputs: n) == Array(together[place]))
                #expect(
                    Self.gemm(kernels.gemmF16, row, rows: 1, halves, outputs: n) == Array(togetherHalf[place])
                )
            }
        }
    }

    @Test(arguments: names)
    func elementwiseFunctions(_ name: String) {
        let kernels = Self.table(name)
        let x = stride(from: Float(-30), through: 30, by: 0.0117).map { $0 }
        func check(
            _ what: String, _ limit: Float, _ kernel: (UnsafeMutablePointer<Float>) -> Void,
            _ exact: (Double) -> Double
        ) {
            var y = x
            kernel(&y)
            for (a, b) in zip(x, y) {
                let e = exact(Double(a))
                #expect(
                    abs(Double(b) - e) <= Double(limit) * max(1, abs(e)), "\(what)(\(a)) = \(b), not \(e)")
            }
        }
        let n = x.count
        func activate(_ x: UnsafeMutablePointer<Float>, _ activation: Activation) {
            kernels.biasActivation(
                BiasActivationArguments(x: x, rows: 1, columns: n, activation: activation))
        }
        check("gelu", Tolerances.gelu, { activate($0, .gelu) }) {
            0.5 * $0 * (1 + erf($0 / 2.0.squareRoot()))
        }
        check("tanh", Tolerances.sigmoid, { activate($0, .tanh) }) { tanh($0) }
        check("relu", 0, { activate($0, .relu) }) { max($0, 0) }
        check("leaky", Tolerances.leakyReLU, { activate($0, .leakyReLU(slope: 0.1)) }) {
            $0 < 0 ? 0.1 * $0 : $0
        }
        check("mish", Tolerances.mish, { kernels.mish($0, n) }) { $0 * tanh(log1p(exp($0))) }
        let ones = [Float](repeating: 1, count: n)
        check("sigmoid", Tolerances.sigmoid, { kernels.sigmoidMultiply(ones, UnsafePointer($0), $0, n) }) {
            1 / (1 + exp(-$0))
        }
        let zeros = [Float](repeating: 0, count: n)
        let small = x.map { $0 / 3 }
        let memory = TestMemory()
        defer { memory.free() }
        let e = memory.undefined(n)
        kernels.reparameterize(
            ReparameterizeArguments(
                mean: memory.copy(zeros), logDeviation: memory.copy(small), noise: memory.copy(ones),
                scale: 1,
                out: e, count: n))
        for (a, b) in zip(small, values(e, n)) {
            #expect(abs(Double(b) / exp(Double(a)) - 1) < Double(Tolerances.exponential))
        }
        let gated = memory.undefined(n)
        kernels.gatedTanh(x, small, gated, n)
        for (i, b) in values(gated, n).enumerated() {
            let e = tanh(Double(x[i])) / (1 + exp(-Double(small[i])))
            #expect(
                abs(Double(b) - e) < 2 * Double(Tolerances.sigmoid), "gatedTanh(\(x[i])) = \(b), not \(e)")
        }
        let sum = memory.undefined(n)
        kernels.scaledSum(
            ScaledSumArguments(
                a: memory.copy(x), scaleA: 0.5, b: memory.copy(small), scaleB: -3, out: sum, count: n))
        #expect(
            largestError(values(sum, n), zip(x, small).map { $0 * 0.5 - $1 * 3 }).error < Tolerances.product)
    }

    @Test(arguments: names)
    func normalizationsMatchReference(_ name: String) {
        let kernels = Self.table(name)
        var numbers = SplitMix64(seed: 5)
        for columns in [1, 2, 15, 16, 17, 64, 100] {
            let x = numbers.floats(columns).map { $0 * 5 + 3 }
            let gain = numbers.floats(columns)
            let bias = numbers.floats(columns)
            let residual = numbers.floats(columns)
            let memory = TestMemory()
            defer { memory.free() }
            let out = memory.copy(x)
            kernels.layerNorm(
                LayerNormArguments(
                    x: out, residual: memory.copy(residual), gain: memory.copy(gain), bias: memory.copy(bias),
                    epsilon: 1e-5, rows: 1, columns: columns, out: out))
            let v = zip(x, residual).map { Double($0) + Double($1) }
            let mean = v.reduce(0, +) / Double(columns)
            let variance = v.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
            let expected = (0..<columns).map {
                Float((v[$0] - mean) / (variance + 1e-5).squareRoot() * Double(gain[$0]) + Double(bias[$0]))
            }
            #expect(largestError(values(out, columns), expected).error < Tolerances.layerNorm, "\(columns)")
            let row = memory.copy(x)
            kernels.softmaxRows(SoftmaxArguments(x: row, rowStride: columns, rows: 1, columns: columns))
            let soft = Reference.softmax(x.map(Double.init)).map { Float($0) }
            #expect(largestError(values(row, columns), soft).error < Tolerances.softmax)
        }
    }

    @Test(arguments: names)
    func cachedHeadMatchesReference(_ name: String) {
        let kernels = Self.table(name)
        var numbers = SplitMix64(seed: 6)
        for (steps, size) in [(1, 32), (5, 16), (33, 32), (64, 64), (17, 12), (40, 100)] {
            let q = numbers.floats(size)
            let k = numbers.floats(steps * size)
            let v = numbers.floats(steps * size)
            let memory = TestMemory()
            defer { memory.free() }
            func attend<Element: BitwiseCopyable>(
                _ kernel: (AttentionHeadArguments<Element>) -> Void, _ keys: [Element], _ elements: [Element]
            ) -> [Float] {
                let out = memory.undefined(size)
                kernel(
                    AttentionHeadArguments(
                        q: memory.copy(q), k: memory.copy(keys), v: memory.copy(elements), stride: size,
                        steps: steps, headSize: size, scale: 0.3, scratch: memory.undefined(steps), out: out))
                return values(out, size)
            }
            let expected = Reference.attention(
                q: q, k: k, v: v, T: 1, S: steps, C: size, heads: 1, scale: 0.3
            ) { _ in steps }
            let found = attend(kernels.attentionHeadF32, k, v)
            #expect(largestError(found, expected).error < Tolerances.attention)

            var (keys, elements) = (
                [UInt16](repeating: 0, count: k.count), [UInt16](repeating: 0, count: v.count)
            )
            kernels.convertF32ToF16(k, &keys, k.count)
            kernels.convertF32ToF16(v, &elements, v.count)
            let rounded = Reference.attention(
                q: q, k: k.map { Float(Float16($0)) }, v: v.map { Float(Float16($0)) }, T: 1, S: steps,
                C: size,
                heads: 1, scale: 0.3
            ) { _ in steps }
            let half = attend(kernels.attentionHeadF16, keys, elements)
            #expect(largestError(half, rounded).error < Tolerances.attention)
        }
    }

    /// Rounding to half precision is the hardware's, except that there is no infinity.
    @Test(arguments: names)
    func halvesAreRoundedToNearest(_ name: String) {
        let kernels = Self.table(name)
        var numbers = SplitMix64(seed: 8)
        var x: [Float] = [
            0, -0.0, 1, 65504, 65520, 1e9, -1e9, 6.1e-5, 6e-8, 2.9e-8, 3.1e-8, -5.5e-6, 1 + 1 / 2048,
        ]
        x += numbers.floats(1000).map { $0 * 300 } + numbers.floats(500).map { $0 * 1e-6 }
        var out = [UInt16](repeating: 0, count: x.count)
        kernels.convertF32ToF16(x, &out, x.count)
        for (value, half) in zip(x, out) {
            let clamped = max(-65504, min(65504, value))
            #expect(half == Float16(clamped).bitPattern, "\(value)")
        }
    }
}
