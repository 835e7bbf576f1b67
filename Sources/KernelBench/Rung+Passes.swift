import Foundation
import TensorKernelTable

// Kernels that are no products with a layer's weights.

extension Rung {
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

    static var attendHead: Rung {
        let values = Double(2 * steps * headSize)
        return Rung(
            kernel: "attendHead", shape: "\(steps) steps of \(headSize)", bytes: values * 4,
            operations: values * 2,
            limit: 1e-5
        ) { table in
            let q = Numbers.buffer(headSize, seed: 6)
            let (k, v) = (
                Numbers.buffer(steps * headSize, seed: 7), Numbers.buffer(steps * headSize, seed: 8)
            )
            let (scores, out) = (Numbers.buffer(steps, seed: 9), Numbers.buffer(headSize, seed: 9))
            return RungWork(
                inputs: [q, k, v, scores].map { UnsafeMutableRawPointer($0) }, out: out, count: headSize,
                call: { table.attendHead(q, k, v, steps, headSize, headSize, 0.2, scores, out) },
                twin: attention(q, { Double(k[$0]) }, { Double(v[$0]) }))
        }
    }

    static var attendHeadHalf: Rung {
        let values = Double(2 * steps * headSize)
        return Rung(
            kernel: "attendHeadHalf", shape: "\(steps) steps of \(headSize)", bytes: values * 2,
            operations: values * 2, limit: 1e-5
        ) { table in
            let q = Numbers.buffer(headSize, seed: 6)
            let (k, v) = (halves(steps * headSize, seed: 7), halves(steps * headSize, seed: 8))
            let (scores, out) = (Numbers.buffer(steps, seed: 9), Numbers.buffer(headSize, seed: 9))
            return RungWork(
                inputs: [q, scores].map { UnsafeMutableRawPointer($0) }
                    + [k, v].map { UnsafeMutableRawPointer($0) },
                out: out, count: headSize,
                call: { table.attendHeadHalf(q, k, v, steps, headSize, headSize, 0.2, scores, out) },
                twin: attention(q, { Double(value(k[$0])) }, { Double(value(v[$0])) }))
        }
    }

    static var convolutionPanels: Rung {
        let (rows, taps, length, panels) = (96, 7, 192, 2)
        let (size, width) = (taps * length * 16, rows * 16)
        let operations = Double(2 * rows * size * panels)
        return Rung(
            kernel: "convolutionPanels", shape: "\(rows) rows, \(taps) taps of \(length), \(panels) panels",
            bytes: Double(((rows + taps) * length + panels * (size + 2 * width)) * 4),
            operations: operations,
            limit: 1e-4
        ) { table in
            let x = Numbers.buffer((rows + taps) * length, seed: 10)
            let w = Numbers.buffer(panels * size, seed: 11)
            let out = Numbers.buffer(panels * width, seed: 12)
            return RungWork(
                inputs: [x, w].map { UnsafeMutableRawPointer($0) }, out: out, count: panels * width,
                call: {
                    out.update(repeating: 0, count: panels * width)
                    table.convolutionPanels(x, length, rows, taps, length, length, w, size, panels, out)
                },
                twin: { index in
                    let (panel, r, j) = (index / width, index % width / 16, index % 16)
                    return (0..<taps * length).reduce(0) {
                        $0 + Double(x[r * length + $1]) * Double(w[panel * size + $1 * 16 + j])
                    }
                })
        }
    }

