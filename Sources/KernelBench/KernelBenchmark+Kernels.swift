import Foundation
import TensorKernelTable

// Kernels other than GEMM.

extension KernelBenchmark {
    private static let steps = 400, headSize = 32

    private static func softmaxed(_ scores: [Double]) -> [Double] {
        let top = scores.max() ?? 0
        let raised = scores.map { exp($0 - top) }
        let total = raised.reduce(0, +)
        return raised.map { $0 / total }
    }

    /// One query of 32 features over 400 keys and values.
    private static func attention(
        _ q: UnsafePointer<Float>, _ key: @escaping (Int) -> Double, _ value: @escaping (Int) -> Double
    ) -> (Int) -> Double {
        { feature in
            let scores = (0..<steps).map { t in
                (0..<headSize).reduce(0) { $0 + Double(q[$1]) * key(t * headSize + $1) } * 0.2
            }
            return zip(softmaxed(scores), 0..<steps).reduce(0) {
                $0 + $1.0 * value($1.1 * headSize + feature)
            }
        }
    }

    private static func arguments<Element>(
        _ q: UnsafePointer<Float>, _ k: UnsafePointer<Element>, _ v: UnsafePointer<Element>,
        _ scratch: UnsafeMutablePointer<Float>, _ out: UnsafeMutablePointer<Float>
    ) -> AttentionHeadArguments<Element> {
        AttentionHeadArguments(
            q: q, k: k, v: v, stride: headSize, steps: steps, headSize: headSize, scale: 0.2,
            scratch: scratch,
            out: out)
    }

    static var attentionHeadF32: KernelBenchmark {
        let values = Double(2 * steps * headSize)
        return KernelBenchmark(
            kernel: "attentionHeadF32", shape: "\(steps) steps of \(headSize)", bytes: values * 4,
            operations: values * 2,
            limit: 1e-5
        ) { table in
            let q = Numbers.buffer(headSize, seed: 6)
            let (k, v) = (
                Numbers.buffer(steps * headSize, seed: 7), Numbers.buffer(steps * headSize, seed: 8)
            )
            let (scores, out) = (Numbers.buffer(steps, seed: 9), Numbers.buffer(headSize, seed: 9))
            return BenchmarkInstance(
                inputs: [q, k, v, scores].map { UnsafeMutableRawPointer($0) }, out: out, count: headSize,
                call: { table.attentionHeadF32(arguments(q, k, v, scores, out)) },
                reference: attention(q, { Double(k[$0]) }, { Double(v[$0]) }))
        }
    }

    static var attentionHeadF16: KernelBenchmark {
        let values = Double(2 * steps * headSize)
        return KernelBenchmark(
            kernel: "attentionHeadF16", shape: "\(steps) steps of \(headSize)", bytes: values * 2,
            operations: values * 2, limit: 1e-5
        ) { table in
            let q = Numbers.buffer(headSize, seed: 6)
            let (k, v) = (halves(steps * headSize, seed: 7), halves(steps * headSize, seed: 8))
            let (scores, out) = (Numbers.buffer(steps, seed: 9), Numbers.buffer(headSize, seed: 9))
            return BenchmarkInstance(
                inputs: [q, scores].map { UnsafeMutableRawPointer($0) }
                    + [k, v].map { UnsafeMutableRawPointer($0) },
                out: out, count: headSize,
                call: { table.attentionHeadF16(arguments(q, k, v, scores, out)) },
                reference: attention(q, { Double(value(k[$0])) }, { Double(value(v[$0])) }))
        }
    }

