public import TensorKernelTable

/// A matrix of weights `[N, K]`, row-major as PyTorch's `nn.Linear` has it, in the precision of its file.
///
/// Half-precision weights are used where they lie, usually in a memory-mapped checkpoint, and widened (exactly)
/// inside the kernels: half the bytes per product, and no second copy in memory.
public struct WeightMatrix: Sendable {
    /// Output features.
    public let rows: Int
    /// Input features.
    public let columns: Int
    let elements: Elements

    // The pointers are read-only and `owner` keeps their memory alive.
    enum Elements: @unchecked Sendable {
        case half(UnsafePointer<UInt16>, owner: any AnyObject & Sendable)
        case float(UnsafePointer<Float>, owner: any AnyObject & Sendable)
    }

    /// Weights held by a tensor.
    public init(_ tensor: Tensor) {
        let (n, k) = tensor.dims2("WeightMatrix")
        (rows, columns) = (n, k)
        elements = .float(tensor.pointer, owner: tensor.storage)
    }

    /// Single-precision weights in memory that `owner` keeps alive and nobody changes.
    public init(floats: UnsafePointer<Float>, rows: Int, columns: Int, owner: any AnyObject & Sendable) {
        (self.rows, self.columns) = (rows, columns)
        elements = .float(floats, owner: owner)
    }

    /// Half-precision weights in memory that `owner` keeps alive and nobody changes.
    public init(halves: UnsafePointer<UInt16>, rows: Int, columns: Int, owner: any AnyObject & Sendable) {
        (self.rows, self.columns) = (rows, columns)
        elements = .half(halves, owner: owner)
    }

    /// Row `index`, widened, for embedding look-ups: writes `columns` floats.
    func copyRow(_ index: Int, to out: UnsafeMutablePointer<Float>) {
        switch elements {
        case .half(let base, _): Kernels.table.widen(base + index * columns, out, columns)
        case .float(let base, _): out.update(from: base + index * columns, count: columns)
        }
    }

    /// The rows at `indices` as `[indices.count, K]` (PyTorch: `nn.Embedding`). Indices outside the table are a
    /// programming error: callers check ids at the entry.
    public func rows(at indices: [Int]) -> Tensor {
        Tensor([indices.count, columns]) { out in
            guard let base = out.baseAddress else { return }
            for (i, index) in indices.enumerated() {
                precondition((0..<rows).contains(index), "Embedding: id \(index) of \(rows)")
                copyRow(index, to: base + i * columns)
            }
        }
    }

    /// All weights as a tensor `[N, K]`.
    public func widened() -> Tensor { rows(at: Array(0..<rows)) }

    /// As `multiply`, for rows enough that widening the weights sixteen columns at a time, once for all rows, is
    /// cheaper than widening them once for three rows each.
    func multiplyMany(
        _ x: UnsafePointer<Float>, rows m: Int, columnRange: Range<Int>, out: UnsafeMutablePointer<Float>,
        outStride: Int
    ) {
        guard case .half(let base, _) = elements, m > 9 else {
            return multiply(
                x, xStride: columns, rows: m, columnRange: columnRange, out: out, outStride: outStride)
        }
        let scratch = Storage(count: 16 * columns)
        var j = columnRange.lowerBound
        while j < columnRange.upperBound {
            let n = min(16, columnRange.upperBound - j)
            Kernels.table.widen(base + j * columns, scratch.pointer, n * columns)
            Kernels.table.linearFloat(
                x, columns, m, UnsafePointer(scratch.pointer), columns, n, columns, out + j, outStride)
            j += n
        }
    }

    /// out[r, j] for rows `x` and the weight rows `columnsRange`: the single-threaded product behind all others.
    func multiply(
        _ x: UnsafePointer<Float>, xStride: Int, rows m: Int, columnRange: Range<Int>,
        out: UnsafeMutablePointer<Float>, outStride: Int
    ) {
        let n = columnRange.count
        switch elements {
        case .half(let base, _):
            Kernels.table.linearHalf(
                x, xStride, m, base + columnRange.lowerBound * columns, columns, n, columns,
                out + columnRange.lowerBound, outStride)
        case .float(let base, _):
            Kernels.table.linearFloat(
                x, xStride, m, base + columnRange.lowerBound * columns, columns, n, columns,
                out + columnRange.lowerBound, outStride)
        }
    }
}

extension Tensor {
    /// Rows that share one pass over the weights: with them the input stays in the second-level cache.
    private static let cacheFloats = 48 * 1024

    /// act(x · Wᵀ + b) for x: `[T, K]` → `[T, N]` (PyTorch: `F.linear`).
    public func linear(_ weights: WeightMatrix, bias: Tensor? = nil, activation: Activation = .identity)
        -> Tensor
    {
        let (T, K) = dims2("linear", columns: weights.columns)
        let N = weights.rows
        precondition(bias?.count ?? N == N, "linear: bias of \(bias?.count ?? 0) for \(N) outputs")
        let result = Tensor(uninitialized: [T, N])
        let rowsPerTile = max(6, Tensor.cacheFloats / max(K, 1) / 3 * 3)
        ThreadPool.shared.parallelFor(N, grain: 16) { range in
            var row = 0
            while row < T {
                let m = min(rowsPerTile, T - row)
                weights.multiplyMany(
                    pointer + row * K, rows: m, columnRange: range, out: result.storage.pointer + row * N,
                    outStride: N)
                row += m
            }
        }
        if bias != nil || activation != .identity {
            ThreadPool.shared.parallelFor(T, grain: 4) { range in
                Kernels.table.biasActivation(
                    result.storage.pointer + range.lowerBound * N, range.count, N, bias?.pointer, activation,
                    0)
            }
        }
        return result
    }
}
