package import TensorKernelTable

/// The weights of a linear layer, packed for the kernels: panels of sixteen outputs, each `[input][16]`, the last
/// one padded with zeros.
///
/// Half precision stays half precision and is widened (exactly) inside the kernels: half the bytes per product.
package struct PackedMatrix: Sendable {
    /// Output features N and input features K of PyTorch's `nn.Linear`.
    package let outputs: Int, inputs: Int
    let elements: Elements

    // The pointers are read-only and `owner` keeps their memory alive.
    enum Elements: @unchecked Sendable {
        case half(UnsafePointer<UInt16>, owner: any AnyObject & Sendable)
        case float(UnsafePointer<Float>, owner: any AnyObject & Sendable)
        /// With one scale per output, readable to a multiple of 16.
        case byte(UnsafePointer<Int8>, scales: Tensor, owner: any AnyObject & Sendable)
    }

    init(outputs: Int, inputs: Int, elements: Elements) {
        (self.outputs, self.inputs, self.elements) = (outputs, inputs, elements)
    }

    /// Packs a matrix `[N, K]`.
    package init(_ tensor: Tensor) {
        let (N, K) = tensor.dims2("PackedMatrix")
        self.init(outputs: N, inputs: K) { (packed: UnsafeMutablePointer<Float>, owner) in
            Self.pack(tensor.pointer, N, K, zero: 0, into: packed, by: Kernels.table.packPanelF32)
            return .float(packed, owner: owner)
        }
    }

    /// Panels in memory of their own, which `fill` writes.
    init<Element: BitwiseCopyable>(
        outputs: Int, inputs: Int,
        fill: (_ panels: UnsafeMutablePointer<Element>, _ owner: any AnyObject & Sendable) -> Elements
    ) {
        let count = Self.panels(outputs) * inputs * 16
        let memory = WeightMemory(byteCount: count * MemoryLayout<Element>.stride)
        let elements = fill(memory.base.bindMemory(to: Element.self, capacity: count), memory)
        self.init(outputs: outputs, inputs: inputs, elements: elements)
    }

    /// Packs a matrix that is given by its columns, `[K, N]`.
    package init(transposing tensor: Tensor) {
        let (K, N) = tensor.dims2("PackedMatrix")
        self.init(outputs: N, inputs: K) { (packed: UnsafeMutablePointer<Float>, owner) in
            Self.pack(columnMajor: UnsafeRawPointer(tensor.pointer), N, K, zero: 0, into: packed)
            return .float(packed, owner: owner)
        }
    }

    /// Whether the weights are read where their file is mapped.
    package var isMapped: Bool {
        switch elements {
        case .half(_, let owner), .float(_, let owner), .byte(_, _, let owner): !(owner is WeightMemory)
        }
    }

    /// Whether the weights are signed bytes with scales.
    package var isQuantized: Bool {
        if case .byte = elements { true } else { false }
    }

    /// Bytes of weights that one product reads.
    package var byteCount: Int { byteCount(outputs: outputs) }

    /// Bytes of the weights of so many outputs, in whole panels.
    func byteCount(outputs: Int) -> Int {
        let padded = Self.panels(outputs) * 16
        switch elements {
        case .half: return padded * inputs * 2
        case .float: return padded * inputs * 4
        case .byte: return padded * (inputs + 4)
        }
    }

    static func panels(_ outputs: Int) -> Int { (outputs + 15) / 16 }

    /// Rewrites a row-major matrix `[N, K]` as panels, several threads at once: whole panels by `packPanel`, the rows
    /// of the last one one by one.
    static func pack<Element: BitwiseCopyable>(
        _ source: UnsafePointer<Element>, _ N: Int, _ K: Int, zero: Element,
        into target: UnsafeMutablePointer<Element>,
        by packPanel: Kernel<PackPanelArguments<Element>>
    ) {
        ThreadPool.shared.parallelFor(panels(N)) { range in
            for panel in range {
                let out = target + panel * K * 16
                let base = source + panel * 16 * K
                let rows = min(16, N - panel * 16)
                if rows == 16 {
                    packPanel(PackPanelArguments(rows: base, rowStride: K, k: K, panel: out))
                    continue
                }
                out.update(repeating: zero, count: K * 16)
                for row in 0..<rows {
                    for k in 0..<K { out[k * 16 + row] = base[row * K + k] }
                }
            }
        }
    }

    /// Rewrites a matrix `[N, K]` that is stored column after column, at any alignment, as panels: each row of a panel
    /// is a part of a column.
    static func pack<Element: BitwiseCopyable>(
        columnMajor source: UnsafeRawPointer, _ N: Int, _ K: Int, zero: Element,
        into target: UnsafeMutablePointer<Element>
    ) {
        let width = MemoryLayout<Element>.stride
        ThreadPool.shared.parallelFor(panels(N)) { range in
            for panel in range {
                let out = target + panel * K * 16
                let rows = min(16, N - panel * 16)
                for k in 0..<K {
                    let line = out + k * 16
                    UnsafeMutableRawPointer(line).copyMemory(
                        from: source + (k * N + panel * 16) * width, byteCount: rows * width)
                    if rows < 16 { (line + rows).update(repeating: zero, count: 16 - rows) }
                }
            }
        }
    }

    /// act(x · Wᵀ + b) for one block of rows and the outputs of `columns` (which begins at a multiple of 16).
    ///
    /// - Parameters:
    ///   - x: interleaved, `[K][rows]`.
    ///   - rows: one of the kernels' `rowBlocks`.
    ///   - out: the first row's output 0; rows are `outStride` floats apart.
    @inline(__always)
    func multiply(
        _ x: UnsafePointer<Float>, rows: Int, columns: Range<Int>, bias: UnsafePointer<Float>?,
        activation: Activation, out: UnsafeMutablePointer<Float>, outStride: Int
    ) {
        let first = columns.lowerBound
        let offset = first * inputs
        let relu = Self.isReLU(activation)
        /// The product with panels from `w` on.
        func gemm<Weight>(_ w: UnsafePointer<Weight>) -> GEMMArguments<Weight> {
            GEMMArguments(
                m: rows, n: columns.count, k: inputs, a: x, w: w + offset, bias: bias.map { $0 + first },
                relu: relu, c: out + first, ldc: outStride)
        }
        Kernels.counters.addWeightBytes(byteCount(outputs: columns.count))
        switch elements {
        case .half(let base, _): Kernels.table.gemmF16(gemm(base))
        case .float(let base, _): Kernels.table.gemmF32(gemm(base))
        case .byte(let base, let scales, _): Kernels.table.gemmInt8(gemm(base), scales.pointer + first)
        }
    }

    /// The kernels fuse ReLU; every other activation is a pass of its own over the result.
    private static func isReLU(_ activation: Activation) -> Bool {
        precondition(
            activation == .identity || activation == .relu, "PackedMatrix: \(activation) is not fused")
        return activation == .relu
    }

    /// The same for all rows of a sequence, in groups of 4 MiB of input at most: they stay in a third-level cache while all
    /// panels pass over them. The caches of processors with AVX-512 are larger.
    func multiply(
        _ x: UnsafePointer<Float>, blocks: [RowBlock], columns: Range<Int>, bias: UnsafePointer<Float>?,
        activation: Activation, out: UnsafeMutablePointer<Float>
    ) {
        let bytes = blocks.last.map { ($0.place + $0.count) * inputs * 4 } ?? 0
        let groups = Kernels.table.largestRowBlock < 12 ? min(bytes / (4 << 20) + 1, blocks.count) : 1
        for group in 0..<groups {
            let part = blocks.count * group / groups..<blocks.count * (group + 1) / groups
            multiply(
                x, group: blocks[part], columns: columns, bias: bias, activation: activation, out: out)
        }
    }

    /// Block by block. Four panels of half-precision weights stay in the second-level
    /// cache while they are multiplied with all rows; for many rows two at a time are widened first, because widening
    /// competes with the FMA units for execution ports, and the next two are prefetched while these are multiplied.
    private func multiply(
        _ x: UnsafePointer<Float>, group blocks: ArraySlice<RowBlock>, columns: Range<Int>,
        bias: UnsafePointer<Float>?, activation: Activation, out: UnsafeMutablePointer<Float>
    ) {
        if case .half(let base, _) = elements, blocks.count >= Self.widenedFrom {
            let pair = columnsAtOnce(Self.pair)
            let widened = Storage(count: pair * inputs)
            // A cache line of the next pair for every k, spread over the blocks.
            let relu = Self.isReLU(activation)
            let step = (64 + blocks.count - 1) / blocks.count
            Kernels.counters.addWeightBytes(byteCount(outputs: columns.count) * blocks.count)
            for j in stride(from: columns.lowerBound, to: columns.upperBound, by: pair) {
                let count = min(pair, columns.upperBound - j)
                Kernels.table.convertF16ToF32(
                    base + j * inputs, widened.pointer, Self.panels(count) * 16 * inputs)
                var next = UnsafeRawPointer(base + (j + pair) * inputs)
                for block in blocks {
                    Kernels.table.gemmF32Prefetching(
                        GEMMArguments(
                            m: block.count, n: count, k: inputs, a: x + block.place * inputs,
                            w: UnsafePointer(widened.pointer), bias: bias.map { $0 + j }, relu: relu,
                            c: out + block.first * outputs + j, ldc: outputs),
                        PrefetchStream(address: next, strideBytes: step))
                    next += step * inputs
                }
            }
            return
        }
        let step = blocks.count >= Self.widenedFrom ? columnsAtOnce(Self.grain) : Self.grain
        var j = columns.lowerBound
        while j < columns.upperBound {
            let end = min(j + step, columns.upperBound)
            for block in blocks {
                multiply(
                    x + block.place * inputs, rows: block.count, columns: j..<end, bias: bias,
                    activation: activation, out: out + block.first * outputs, outStride: outputs)
            }
            j = end
        }
    }

    /// At most `most` outputs whose weights in single precision leave half of a second-level cache of 512 KiB to the rows.
    /// Processors with AVX-512 have larger caches, and their kernels compute two panels at once.
    private func columnsAtOnce(_ most: Int) -> Int {
        guard Kernels.table.largestRowBlock < 12 else { return most }
        return min(most, max(16, (1 << 16) / max(inputs, 1) / 16 * 16))
    }

    /// Outputs of two panels, and the number of row blocks from which widening them is faster.
    private static let pair = 32, widenedFrom = 3

    /// Outputs per share of work: whole panels, four of which a single row computes at once.
    static let grain = 64
}