    static var convolution: KernelBenchmark {
        let (rows, taps, length, panels) = (96, 7, 192, 2)
        let (size, width) = (taps * length * 16, rows * 16)
        let operations = Double(2 * rows * size * panels)
        return KernelBenchmark(
            kernel: "convolution", shape: "\(rows) rows, \(taps) taps of \(length), \(panels) panels",
            bytes: Double(((rows + taps) * length + panels * (size + 2 * width)) * 4),
            operations: operations, limit: 1e-4
        ) { table in
            let x = Numbers.buffer((rows + taps) * length, seed: 10)
            let w = Numbers.buffer(panels * size, seed: 11)
            let out = Numbers.buffer(panels * width, seed: 12)
            return BenchmarkInstance(
                inputs: [x, w].map { UnsafeMutableRawPointer($0) }, out: out, count: panels * width,
                call: {
                    out.update(repeating: 0, count: panels * width)
                    table.convolution(
                        ConvolutionArguments(
                            x: x, rowStride: length, rows: rows, taps: taps, tapStride: length,
                            channels: length, w: w, panelStride: size, panels: panels, acc: out))
                },
                reference: { index in
                    let (panel, r, j) = (index / width, index % width / 16, index % 16)
                    return (0..<taps * length).reduce(0) {
                        $0 + Double(x[r * length + $1]) * Double(w[panel * size + $1 * 16 + j])
                    }
                })
        }
    }

    static var depthwiseConvolution: KernelBenchmark {
        let (rows, taps) = (512, 7)
        return KernelBenchmark(
            kernel: "depthwiseConvolution", shape: "\(rows) rows, \(taps) taps, 16 channels",
            bytes: Double(((rows + taps - 1) * 16 + taps * 16 + rows * 16) * 4),
            operations: Double(2 * rows * taps * 16), limit: 1e-5
        ) { table in
            let x = Numbers.buffer((rows + taps) * 16, seed: 23)
            let w = Numbers.buffer(taps * 16, seed: 24)
            let out = Numbers.buffer(rows * 16, seed: 25)
            return BenchmarkInstance(
                inputs: [x, w].map { UnsafeMutableRawPointer($0) }, out: out, count: rows * 16,
                call: {
                    table.depthwiseConvolution(
                        DepthwiseArguments(
                            x: x, rowStride: 16, rows: rows, taps: taps, tapStride: 16, w: w,
                            weightStride: 16, acc: out))
                },
                reference: { index in
                    (0..<taps).reduce(0) { $0 + Double(x[index + $1 * 16]) * Double(w[index % 16 + $1 * 16]) }
                })
        }
    }

    static var batchedGemm: KernelBenchmark {
        let (rows, length, panels) = (36, 128, 8)
        return KernelBenchmark(
            kernel: "batchedGemm", shape: "\(rows) x \(length) by \(panels * 16) x \(length)",
            bytes: Double((rows * length + panels * 16 * (length + rows)) * 4),
            operations: Double(2 * rows * length * panels * 16), limit: 1e-5
        ) { table in
            let x = Numbers.buffer(rows * length, seed: 13)
            let w = Numbers.buffer(panels * length * 16, seed: 14)
            let out = Numbers.buffer(panels * rows * 16, seed: 15)
            return BenchmarkInstance(
                inputs: [x, w].map { UnsafeMutableRawPointer($0) }, out: out, count: panels * rows * 16,
                call: {
                    table.batchedGemm(
                        BatchedGEMMArguments(
                            m: rows, k: length, a: x, lda: length, w: w, panels: panels, c: out,
                            panelStride: rows * 16))
                },
                reference: { index in
                    let (panel, r, j) = (index / (rows * 16), index / 16 % rows, index % 16)
                    return (0..<length).reduce(0) {
                        $0 + Double(x[r * length + $1]) * Double(w[(panel * length + $1) * 16 + j])
                    }
                })
        }
    }

    private static let count = 8192

