import Foundation

// Operations of diffusion transformers.

extension Tensor {
    /// self + y, every column of y times that of `gate`: x, y `[T, C]`, gate C values.
    package func adding(_ y: Tensor, gate: Tensor) -> Tensor {
        let (T, C) = dims2("adding")
        precondition(
            y.shape == shape && gate.count == C, "adding: \(shape), \(y.shape), gate of \(gate.count)")
        let result = Tensor(uninitialized: shape)
        let out = result.storage.pointer
        ThreadPool.shared.parallelFor(T, grain: 16) { rows in
            for t in rows {
                for c in t * C..<(t + 1) * C { out[c] = pointer[c] + gate.pointer[c - t * C] * y.pointer[c] }
            }
        }
        return result
    }

    /// Rotary position embedding of the first columns: pairs of columns (2i, 2i + 1) of row t turn by an angle; the other
    /// columns stay (PyTorch: `apply_rotary_pos_emb` of x-transformers, before heads are split).
    ///
    /// - Parameter rotation: cosine and sine of the angles, `[T, 2 · pairs]`, as `rotations` makes them.
    package func rotated(_ rotation: Tensor) -> Tensor {
        let (T, C) = dims2("rotated")
        let (rows, width) = rotation.dims2("rotated")
        precondition(rows == T && width <= C, "rotated: [\(rows), \(width)] for [\(T), \(C)]")
        var result = self
        result.mutate { out in
            for t in 0..<T {
                for i in stride(from: 0, to: width, by: 2) {
                    let (cosine, sine) = (
                        rotation.pointer[t * width + i], rotation.pointer[t * width + i + 1]
                    )
                    let (a, b) = (out[t * C + i], out[t * C + i + 1])
                    out[t * C + i] = a * cosine - b * sine
                    out[t * C + i + 1] = b * cosine + a * sine
                }
            }
        }
        return result
    }

    /// Cosine and sine of t · frequencies[i], side by side: `[rows, 2 · frequencies.count]`.
    package static func rotations(rows: Int, frequencies: [Float]) -> Tensor {
        let width = 2 * frequencies.count
        return Tensor([rows, width]) { out in
            for t in 0..<rows {
                for (i, frequency) in frequencies.enumerated() {
                    let angle = Double(Float(t) * frequency)
                    out[t * width + 2 * i] = Float(cos(angle))
                    out[t * width + 2 * i + 1] = Float(sin(angle))
                }
            }
        }
    }

    /// x · (1 + γ · n) + β, where n is the norm over time of a column, divided by the mean norm of all columns
    /// (PyTorch: ConvNeXt V2's `GRN`): x `[T, C]`, γ and β C values.
    package func globallyResponseNormalized(gain: Tensor, bias: Tensor) -> Tensor {
        let (T, C) = dims2("GRN", columns: gain.count)
        var squares = [Double](repeating: 0, count: C)
        for t in 0..<T {
            for c in 0..<C { squares[c] += Double(pointer[t * C + c]) * Double(pointer[t * C + c]) }
        }
        let norms = squares.map { Float($0.squareRoot()) }
        let mean = norms.reduce(0, +) / Float(C) + 1e-6
        var result = self
        result.mutate { out in
            for t in 0..<T {
                for c in 0..<C {
                    let x = out[t * C + c]
                    out[t * C + c] = gain.pointer[c] * (x * (norms[c] / mean)) + bias.pointer[c] + x
                }
            }
        }
        return result
    }

    /// Nearest interpolation of the rows by a factor: `[T, C]` → `[⌊T · factor⌋, C]` (PyTorch: `F.interpolate` with
    /// `scale_factor`, whose positions are computed in single precision).
    package func interpolatingRowsToNearest(factor: Double) -> Tensor {
        let (T, C) = dims2("nearest")
        let rows = Int((Double(T) * factor).rounded(.down))
        let step = Float(1 / factor)
        let result = Tensor(uninitialized: [rows, C])
        for row in 0..<rows {
            let source = min(Int(Float(row) * step), T - 1)
            (result.storage.pointer + row * C).update(from: pointer + source * C, count: C)
        }
        return result
    }

    /// The rows, then zeros up to `count` rows.
    package func paddingRows(to count: Int) -> Tensor {
        let (T, C) = dims2("paddingRows")
        guard count > T else { return self }
        return .concatenatingRows([self, Tensor(repeating: 0, [count - T, C])])
    }
}
