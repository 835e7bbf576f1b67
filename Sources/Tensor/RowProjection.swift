import TensorKernelTable

/// A linear layer for the few rows of a decoding step: x `[B, K]` → `[B, N]`, as `Tensor.linear` computes it, into a
/// tensor that is kept. Its buffers are kept too, so that a call allocates nothing.
package final class RowProjection: ParallelOperation {
    private let matrix: PackedMatrix
    private let bias: Tensor?
    /// Per worker: rows interleaved for the kernels.
    private let interleaved: Storage
    private let ownCount: Int
    /// Blocks of 0, 1, … `maximumRows` rows.
    private let blocks: [RowBlocks]
    /// The arguments of the call that runs.
    private var input: UnsafePointer<Float>?
    private var output: UnsafeMutablePointer<Float>?
    private var rowCount = 0

    /// The layer for at most `maximumRows` rows at a time.
    package init(_ matrix: PackedMatrix, bias: Tensor?, maximumRows: Int) {
        self.matrix = matrix
        self.bias = bias
        ownCount = maximumRows * matrix.inputs
        interleaved = Storage(count: ThreadPool.shared.width * ownCount)
        blocks = (0...maximumRows).map { RowBlocks(rows: $0) }
    }

    /// Writes the results of the first `rows` rows of x `[≥ rows, K]` to those of `out` `[≥ rows, N]`.
    package func callAsFunction(_ x: Tensor, rows: Int, into out: inout Tensor) {
        let (T, _) = x.dims2("RowProjection", columns: matrix.inputs)
        let (capacity, _) = out.dims2("RowProjection.out", columns: matrix.outputs)
        precondition(
            rows <= T && rows <= capacity && rows < blocks.count,
            "RowProjection: \(rows) rows of \(T) into \(capacity), at most \(blocks.count - 1)")
        out.mutate { out in
            (input, output, rowCount) = (x.pointer, out.baseAddress, rows)
            ThreadPool.shared.run(self)
            (input, output, rowCount) = (nil, nil, 0)
        }
    }

    /// One worker's share of a call; see `ParallelOperation`.
    package func run(_ member: ThreadPool.Member) {
        guard let input, let output else { return }
        matrix.multiply(
            input, blocks[rowCount], columns: member.share(of: matrix.outputs, grain: PackedMatrix.grain),
            bias: bias?.pointer, activation: .identity,
            interleaved: interleaved.pointer + member.index * ownCount, out: output)
    }
}

extension PackedMatrix {
    /// act(x · Wᵀ + b) for x `[B, K]` and the outputs of `columns`, block of rows by block of rows.
    ///
    /// - Parameter interleaved: scratch for the rows of a block, K · rows floats.
    @inline(__always)
    func multiply(
        _ x: UnsafePointer<Float>, _ rows: RowBlocks, columns: Range<Int>, bias: UnsafePointer<Float>?,
        activation: Activation, interleaved: UnsafeMutablePointer<Float>, out: UnsafeMutablePointer<Float>
    ) {
        guard !columns.isEmpty else { return }
        for block in rows.blocks {
            var input = x + block.first * inputs
            if block.count > 1 {
                RowBlocks.interleave(input, rows: block.count, inputs, into: interleaved)
                input = UnsafePointer(interleaved)
            }
            multiply(
                input, rows: block.count, columns: columns, bias: bias, activation: activation,
                out: out + block.first * outputs, outStride: outputs)
        }
    }
}

extension Tensor {
    /// Replaces a row of a matrix by a row of another one of as many columns.
    package mutating func setRow(_ row: Int, to source: Int, of other: Tensor) {
        let (T, C) = dims2("setRow")
        let (S, _) = other.dims2("setRow.source", columns: C)
        precondition(row < T && source < S, "setRow: row \(row) of \(T) from row \(source) of \(S)")
        mutate { out in
            for c in 0..<C { out[row * C + c] = other.pointer[source * C + c] }
        }
    }

    /// Copies a row of a matrix to another place.
    package mutating func copyRow(_ source: Int, to row: Int) {
        let (T, C) = dims2("copyRow")
        precondition(row < T && source < T, "copyRow: row \(source) to \(row) of \(T)")
        mutate { out in
            for c in 0..<C { out[row * C + c] = out[source * C + c] }
        }
    }
}

extension EmbeddingTable {
    /// Replaces a row of x `[T, C]` by an entry, widened.
    package func lookUp(_ entry: Int, into row: Int, of x: inout Tensor) {
        let (T, C) = x.dims2("EmbeddingTable.lookUp", columns: columns)
        precondition(row < T, "EmbeddingTable: row \(row) of \(T)")
        x.mutate { out in
            if let base = out.baseAddress { copyRow(entry, to: base + row * C) }
        }
    }
}
