import TensorKernelTable

/// Rows of a sequence in memory: row r begins at `origin + r · stride` for every r in the window, up to `high`.
/// Rows outside `0 ..< high` are zero to a convolution.
struct RowSpan {
    let origin: UnsafePointer<Float>
    let high: Int
    /// nil where rows are contiguous. Only convolutions by tiles read other strides.
    var stride: Int?
}

/// Where a convolution writes: row r at `origin + r · stride`, plus the same row of `residual`; with `accumulates`,
/// onto what the output holds, and the sum times `scale`.
struct ConvolutionOutput {
    let origin: UnsafeMutablePointer<Float>
    let stride: Int
    var residual: UnsafePointer<Float>?
    var accumulates = false
    var scale: Float = 1

    /// What a kernel does to sums that begin at output row `row`, `rowStep` rows apart, of `channels` channels.
    func epilogue(
        row: Int, rowStep: Int = 1, channels: Int, bias: UnsafePointer<Float>?, _ activation: Activation
    ) -> Epilogue {
        Epilogue(
            bias: bias, activation: activation, residual: residual.map { $0 + row * channels },
            residualStride: rowStep * channels, accumulates: accumulates, scale: scale,
            out: origin + row * stride, outStride: rowStep * stride)
    }
}

/// A sliding window on the rows of a long sequence: those that were computed and that a reader still needs.
///
/// Rows are numbered from the beginning of the sequence. One owner appends rows; readers release the rows that they need
/// no longer, and memory is bounded by the distance between the two.
package final class RowWindow {
    /// Values per row.
    package let columns: Int
    /// Rows of the whole sequence.
    package let total: Int
    /// Rows computed so far.
    package private(set) var high = 0

    /// Per reader, the first row that it needs. Without readers every row is kept.
    private var needs: [Int] = []
    private var storage: Storage
    /// The row at the beginning of the storage.
    private var base: Int
    /// The end of the rows that were written, published or not.
    private var written: Int

    /// An empty window on a sequence of `total` rows. Up to `lead` rows before the first may be written; they are never
    /// read.
    package init(columns: Int, total: Int, lead: Int = 0) {
        (self.columns, self.total) = (columns, total)
        base = -lead
        written = -lead
        storage = Storage(count: 0)
    }

    /// A window that holds a whole sequence: x `[T, C]`.
    package init(_ x: Tensor) {
        (total, columns) = x.dims2("RowWindow")
        (base, written, high) = (0, total, total)
        storage = x.storage
    }

    /// Whether the whole sequence was computed.
    package var isComplete: Bool { high == total }

    var span: RowSpan {
        RowSpan(origin: UnsafePointer(storage.pointer) - base * columns, high: high)
    }

    /// Floats of memory.
    var capacity: Int { storage.capacity }

    /// A new reader, which needs all rows until it releases them.
    func addReader() -> Int {
        needs.append(0)
        return needs.count - 1
    }

    /// Releases the rows before `row` for this reader.
    func release(_ reader: Int, below row: Int) { needs[reader] = max(needs[reader], row) }

    /// Publishes the rows up to `end` to the readers.
    func extend(to end: Int) { high = max(high, min(end, total)) }

    /// Reserves memory for the rows `start ..< end`; returns the address of row 0, which may lie outside the memory.
    func reserve(from start: Int, upTo end: Int) -> UnsafeMutablePointer<Float> {
        if (end - base) * columns > storage.capacity {
            let kept = min(max(needs.min() ?? base, base), start, written)
            let count = (written - kept) * columns
            let source = storage.pointer + (kept - base) * columns
            let wanted = (end - kept) * columns
            if wanted <= storage.capacity {
                storage.pointer.update(from: source, count: count)
            } else {
                // Half as much again, so that what is kept is seldom moved; not past the end of the sequence.
                let whole = (max(total, end) - kept) * columns
                let fresh = Storage(count: needs.isEmpty ? whole : min(wanted + wanted / 2, whole))
                fresh.pointer.update(from: source, count: count)
                storage = fresh
            }
            base = kept
        }
        written = max(written, end)
        return storage.pointer - base * columns
    }

    /// The sequence, complete and with no reader: `[T, C]`.
    package func whole() -> Tensor {
        precondition(
            isComplete && needs.isEmpty, "RowWindow: \(high) of \(total) rows, \(needs.count) readers")
        return base == 0 ? Tensor(shape: [total, columns], storage: storage) : rows(0..<total)
    }

    /// A copy of rows that are in the window.
    package func rows(_ range: Range<Int>) -> Tensor {
        precondition(
            range.lowerBound >= (needs.min() ?? 0) && range.upperBound <= high,
            "RowWindow: \(range) of \(high)")
        return Tensor([range.count, columns]) { out in
            out.baseAddress?.update(
                from: span.origin + range.lowerBound * columns, count: range.count * columns)
        }
    }
}
