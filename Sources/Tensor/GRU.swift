import TensorKernelTable

/// A GRU over a small vocabulary of inputs (PyTorch: `nn.GRU` after `nn.Embedding`).
///
///     r, z = σ(W_ir x + b_ir + W_hr h + b_hr), …      n = tanh(W_in x + b_in + r ∘ (W_hn h + b_hn))
///     h' = (1 − z) ∘ n + z ∘ h
///
/// The vocabulary is small, so W_i x + b_i is a table with a row per input. A row's result does not depend on how many
/// rows are computed together.
package struct GRU: Sendable {
    /// Size of the state, H.
    package let size: Int
    private let inputs: Tensor
    private let recurrent: PackedMatrix
    private let bias: Tensor

    /// - Parameters:
    ///   - inputs: W_i x + b_i of every input, `[X, 3H]`, gates r z n after one another.
    ///   - recurrent: W_h by columns, `[H, 3H]`.
    ///   - bias: b_h, 3H values. H is a multiple of 16.
    package init(inputs: Tensor, recurrent: Tensor, bias: Tensor) {
        let (H, gates) = recurrent.dims2("GRU.recurrent")
        _ = inputs.dims2("GRU.inputs", columns: gates)
        precondition(
            gates == 3 * H && bias.count == gates && H % 16 == 0,
            "GRU: weights \(recurrent.shape), bias \(bias.shape)")
        (size, self.inputs, self.bias) = (H, inputs, bias)
        self.recurrent = PackedMatrix(transposing: recurrent)
    }

    /// One step of several sequences, on the calling thread.
    /// - Parameters:
    ///   - state: h, a row per sequence; becomes h'. `[T, H]`.
    ///   - x: the input of each sequence, a row of the table.
    package func advance(_ state: inout Tensor, inputs x: [Int]) {
        let (T, H) = state.dims2("GRU", columns: size)
        let known = inputs.shape[0]
        precondition(x.count == T && x.allSatisfy { $0 >= 0 && $0 < known }, "GRU: inputs \(x)")
        let gates = state.linearOnThisThread(recurrent, bias: bias)
        state.mutate { h in
            guard let h = h.baseAddress else { return }
            for (row, input) in x.enumerated() {
                Kernels.table.gruCell(
                    GRUCellArguments(
                        x: inputs.pointer + input * 3 * H, gates: gates.storage.pointer + row * 3 * H,
                        h: h + row * H, out: h + row * H, size: H))
            }
        }
    }
}

extension Tensor {
    /// x · Wᵀ + b as `linear` gives it, on the calling thread alone: for small products in work that its caller has split over threads.
    package func linearOnThisThread(_ weights: PackedMatrix, bias: Tensor? = nil) -> Tensor {
        let (T, K) = dims2("linearOnThisThread", columns: weights.inputs)
        let N = weights.outputs
        precondition(
            bias?.count ?? N == N, "linearOnThisThread: bias of \(bias?.count ?? 0) for \(N) outputs")
        let result = Tensor(uninitialized: [T, N])
        let interleaved = Storage(count: T * K)
        let blocks = RowBlocks(rows: T).blocks
        for block in blocks { block.interleave(pointer, K, into: interleaved.pointer) }
        weights.multiply(
            UnsafePointer(interleaved.pointer), blocks: blocks, columns: 0..<N, bias: bias?.pointer,
            activation: .identity, out: result.storage.pointer)
        return result
    }
}