/// A block of rows that a kernel computes at once.
struct RowBlock {
    /// The first row, and how many there are.
    let first: Int, count: Int
    /// Rows of the blocks before: its offset among interleaved blocks.
    let place: Int

    /// Writes its rows of x `[T, K]` to their place among interleaved blocks, `[K][count]`.
    func interleave(_ x: UnsafePointer<Float>, _ K: Int, into out: UnsafeMutablePointer<Float>) {
        RowBlocks.interleave(x + first * K, rows: count, K, into: out + place * K)
    }
}

/// Rows cut into the kernels' blocks.
struct RowBlocks {
    let blocks: [RowBlock]

    private init(blocks: [RowBlock]) { self.blocks = blocks }

    /// Each row in one block, the largest blocks first.
    init(rows: Int) {
        var blocks: [RowBlock] = []
        var first = 0
        for count in Kernels.table.rowBlocks {
            while rows - first >= count {
                blocks.append(RowBlock(first: first, count: count, place: first))
                first += count
            }
        }
        self.blocks = blocks
    }

    /// Large blocks only: the last one may overlap the one before it. A row's result is the same in every block, and
    /// computing some rows twice is cheaper than small blocks, whose few sums are bound by the latency of the FMA.
    static func covering(_ rows: Int) -> RowBlocks {
        let sizes = Kernels.table.rowBlocks.filter { $0 >= 6 }
        let rest = rows % sizes[0]
        guard rows >= sizes[0], rest > 0, let last = sizes.last(where: { $0 >= rest }) else {
            return RowBlocks(rows: rows)
        }
        let end = RowBlock(first: rows - last, count: last, place: rows - rest)
        return RowBlocks(blocks: RowBlocks(rows: rows - rest).blocks + [end])
    }

