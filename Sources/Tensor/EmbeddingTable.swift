import TensorKernelTable

/// A table of vectors `[V, C]`, row-major as PyTorch's `nn.Embedding` has it, in the precision of its file.
///
/// Half-precision rows stay where they lie, usually in a memory-mapped checkpoint, and are widened (exactly) when
/// they are looked up.
package struct EmbeddingTable: Sendable {
    /// Number of entries.
    package let rows: Int
    /// Channels of an entry.
    package let columns: Int
    private let elements: Elements

    // The pointers are read-only and `owner` keeps their memory alive.
    private enum Elements: @unchecked Sendable {
        case half(UnsafePointer<UInt16>, owner: any AnyObject & Sendable)
        /// At any alignment: some files don't align their tensors.
        case float(UnsafeRawPointer, owner: any AnyObject & Sendable)
    }

    /// Entries held by a tensor `[V, C]`.
    package init(_ tensor: Tensor) {
        (rows, columns) = tensor.dims2("EmbeddingTable")
        elements = .float(UnsafeRawPointer(tensor.pointer), owner: tensor.storage)
    }

    /// Single-precision entries in memory that `owner` keeps alive and that is never written.
    init(floats: UnsafeRawPointer, rows: Int, columns: Int, owner: any AnyObject & Sendable) {
        (self.rows, self.columns) = (rows, columns)
        elements = .float(floats, owner: owner)
    }

    /// Half-precision entries in memory that `owner` keeps alive and that is never written.
    init(halves: UnsafePointer<UInt16>, rows: Int, columns: Int, owner: any AnyObject & Sendable) {
        (self.rows, self.columns) = (rows, columns)
        elements = .half(halves, owner: owner)
    }

    /// The rows at `indices` as `[indices.count, C]`. Indices outside the table are a programming error: callers
    /// check ids at the entry.
    package func rows(at indices: [Int]) -> Tensor {
        Tensor([indices.count, columns]) { out in
            guard let base = out.baseAddress else { return }
            for (i, index) in indices.enumerated() { copyRow(index, to: base + i * columns) }
        }
    }

    /// Row `index`, widened: writes `columns` floats.
    func copyRow(_ index: Int, to out: UnsafeMutablePointer<Float>) {
        precondition((0..<rows).contains(index), "Embedding: id \(index) of \(rows)")
        switch elements {
        case .half(let base, _): Kernels.table.convertF16ToF32(base + index * columns, out, columns)
        case .float(let base, _):
            let bytes = columns * MemoryLayout<Float>.stride
            UnsafeMutableRawPointer(out).copyMemory(from: base + index * bytes, byteCount: bytes)
        }
    }

    /// All entries as a tensor `[V, C]`.
    package func widened() -> Tensor { rows(at: Array(0..<rows)) }
}
