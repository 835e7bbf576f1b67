/// Rows of a sequence in memory: row r begins at `origin + r · columns` for every r that is there, up to `high`.
/// Rows outside `0 ..< total` are zero to a convolution.
struct RowSpan {
    let origin: UnsafePointer<Float>
    let high: Int, total: Int
}

/// Where a convolution writes: row r at `origin + r · stride`, plus the same row of `residual`; with `accumulates`,
/// onto what is there, and the sum times `scale`.
struct ConvolutionOutput {
    let origin: UnsafeMutablePointer<Float>
    let stride: Int
    var residual: UnsafePointer<Float>?
    var accumulates = false
    var scale: Float = 1
}

/// The rows of a long sequence that are needed at the moment: those that were made and that somebody still reads.
///
/// Rows are numbered from the beginning of the sequence. Not a value: one owner makes rows at its end and lets go of
/// rows at its beginning; memory is bounded by what lies between.
public final class RowWindow {
    /// Values per row.
    public let columns: Int
    /// Rows of the whole sequence.
    public let total: Int
    /// The rows that are there are `low ..< high`.
    public private(set) var low = 0, high = 0

    private var storage: Storage
    /// The row at the beginning of the storage.
    private var base: Int

    /// An empty window on a sequence of `total` rows. Up to `lead` rows before the first are written and never read.
    public init(columns: Int, total: Int, lead: Int = 0) {
        (self.columns, self.total) = (columns, total)
        base = -lead
        storage = Storage(count: 0)
    }

    /// A window that holds a whole sequence: x `[T, C]`.
    public convenience init(_ x: Tensor) {
        let (T, C) = x.dims2("RowWindow")
        self.init(columns: C, total: T)
        storage = x.storage
        high = T
    }

    /// Whether the whole sequence was made.
    public var isComplete: Bool { high == total }

    var span: RowSpan {
        RowSpan(origin: UnsafePointer(storage.pointer) - base * columns, high: high, total: total)
    }

    /// Makes room for the rows up to `end`, so that they may be written at the returned origin (of row 0).
    func reserve(upTo end: Int) -> UnsafeMutablePointer<Float> {
        if (end - base) * columns > storage.capacity || !isKnownUniquelyReferenced(&storage) {
            let kept = max(low, base)
            let wanted = (end - kept) * columns
            // Moving what is kept to the front costs little when it is the smaller part.
            if isKnownUniquelyReferenced(&storage), wanted <= storage.capacity, kept > base {
                let count = (high - kept) * columns
                if count > 0 {
                    storage.pointer.update(from: storage.pointer + (kept - base) * columns, count: count)
                }
            } else {
                let fresh = Storage(count: wanted + wanted / 2)
                if high > kept {
                    fresh.pointer.update(
                        from: storage.pointer + (kept - base) * columns, count: (high - kept) * columns)
                }
                storage = fresh
            }
            if kept > base || low > base { base = kept }
        }
        return storage.pointer - base * columns
    }

    /// Says that the rows up to `end` are written.
    func extend(to end: Int) { high = max(high, min(end, total)) }

    /// Lets go of the rows before `row`.
    public func discard(below row: Int) { low = max(low, min(row, high)) }

    /// Appends rows: x `[n, C]`.
    public func append(_ x: Tensor) {
        let (n, _) = x.dims2("RowWindow.append", columns: columns)
        precondition(high + n <= total, "RowWindow: \(high) + \(n) rows of \(total)")
        let origin = reserve(upTo: high + n)
        (origin + high * columns).update(from: x.pointer, count: n * columns)
        extend(to: high + n)
    }

    /// A copy of the rows `range`, which must be there.
    public func rows(_ range: Range<Int>) -> Tensor {
        precondition(
            range.lowerBound >= low && range.upperBound <= high, "RowWindow: \(range) of \(low)..<\(high)")
        return Tensor([range.count, columns]) { out in
            out.baseAddress?.update(
                from: span.origin + range.lowerBound * columns, count: range.count * columns)
        }
    }
}
