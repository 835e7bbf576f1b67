import Foundation
import Tensor
import TensorKernelTable

/// One kernel on one shape.
struct KernelBenchmark: Sendable {
    let kernel: String, shape: String
    /// Bytes read and written by a call, weights and activations once each, and its floating-point operations.
    let bytes: Double, operations: Double
    /// Allowed difference from the reference, as a share of the largest value.
    let limit: Double
    /// The benchmark with buffers for one thread.
    let prepare: @Sendable (KernelTable) -> BenchmarkInstance
}

/// A benchmark with buffers for one thread.
struct BenchmarkInstance {
    let call: () -> Void
    /// Runs the kernel once and compares it with its reference.
    let error: () -> Double
    let release: () -> Void

    /// - Parameters:
    ///   - buffers: deallocated by `release`.
    ///   - count: elements of the result.
    ///   - result: element i of what the kernel wrote.
    ///   - reference: the same, computed in double precision.
    init(
        buffers: [UnsafeMutableRawPointer], count: Int, call: @escaping () -> Void,
        result: @escaping (Int) -> Double, reference: @escaping (Int) -> Double
    ) {
        self.call = call
        error = {
            call()
            var (worst, peak) = (0.0, 1e-30)
            // A prime stride looks at a few hundred elements of large results, in every part of them.
            for i in stride(from: 0, to: count, by: count > 4096 ? 61 : 1) {
                let expected = reference(i)
                worst = max(worst, abs(result(i) - expected))
                peak = max(peak, abs(expected))
                if result(i).isNaN { worst = .infinity }
            }
            return worst / peak
        }
        release = { buffers.forEach { $0.deallocate() } }
    }

    /// As above, for a kernel that writes floats.
    init(
        inputs: [UnsafeMutableRawPointer], out: UnsafeMutablePointer<Float>, count: Int,
        call: @escaping () -> Void, reference: @escaping (Int) -> Double
    ) {
        self.init(
            buffers: inputs + [UnsafeMutableRawPointer(out)], count: count, call: call,
            result: { Double(out[$0]) }, reference: reference)
    }
}

extension KernelBenchmark {
    static let all: [KernelBenchmark] =
        [.gemmF16(rows: 1), .gemmInt8(rows: 1), .gemmF16(rows: 6), .gemmF32(rows: 6)]
        + [.attentionHeadF32, .attentionHeadF16, .convolution, .depthwiseConvolution, .batchedGemm]
        + [.layerNorm, .softmax, .gelu, .gatedTanh, .add, .convertF16ToF32, .convertF32ToF16]

    // Matrices large enough that no cache holds them with one row, and one that does with six.
    private static func shape(_ rows: Int) -> (k: Int, n: Int) { rows == 1 ? (512, 32_768) : (512, 256) }

    private static func product(
        _ kernel: String, rows: Int, width: Double, limit: Double,
        _ prepare: @escaping @Sendable (KernelTable, _ k: Int, _ n: Int) -> BenchmarkInstance
    ) -> KernelBenchmark {
        let (k, n) = shape(rows)
        let (values, results) = (Double(n * k), Double(rows * (k + n)))
        return KernelBenchmark(
            kernel: kernel, shape: "\(rows) x \(k) by \(n) x \(k)", bytes: values * width + results * 4,
            operations: 2 * values * Double(rows), limit: limit
        ) { prepare($0, k, n) }
    }

    /// x · Wᵀ for interleaved rows, output by output.
    private static func productReference(
        _ x: UnsafePointer<Float>, _ rows: Int, _ k: Int, _ n: Int, _ weight: @escaping (Int) -> Double
    ) -> (Int) -> Double {
        { index in
            let (r, j) = (index / n, index % n)
            return (0..<k).reduce(0) {
                $0 + Double(x[$1 * rows + r]) * weight((j / 16 * k + $1) * 16 + j % 16)
            }
        }
    }

    static func gemmF32(rows: Int) -> KernelBenchmark {
        product("gemmF32", rows: rows, width: 4, limit: 1e-5) { table, k, n in
            let (x, w) = (Numbers.buffer(rows * k, seed: 2), Numbers.buffer(n * k, seed: 3))
            let out = Numbers.buffer(rows * n, seed: 4)
            return BenchmarkInstance(
                inputs: [x, w].map { UnsafeMutableRawPointer($0) }, out: out, count: rows * n,
                call: { table.gemmF32(GEMMArguments(m: rows, n: n, k: k, a: x, w: w, c: out, ldc: n)) },
                reference: productReference(x, rows, k, n) { Double(w[$0]) })
        }
    }

    static func gemmF16(rows: Int) -> KernelBenchmark {
        product("gemmF16", rows: rows, width: 2, limit: 1e-5) { table, k, n in
            let x = Numbers.buffer(rows * k, seed: 2)
            let w = halves(n * k, seed: 3)
            let out = Numbers.buffer(rows * n, seed: 4)
            return BenchmarkInstance(
                inputs: [UnsafeMutableRawPointer(x), UnsafeMutableRawPointer(w)], out: out, count: rows * n,
                call: { table.gemmF16(GEMMArguments(m: rows, n: n, k: k, a: x, w: w, c: out, ldc: n)) },
                reference: productReference(x, rows, k, n) { Double(value(w[$0])) })
        }
    }

    static func gemmInt8(rows: Int) -> KernelBenchmark {
        product("gemmInt8", rows: rows, width: 1, limit: 1e-5) { table, k, n in
            let (x, scales) = (Numbers.buffer(rows * k, seed: 2), Numbers.buffer(n, seed: 5))
            let w = UnsafeMutablePointer<Int8>.allocate(capacity: n * k + 64)
            for i in 0..<n * k + 64 { w[i] = Int8(truncatingIfNeeded: i &* 73 % 255 - 127) }
            let out = Numbers.buffer(rows * n, seed: 4)
            let sum = productReference(x, rows, k, n) { Double(w[$0]) }
            return BenchmarkInstance(
                inputs: [x, scales].map { UnsafeMutableRawPointer($0) } + [UnsafeMutableRawPointer(w)],
                out: out,
                count: rows * n,
                call: {
                    table.gemmInt8(GEMMArguments(m: rows, n: n, k: k, a: x, w: w, c: out, ldc: n), scales)
                },
                reference: { sum($0) * Double(scales[$0 % n]) })
        }
    }

    /// A buffer of random halves.
    static func halves(_ count: Int, seed: UInt64) -> UnsafeMutablePointer<UInt16> {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count * 2 + 256, alignment: 64)
        let halves = memory.bindMemory(to: UInt16.self, capacity: count + 128)
        var numbers = SplitMix64(seed: seed)
        for i in 0..<count + 128 {
            // Exponents around those of numbers from 1/16 to 1.
            let bits = UInt16(truncatingIfNeeded: numbers.next())
            halves[i] = (bits & 0x8fff) | 0x2c00
        }
        return halves
    }

    /// The value of a finite half.
    static func value(_ half: UInt16) -> Float {
        let scaled = Float(bitPattern: UInt32(half & 0x7fff) << 13) * 0x1p112
        return half & 0x8000 == 0 ? scaled : -scaled
    }
}
