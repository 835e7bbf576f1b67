import TensorKernelTable

extension Tensor {
    /// Layer normalisation of every row of x (+ residual): x `[T, C]`, gain and bias of C values
    /// (PyTorch: `F.layer_norm`).
    public func layerNormed(gain: Tensor, bias: Tensor, epsilon: Float, residual: Tensor? = nil) -> Tensor {
        let (T, C) = dims2("layerNorm", columns: gain.count)
        precondition(
            bias.count == C && residual?.shape ?? shape == shape, "layerNorm: shapes differ from \(shape)")
        let result = Tensor(uninitialized: shape)
        ThreadPool.shared.parallelFor(T, grain: 8) { range in
            let i = range.lowerBound * C
            Kernels.table.layerNorm(
                pointer + i, residual.map { $0.pointer + i }, gain.pointer, bias.pointer, epsilon,
                range.count, C,
                result.storage.pointer + i)
        }
        return result
    }

    /// Softmax of every row, in place (PyTorch: `F.softmax(dim: -1)`).
    public mutating func softmaxRows() {
        let (T, C) = dims2("softmaxRows")
        mutate { out in
            guard let base = out.baseAddress else { return }
            ThreadPool.shared.parallelFor(T, grain: 8) { range in
                Kernels.table.softmaxRows(base + range.lowerBound * C, range.count, C, C)
            }
        }
    }

    /// Normalisation of every column over time (PyTorch: `nn.GroupNorm` with one channel per group):
    /// x `[T, C]`, gain and bias of C values. Sums are in double precision: T can be long.
    public func columnNormed(gain: Tensor, bias: Tensor, epsilon: Float) -> Tensor {
        let (T, C) = dims2("columnNorm", columns: gain.count)
        let result = Tensor(uninitialized: shape)
        ThreadPool.shared.parallelFor(C, grain: 16) { range in
            var sums = [Double](repeating: 0, count: range.count)
            var squares = sums
            for t in 0..<T {
                let row = pointer + t * C + range.lowerBound
                for i in 0..<range.count { sums[i] += Double(row[i]) }
            }
            for i in 0..<range.count { sums[i] /= Double(max(T, 1)) }
            for t in 0..<T {
                let row = pointer + t * C + range.lowerBound
                for i in 0..<range.count {
                    let d = Double(row[i]) - sums[i]
                    squares[i] += d * d
                }
            }
            let means = sums.map { Float($0) }
            let scales = squares.map { Float(1 / ($0 / Double(max(T, 1)) + Double(epsilon)).squareRoot()) }
            for t in 0..<T {
                let i0 = t * C + range.lowerBound
                for i in 0..<range.count {
                    let c = range.lowerBound + i
                    result.storage.pointer[i0 + i] =
                        (pointer[i0 + i] - means[i]) * scales[i] * gain.pointer[c] + bias.pointer[c]
                }
            }
        }
        return result
    }
}
