import TensorKernelTable

extension Tensor {
    /// Layer normalisation of every row of x (+ residual): x `[T, C]`, gain and bias of C values
    /// (PyTorch: `F.layer_norm`).
    package func layerNormed(gain: Tensor, bias: Tensor, epsilon: Float, residual: Tensor? = nil) -> Tensor {
        let (T, C) = dims2("layerNorm", columns: gain.count)
        precondition(
            bias.count == C && residual?.shape ?? shape == shape, "layerNorm: shapes differ from \(shape)")
        let result = Tensor(uninitialized: shape)
        ThreadPool.shared.parallelFor(T, grain: 8) { range in
            let i = range.lowerBound * C
            Kernels.table.layerNorm(
                LayerNormArguments(
                    x: pointer + i, residual: residual.map { $0.pointer + i }, gain: gain.pointer,
                    bias: bias.pointer, epsilon: epsilon, rows: range.count, columns: C,
                    out: result.storage.pointer + i))
        }
        return result
    }

    /// Softmax of every row, in place (PyTorch: `F.softmax(dim: -1)`).
    package mutating func softmaxRows() {
        let (T, C) = dims2("softmaxRows")
        mutate { out in
            guard let base = out.baseAddress else { return }
            ThreadPool.shared.parallelFor(T, grain: 8) { range in
                Kernels.table.softmaxRows(
                    SoftmaxArguments(
                        x: base + range.lowerBound * C, rowStride: C, rows: range.count, columns: C))
            }
        }
    }
}
