extension Tensor {
    /// Rows `range` of a matrix.
    package func rows(_ range: Range<Int>) -> Tensor {
        let (T, C) = dims2("rows")
        precondition(range.lowerBound >= 0 && range.upperBound <= T, "rows: \(range) of \(T)")
        return Tensor([range.count, C]) { out in
            out.baseAddress?.update(from: pointer + range.lowerBound * C, count: range.count * C)
        }
    }

    /// Columns `range` of a matrix.
    package func columns(_ range: Range<Int>) -> Tensor {
        let (T, C) = dims2("columns")
        precondition(range.lowerBound >= 0 && range.upperBound <= C, "columns: \(range) of \(C)")
        return Tensor([T, range.count]) { out in
            guard let base = out.baseAddress else { return }
            for t in 0..<T {
                (base + t * range.count).update(from: pointer + t * C + range.lowerBound, count: range.count)
            }
        }
    }

    /// Matrices with equal columns, one below the other.
    package static func concatenatingRows(_ parts: [Tensor]) -> Tensor {
        guard let first = parts.first else { return Tensor(uninitialized: [0, 0]) }
        let (_, C) = first.dims2("concatenatingRows")
        let T = parts.reduce(0) { $0 + $1.dims2("concatenatingRows", columns: C).0 }
        return Tensor([T, C]) { out in
            var target = out.baseAddress
            for part in parts {
                target?.update(from: part.pointer, count: part.count)
                target = target.map { $0 + part.count }
            }
        }
    }

    /// Two matrices with equal rows, side by side.
    package func appendingColumns(_ other: Tensor) -> Tensor {
        let (T, A) = dims2("appendingColumns")
        let (T2, B) = other.dims2("appendingColumns")
        precondition(T == T2, "appendingColumns: \(shape) and \(other.shape)")
        return Tensor([T, A + B]) { out in
            guard let base = out.baseAddress else { return }
            for t in 0..<T {
                (base + t * (A + B)).update(from: pointer + t * A, count: A)
                (base + t * (A + B) + A).update(from: other.pointer + t * B, count: B)
            }
        }
    }

    /// The transposed matrix `[C, T]`.
    package func transposed() -> Tensor {
        let (T, C) = dims2("transposed")
        return Tensor([C, T]) { out in
            for t in 0..<T { for c in 0..<C { out[c * T + t] = pointer[t * C + c] } }
        }
    }

    /// The columns in reverse order (PyTorch: `torch.flip` over channels).
    package func reversingColumns() -> Tensor {
        let (T, C) = dims2("reversingColumns")
        return Tensor([T, C]) { out in
            for t in 0..<T { for c in 0..<C { out[t * C + c] = pointer[t * C + C - 1 - c] } }
        }
    }

    /// Every row `times` times (PyTorch: nearest interpolation by an integer factor).
    package func repeatingRows(_ times: Int) -> Tensor {
        let (T, C) = dims2("repeatingRows")
        return Tensor([T * times, C]) { out in
            guard let base = out.baseAddress else { return }
            for t in 0..<T * times { (base + t * C).update(from: pointer + t / times * C, count: C) }
        }
    }

    /// Linear interpolation of the rows to `size` rows (PyTorch: `F.interpolate(mode: "linear")` with half-pixel
    /// centres, i.e. `align_corners = false`).
    package func interpolatingRows(to size: Int) -> Tensor {
        let (T, C) = dims2("interpolatingRows")
        precondition(T > 0, "interpolatingRows: no rows")
        let scale = Float(T) / Float(size)
        return Tensor([size, C]) { out in
            for i in 0..<size {
                let position = max(scale * (Float(i) + 0.5) - 0.5, 0)
                let low = min(Int(position), T - 1)
                let high = min(low + 1, T - 1)
                let weight = position - Float(low)
                for c in 0..<C {
                    out[i * C + c] = (1 - weight) * pointer[low * C + c] + weight * pointer[high * C + c]
                }
            }
        }
    }

    /// The mean of the rows, `[1, C]`.
    package func meanOfRows() -> Tensor {
        let (T, C) = dims2("meanOfRows")
        return Tensor([1, C]) { out in
            for c in 0..<C {
                var total: Double = 0
                for t in 0..<T { total += Double(pointer[t * C + c]) }
                out[c] = Float(total / Double(max(T, 1)))
            }
        }
    }
}