    /// A pass over one buffer of 8192 floats, from another.
    private static func pass(
        _ kernel: String, operations: Double, limit: Double = 1e-6,
        _ call: @escaping @Sendable (KernelTable, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void,
        reference: @escaping @Sendable (UnsafePointer<Float>, Int) -> Double
    ) -> KernelBenchmark {
        KernelBenchmark(
            kernel: kernel, shape: "\(count)", bytes: Double(count * 8),
            operations: operations * Double(count),
            limit: limit
        ) { table in
            let (x, out) = (Numbers.buffer(count, seed: 16), Numbers.buffer(count, seed: 17))
            return BenchmarkInstance(
                inputs: [UnsafeMutableRawPointer(x)], out: out, count: count, call: { call(table, x, out) },
                reference: { reference(x, $0) })
        }
    }

    static let columns = 512
    static var layerNorm: KernelBenchmark {
        KernelBenchmark(
            kernel: "layerNorm", shape: "\(count / columns) x \(columns)", bytes: Double(count * 8),
            operations: Double(count * 8), limit: 1e-5
        ) { table in
            let (x, gain) = (Numbers.buffer(count, seed: 16), Numbers.buffer(columns, seed: 18))
            let (bias, out) = (Numbers.buffer(columns, seed: 19), Numbers.buffer(count, seed: 17))
            return BenchmarkInstance(
                inputs: [x, gain, bias].map { UnsafeMutableRawPointer($0) }, out: out, count: count,
                call: {
                    table.layerNorm(
                        LayerNormArguments(
                            x: x, gain: gain, bias: bias, epsilon: 1e-5, rows: count / columns,
                            columns: columns, out: out))
                },
                reference: { index in
                    let row = (0..<columns).map { Double(x[index / columns * columns + $0]) }
                    let mean = row.reduce(0, +) / Double(columns)
                    let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
                    let j = index % columns
                    return (row[j] - mean) / (variance + 1e-5).squareRoot() * Double(gain[j])
                        + Double(bias[j])
                })
        }
    }

    static var softmax: KernelBenchmark {
        pass("softmaxRows", operations: 20, limit: 1e-5) { table, x, out in
            out.update(from: x, count: count)
            table.softmaxRows(
                SoftmaxArguments(x: out, rowStride: columns, rows: count / columns, columns: columns))
        } reference: { x, index in
            softmaxed((0..<columns).map { Double(x[index / columns * columns + $0]) })[index % columns]
        }
    }
    static var gelu: KernelBenchmark {
        pass("biasActivation (GELU)", operations: 30, limit: 2e-6) { table, x, out in
            out.update(from: x, count: count)
            table.biasActivation(
                BiasActivationArguments(x: out, rows: count / columns, columns: columns, activation: .gelu))
        } reference: { x, i in
            0.5 * Double(x[i]) * (1 + erf(Double(x[i]) / 2.0.squareRoot()))
        }
    }
    static var gatedTanh: KernelBenchmark {
        pass("gatedTanh", operations: 40) {
            $0.gatedTanh($1, $1, $2, count)
        } reference: { x, i in
            tanh(Double(x[i])) / (1 + exp(-Double(x[i])))
        }
    }
    static var add: KernelBenchmark {
        pass("add", operations: 1) {
            $0.add($1, $1, $2, count)
        } reference: { x, i in
            2 * Double(x[i])
        }
    }
    static var convertF16ToF32: KernelBenchmark {
        KernelBenchmark(
            kernel: "convertF16ToF32", shape: "\(count)", bytes: Double(count * 6), operations: 0, limit: 0
        ) { table in
            let (x, out) = (halves(count, seed: 20), Numbers.buffer(count, seed: 17))
            return BenchmarkInstance(
                inputs: [UnsafeMutableRawPointer(x)], out: out, count: count,
                call: { table.convertF16ToF32(x, out, count) }, reference: { Double(value(x[$0])) })
        }
    }
    static var convertF32ToF16: KernelBenchmark {
        KernelBenchmark(
            kernel: "convertF32ToF16", shape: "\(count)", bytes: Double(count * 6), operations: 0, limit: 5e-4
        ) {
            table in
            let (x, out) = (Numbers.buffer(count, seed: 21), halves(count, seed: 22))
            return BenchmarkInstance(
                buffers: [UnsafeMutableRawPointer(x), UnsafeMutableRawPointer(out)], count: count,
                call: { table.convertF32ToF16(x, out, count) }, result: { Double(value(out[$0])) },
                reference: { Double(x[$0]) })
        }
    }
}