    /// Rows of all blocks together.
    var rowCount: Int { blocks.last.map { $0.place + $0.count } ?? 0 }

    /// x `[rows, K]` with each block interleaved: block after block, `[K][count]`.
    static func interleave(
        _ x: UnsafePointer<Float>, rows: Int, _ K: Int, into out: UnsafeMutablePointer<Float>
    ) {
        if rows == 1 {
            out.update(from: x, count: K)
            return
        }
        for row in 0..<rows {
            let line = x + row * K
            var target = out + row
            for k in 0..<K {
                target.pointee = line[k]
                target += rows
            }
        }
    }
}

extension Tensor {
    /// act(x · Wᵀ + b) for x: `[T, K]` → `[T, N]` (PyTorch: `F.linear`).
    package func linear(_ weights: PackedMatrix, bias: Tensor? = nil, activation: Activation = .identity)
        -> Tensor
    {
        let (T, _) = dims2("linear", columns: weights.inputs)
        let N = weights.outputs
        precondition(bias?.count ?? N == N, "linear: bias of \(bias?.count ?? 0) for \(N) outputs")
        let product = GEMM.backend(for: .linear(rows: T, weights.weightType)).linear(
            LinearArguments(x: self, weights: weights, bias: bias, activation: activation))
        ThreadPool.shared.run { product.run($0) }
        return product.result
    }
}
