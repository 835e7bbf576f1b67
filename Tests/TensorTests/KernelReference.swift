import Foundation
import TensorKernelTable

/// Slow, obvious references of the kernels, in double precision.
enum Reference {
    static func linear(_ x: [Float], _ w: [Float], rows: Int, columns: Int, k: Int) -> [Float] {
        var out = [Float](repeating: 0, count: rows * columns)
        for r in 0..<rows {
            for j in 0..<columns {
                var s = 0.0
                for i in 0..<k { s += Double(x[r * k + i]) * Double(w[j * k + i]) }
                out[r * columns + j] = Float(s)
            }
        }
        return out
    }

    /// x `[T, Cin]`, w `[Cout, Cin / groups, K]` → `[T', Cout]`
    static func convolution(
        _ x: [Float], T: Int, inputs: Int, _ w: [Float], outputs: Int, taps: Int, groups: Int, bias: [Float]?,
        stride: Int, dilation: Int, padding: Int
    ) -> [Float] {
        let rows = (T + 2 * padding - (taps - 1) * dilation - 1) / stride + 1
        let (gi, go) = (inputs / groups, outputs / groups)
        var out: [Float] = []
        for r in 0..<rows {
            for o in 0..<outputs {
                var s = Double(bias?[o] ?? 0)
                for tap in 0..<taps {
                    let t = r * stride + tap * dilation - padding
                    guard t >= 0, t < T else { continue }
                    for i in 0..<gi {
                        s += Double(x[t * inputs + o / go * gi + i]) * Double(w[(o * gi + i) * taps + tap])
                    }
                }
                out.append(Float(s))
            }
        }
        return out
    }

    /// x `[T, Cin]`, w `[Cin, Cout, K]` → `[(T − 1)·stride − 2·padding + K, Cout]`
    static func transposedConvolution(
        _ x: [Float], T: Int, inputs: Int, _ w: [Float], outputs: Int, taps: Int, stride: Int, padding: Int,
        bias: [Float]
    ) -> [Float] {
        let rows = (T - 1) * stride - 2 * padding + taps
        var out = [Double](repeating: 0, count: rows * outputs)
        for r in 0..<rows { for o in 0..<outputs { out[r * outputs + o] = Double(bias[o]) } }
        for t in 0..<T {
            for tap in 0..<taps {
                let r = t * stride + tap - padding
                guard r >= 0, r < rows else { continue }
                for o in 0..<outputs {
                    for i in 0..<inputs {
                        out[r * outputs + o] +=
                            Double(x[t * inputs + i]) * Double(w[(i * outputs + o) * taps + tap])
                    }
                }
            }
        }
        return out.map { Float($0) }
    }

    static func activated(_ x: Double, _ activation: Activation) -> Double {
        switch activation {
        case .identity: x
        case .relu: max(x, 0)
        case .geluTanh: 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        case .gelu: 0.5 * x * (1 + erf(x / 2.0.squareRoot()))
        case .tanh: tanh(x)
        case .leakyReLU(let slope): x < 0 ? x * Double(slope) : x
        }
    }

    static func softmax(_ x: [Double]) -> [Double] {
        let top = x.max() ?? 0
        let e = x.map { exp($0 - top) }
        let total = e.reduce(0, +)
        return e.map { $0 / total }
    }

    /// Attention of all heads; `visible(t)` keys are seen by query t.
    static func attention(
        q: [Float], k: [Float], v: [Float], T: Int, S: Int, C: Int, heads: Int, scale: Double,
        relativeKeys: [Float]? = nil, relativeValues: [Float]? = nil, window: Int = 0, visible: (Int) -> Int
    ) -> [Float] {
        let D = C / heads
        var out = [Float](repeating: 0, count: T * C)
        for h in 0..<heads {
            for t in 0..<T {
                var scores: [Double] = []
                for s in 0..<visible(t) {
                    var dot = 0.0
                    for i in 0..<D { dot += Double(q[t * C + h * D + i]) * Double(k[s * C + h * D + i]) }
                    if let relativeKeys, abs(s - t) <= window {
                        for i in 0..<D {
                            dot +=
                                Double(q[t * C + h * D + i]) * Double(relativeKeys[(s - t + window) * D + i])
                        }
                    }
                    scores.append(dot * scale)
                }
                let p = softmax(scores)
                for i in 0..<D {
                    var total = 0.0
                    for s in 0..<p.count {
                        total += p[s] * Double(v[s * C + h * D + i])
                        if let relativeValues, abs(s - t) <= window {
                            total += p[s] * Double(relativeValues[(s - t + window) * D + i])
                        }
                    }
                    out[t * C + h * D + i] = Float(total)
                }
            }
        }
        return out
    }
}