    static var tileProducts: Rung {
        let (rows, length, panels) = (36, 128, 8)
        return Rung(
            kernel: "tileProducts", shape: "\(rows) x \(length) by \(panels * 16) x \(length)",
            bytes: Double((rows * length + panels * 16 * (length + rows)) * 4),
            operations: Double(2 * rows * length * panels * 16), limit: 1e-5
        ) { table in
            let x = Numbers.buffer(rows * length, seed: 13)
            let w = Numbers.buffer(panels * length * 16, seed: 14)
            let out = Numbers.buffer(panels * rows * 16, seed: 15)
            return RungWork(
                inputs: [x, w].map { UnsafeMutableRawPointer($0) }, out: out, count: panels * rows * 16,
                call: { table.tileProducts(x, length, rows, length, w, panels, out, rows * 16) },
                twin: { index in
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
        twin: @escaping @Sendable (UnsafePointer<Float>, Int) -> Double
    ) -> Rung {
        Rung(
            kernel: kernel, shape: "\(count)", bytes: Double(count * 8),
            operations: operations * Double(count),
            limit: limit
        ) { table in
            let (x, out) = (Numbers.buffer(count, seed: 16), Numbers.buffer(count, seed: 17))
            return RungWork(
                inputs: [UnsafeMutableRawPointer(x)], out: out, count: count, call: { call(table, x, out) },
                twin: { twin(x, $0) })
        }
    }

    static let columns = 512
    static var layerNorm: Rung {
        Rung(
            kernel: "layerNorm", shape: "\(count / columns) x \(columns)", bytes: Double(count * 8),
            operations: Double(count * 8), limit: 1e-5
        ) { table in
            let (x, gain) = (Numbers.buffer(count, seed: 16), Numbers.buffer(columns, seed: 18))
            let (bias, out) = (Numbers.buffer(columns, seed: 19), Numbers.buffer(count, seed: 17))
            return RungWork(
                inputs: [x, gain, bias].map { UnsafeMutableRawPointer($0) }, out: out, count: count,
                call: { table.layerNorm(x, nil, gain, bias, 1e-5, count / columns, columns, out) },
                twin: { index in
                    let row = (0..<columns).map { Double(x[index / columns * columns + $0]) }
                    let mean = row.reduce(0, +) / Double(columns)
                    let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
                    let j = index % columns
                    return (row[j] - mean) / (variance + 1e-5).squareRoot() * Double(gain[j])
                        + Double(bias[j])
                })
        }
    }

    static var softmax: Rung {
        pass("softmaxRows", operations: 20, limit: 1e-5) { table, x, out in
            out.update(from: x, count: count)
            table.softmaxRows(out, count / columns, columns, columns)
        } twin: { x, index in
            softmaxed((0..<columns).map { Double(x[index / columns * columns + $0]) })[index % columns]
        }
    }
    static var gelu: Rung {
        pass("biasActivation (GELU)", operations: 30, limit: 2e-6) { table, x, out in
            out.update(from: x, count: count)
            table.biasActivation(out, count / columns, columns, nil, .gelu, 0)
        } twin: { x, i in
            0.5 * Double(x[i]) * (1 + erf(Double(x[i]) / 2.0.squareRoot()))
        }
    }
    static var tanhSigmoid: Rung {
        pass("tanhSigmoid", operations: 40) {
            $0.tanhSigmoid($1, $1, $2, count)
        } twin: { x, i in
            tanh(Double(x[i])) / (1 + exp(-Double(x[i])))
        }
    }
    static var add: Rung {
        pass("add", operations: 1) {
            $0.add($1, $1, $2, count)
        } twin: { x, i in
            2 * Double(x[i])
        }
    }
    static var widen: Rung {
        Rung(kernel: "widen", shape: "\(count)", bytes: Double(count * 6), operations: 0, limit: 0) { table in
            let (x, out) = (halves(count, seed: 20), Numbers.buffer(count, seed: 17))
            return RungWork(
                inputs: [UnsafeMutableRawPointer(x)], out: out, count: count,
                call: { table.widen(x, out, count) }, twin: { Double(value(x[$0])) })
        }
    }
    static var narrow: Rung {
        Rung(kernel: "narrow", shape: "\(count)", bytes: Double(count * 6), operations: 0, limit: 5e-4) {
            table in
            let (x, out) = (Numbers.buffer(count, seed: 21), halves(count, seed: 22))
            return RungWork(
                buffers: [UnsafeMutableRawPointer(x), UnsafeMutableRawPointer(out)], count: count,
                call: { table.narrow(x, out, count) }, result: { Double(value(out[$0])) },
                twin: { Double(x[$0]) })
        }
    }
}
