import Foundation
import TensorKernelTable
import TestSupport
import Testing

@testable import Tensor

/// Every kernel of every variant this processor can run, against its reference twin.
@Suite struct KernelTests {
    static let names = Kernels.available().map(\.name)
    static func table(_ name: String) -> KernelTable {
        Kernels.available().first { $0.name == name } ?? Kernels.table
    }

    @Test(arguments: names)
    func halvesWidenExactly(_ name: String) {
        let halves = (0..<UInt16.max).filter { $0 & 0x7c00 != 0x7c00 }
        var out = [Float](repeating: 0, count: halves.count)
        Self.table(name).widen(halves, &out, halves.count)
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

    @Test(arguments: names)
    func panelsMatchReference(_ name: String) {
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
                let rows = Self.interleaved(x, rows: m, k: k)
                // One float beyond the outputs shows a store that goes too far.
                var single = [Float](repeating: .nan, count: m * n + 1)
                kernels.panelsFloat(
                    rows, m, Self.panels(w, outputs: n, inputs: k, zero: 0), k, n, bias, .identity, &single, n
                )
                #expect(single[m * n].isNaN)
                single.removeLast()
                #expect(largestError(single, expected).error < Limit.products, "\(m)×\(n)×\(k)")
                var half = single
                let halves = Self.panels(w.map { Float16($0).bitPattern }, outputs: n, inputs: k, zero: 0)
                kernels.panelsHalf(rows, m, halves, k, n, bias, .identity, &half, n)
                #expect(single == half, "widening changes nothing: \(m)×\(n)×\(k)")
                let floats = Self.panels(w, outputs: n, inputs: k, zero: 0)
                kernels.panelsWidened(rows, m, floats, k, n, bias, .identity, halves, 64, &half, n)
                #expect(single == half, "what is asked for meanwhile changes nothing: \(m)×\(n)×\(k)")
                kernels.panelsHalf(rows, m, halves, k, n, bias, .relu, &half, n)
                #expect(half == single.map { max($0, 0) })
            }
        }
    }

    @Test(arguments: names)
    func bytePanelsMatchReference(_ name: String) {
        let kernels = Self.table(name)
        var numbers = SplitMix64(seed: 5)
        let (n, k) = (37, 90)
        let bytes = (0..<n * k).map { Int8(truncatingIfNeeded: $0 * 73 % 255 - 127) }
        let scales = numbers.floats(48).map { abs($0) + 0.01 }
        let w = bytes.indices.map { Float(bytes[$0]) * scales[$0 / k] }
        for m in kernels.rowBlocks {
            let x = numbers.floats(m * k)
            let expected = Reference.linear(x, w, rows: m, columns: n, k: k)
            var out = [Float](repeating: .nan, count: m * n)
            kernels.panelsByte(
                Self.interleaved(x, rows: m, k: k), m, Self.panels(bytes, outputs: n, inputs: k, zero: 0),
                scales, k, n, nil, .identity, &out, n)
            let (error, peak) = largestError(out, expected)
            #expect(error <= peak * 1e-6, "\(m) rows")
        }
    }

    @Test(arguments: names)
    func rowsDoNotDependOnTheirNumber(_ name: String) {
        let kernels = Self.table(name)
        var numbers = SplitMix64(seed: 4)
        let (n, k) = (70, 96)
        let w = Self.panels(numbers.floats(n * k), outputs: n, inputs: k, zero: 0)
        for m in kernels.rowBlocks {
            let x = numbers.floats(m * k)
            var together = [Float](repeating: 0, count: m * n)
            kernels.panelsFloat(
                Self.interleaved(x, rows: m, k: k), m, w, k, n, nil, .identity, &together, n)
            for r in 0..<m {
                var alone = [Float](repeating: 0, count: n)
                kernels.panelsFloat(
                    Array(x[r * k..<(r + 1) * k]), 1, w, k, n, nil, .identity, &alone, n)
                #expect(alone == Array(together[r * n..<(r + 1) * n]))
            }
        }
    }

    @Test(arguments: names)
    func pointwiseFunctions(_ name: String) {
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
        check("gelu", 2e-6, { kernels.biasActivation($0, 1, n, nil, .gelu, 0) }) {
            0.5 * $0 * (1 + erf($0 / 2.0.squareRoot()))
        }
        check("tanh", 3e-7, { kernels.biasActivation($0, 1, n, nil, .tanh, 0) }) { tanh($0) }
        check("relu", 0, { kernels.biasActivation($0, 1, n, nil, .relu, 0) }) { max($0, 0) }
        check("leaky", 1e-7, { kernels.biasActivation($0, 1, n, nil, .leakyReLU, 0.1) }) {
            $0 < 0 ? 0.1 * $0 : $0
        }
        check("mish", 5e-7, { kernels.mish($0, n) }) { $0 * tanh(log1p(exp($0))) }
        let ones = [Float](repeating: 1, count: n)
        check("sigmoid", 3e-7, { kernels.gate(ones, UnsafePointer($0), $0, n) }) { 1 / (1 + exp(-$0)) }
        let zeros = [Float](repeating: 0, count: n)
        let small = x.map { $0 / 3 }
        var e = small
        kernels.reparameterize(zeros, small, ones, 1, &e, n)
        for (a, b) in zip(small, e) { #expect(abs(Double(b) / exp(Double(a)) - 1) < 4e-7) }
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
            var out = x
            kernels.layerNorm(x, residual, gain, bias, 1e-5, 1, columns, &out)
            let v = zip(x, residual).map { Double($0) + Double($1) }
            let mean = v.reduce(0, +) / Double(columns)
            let variance = v.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
            let expected = (0..<columns).map {
                Float((v[$0] - mean) / (variance + 1e-5).squareRoot() * Double(gain[$0]) + Double(bias[$0]))
            }
            #expect(largestError(out, expected).error < 2e-5, "\(columns)")
            out = x
            kernels.softmaxRows(&out, 1, columns, columns)
            let soft = Reference.softmax(x.map(Double.init)).map { Float($0) }
            #expect(largestError(out, soft).error < 3e-7)
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
            var scratch = [Float](repeating: 0, count: steps)
            var out = [Float](repeating: 0, count: size)
            kernels.attendHead(q, k, v, steps, size, size, 0.3, &scratch, &out)
            let expected = Reference.attention(
                q: q, k: k, v: v, T: 1, S: steps, C: size, heads: 1, scale: 0.3
            ) { _ in steps }
            #expect(largestError(out, expected).error < 2e-6)

            var (keys, values) = (
                [UInt16](repeating: 0, count: k.count), [UInt16](repeating: 0, count: v.count)
            )
            kernels.narrow(k, &keys, k.count)
            kernels.narrow(v, &values, v.count)
            kernels.attendHeadHalf(q, keys, values, steps, size, size, 0.3, &scratch, &out)
            let rounded = Reference.attention(
                q: q, k: k.map { Float(Float16($0)) }, v: v.map { Float(Float16($0)) }, T: 1, S: steps,
                C: size,
                heads: 1, scale: 0.3
            ) { _ in steps }
            #expect(largestError(out, rounded).error < 2e-6)
        }
    }

    /// Rounding to half precision is the hardware's, except that there is no infinity.
    @Test(arguments: names)
    func narrowingRoundsToNearest(_ name: String) {
        let kernels = Self.table(name)
        var numbers = SplitMix64(seed: 8)
        var x: [Float] = [
            0, -0.0, 1, 65504, 65520, 1e9, -1e9, 6.1e-5, 6e-8, 2.9e-8, 3.1e-8, -5.5e-6, 1 + 1 / 2048,
        ]
        x += numbers.floats(1000).map { $0 * 300 } + numbers.floats(500).map { $0 * 1e-6 }
        var out = [UInt16](repeating: 0, count: x.count)
        kernels.narrow(x, &out, x.count)
        for (value, half) in zip(x, out) {
            let clamped = max(-65504, min(65504, value))
            #expect(half == Float16(clamped).bitPattern, "\(value)")
        }
    }
}
