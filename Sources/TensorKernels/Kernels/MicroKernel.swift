import TensorKernelTable

// The one inner loop of GEMM, batched GEMM and convolution: a block of rows × panels of sixteen outputs, accumulated in
// registers over k, every output as one running sum in the same order in every shape: a row's result does not depend on
// the block it is computed in.
//
// A block's shape is a type (`Rows12<PanelPair>`), so that it is unrolled and kept in registers, and everything is inlined
// into the kernels. The types are private: with metadata of a type that other files see come weak symbols (the runtime's
// copy functions), of which the linker keeps one variant's for the whole program. Other files call `stridedBlock`.

// MARK: - Panels: sixteen outputs each

/// Sixteen outputs of each of one, two or four panels: the sums of one row, or the weights of one k.
private protocol PanelVector {
    static var panels: Int { get }
    /// Zeros, or what `acc` holds.
    init(_ acc: StoredSums?, row: Int, panel: Int)
    init<W: PanelWeights>(_ weights: W, _ offset: Int, _ panelStride: Int)
    /// self += w · x
    mutating func multiplyAdd(_ w: Self, _ x: Float32x16)
    func store<S: SumSink>(to sink: S, row: Int, panel: Int)
}

private struct Panel: PanelVector {
    var lanes: Float32x16
    @inline(__always) static var panels: Int { 1 }
    @inline(__always) init(_ acc: StoredSums?, row: Int, panel: Int) {
        lanes = acc.map { load16($0.address(row, panel)) } ?? Float32x16()
    }
    @inline(__always) init<W: PanelWeights>(_ weights: W, _ offset: Int, _ panelStride: Int) {
        lanes = weights.load(offset)
    }
    @inline(__always) mutating func multiplyAdd(_ w: Panel, _ x: Float32x16) { fma(&lanes, w.lanes, x) }
    @inline(__always) func store<S: SumSink>(to sink: S, row: Int, panel: Int) {
        sink.put(lanes, row, panel)
    }
}

/// Twice as many panels: each broadcast of A is used for both halves.
private struct PanelTwice<Half: PanelVector>: PanelVector {
    var low: Half, high: Half
    @inline(__always) static var panels: Int { 2 * Half.panels }
    @inline(__always) init(_ acc: StoredSums?, row: Int, panel: Int) {
        low = Half(acc, row: row, panel: panel)
        high = Half(acc, row: row, panel: panel + Half.panels)
    }
    @inline(__always) init<W: PanelWeights>(_ weights: W, _ offset: Int, _ panelStride: Int) {
        low = Half(weights, offset, panelStride)
        high = Half(weights, offset + Half.panels * panelStride, panelStride)
    }
    @inline(__always) mutating func multiplyAdd(_ w: PanelTwice, _ x: Float32x16) {
        low.multiplyAdd(w.low, x)
        high.multiplyAdd(w.high, x)
    }
    @inline(__always) func store<S: SumSink>(to sink: S, row: Int, panel: Int) {
        low.store(to: sink, row: row, panel: panel)
        high.store(to: sink, row: row, panel: panel + Half.panels)
    }
}

private typealias PanelPair = PanelTwice<Panel>
private typealias PanelQuad = PanelTwice<PanelPair>

// MARK: - Rows

/// The accumulators of a block of rows.
private protocol RowBlock {
    associatedtype Panels: PanelVector
    static var rows: Int { get }
    init(_ acc: StoredSums?, row: Int)
    /// Adds the products of element i of every row, from row `row` of A on.
    mutating func multiplyAdd<A: RowSource>(_ w: Panels, _ a: A, _ i: Int, row: Int)
    func store<S: SumSink>(to sink: S, row: Int)
}

private struct Row<Panels: PanelVector>: RowBlock {
    var sums: Panels
    @inline(__always) static var rows: Int { 1 }
    @inline(__always) init(_ acc: StoredSums?, row: Int) { sums = Panels(acc, row: row, panel: 0) }
    @inline(__always) mutating func multiplyAdd<A: RowSource>(_ w: Panels, _ a: A, _ i: Int, row: Int) {
        sums.multiplyAdd(w, splat(a.element(row, i)))
    }
    @inline(__always) func store<S: SumSink>(to sink: S, row: Int) {
        sums.store(to: sink, row: row, panel: 0)
    }
}

/// One block above another.
private struct Stacked<Upper: RowBlock, Lower: RowBlock>: RowBlock where Upper.Panels == Lower.Panels {
    var upper: Upper, lower: Lower
    @inline(__always) static var rows: Int { Upper.rows + Lower.rows }
    @inline(__always) init(_ acc: StoredSums?, row: Int) {
        upper = Upper(acc, row: row)
        lower = Lower(acc, row: row + Upper.rows)
    }
    @inline(__always) mutating func multiplyAdd<A: RowSource>(
        _ w: Upper.Panels, _ a: A, _ i: Int, row: Int
    ) {
        upper.multiplyAdd(w, a, i, row: row)
        lower.multiplyAdd(w, a, i, row: row + Upper.rows)
    }
    @inline(__always) func store<S: SumSink>(to sink: S, row: Int) {
        upper.store(to: sink, row: row)
        lower.store(to: sink, row: row + Upper.rows)
    }
}

private typealias Rows2<Panels: PanelVector> = Stacked<Row<Panels>, Row<Panels>>
private typealias Rows4<Panels: PanelVector> = Stacked<Rows2<Panels>, Rows2<Panels>>
private typealias Rows6<Panels: PanelVector> = Stacked<Rows4<Panels>, Rows2<Panels>>
private typealias Rows12<Panels: PanelVector> = Stacked<Rows6<Panels>, Rows6<Panels>>

extension RowBlock {
    /// Adds `k` products to every sum; panels of weights are `panelStride` elements apart.
    @inline(__always)
    fileprivate mutating func accumulate<A: RowSource, W: PanelWeights, P: Prefetch>(
        k: Int, _ a: A, _ weights: W, panelStride: Int, _ prefetch: P
    ) {
        var ahead = prefetch
        var i = 0
        while i < k {
            ahead.next(i)
            multiplyAdd(Panels(weights, i * 16, panelStride), a, i, row: 0)
            i += 1
        }
    }
}

// MARK: - Operands

/// Elements of A by row of the block and k.
private protocol RowSource {
    func element(_ row: Int, _ i: Int) -> Float
}

/// Rows interleaved as `[k][rows]`.
private struct InterleavedRows: RowSource {
    let a: Floats, rows: Int
    @inline(__always) func element(_ row: Int, _ i: Int) -> Float { (a + i * rows)[row] }
}

/// Rows at a distance. Two base pointers and five multiples of the distance address twelve rows: with a pointer per row
/// the integer registers would not suffice.
private struct StridedRows: RowSource {
    let a: Floats, stride: Int
    @inline(__always) func element(_ row: Int, _ i: Int) -> Float {
        (row < 6 ? a : a + 6 * stride)[i + row % 6 * stride]
    }
}

/// Weights in panels, in one precision.
private protocol PanelWeights {
    /// Bytes of sixteen weights.
    static var lineBytes: Int { get }
    var address: UnsafeRawPointer { get }
    /// The weights from an offset on.
    func from(_ offset: Int) -> Self
    /// The sixteen weights at an offset, in single precision.
    func load(_ offset: Int) -> Float32x16
}

private struct Float32Panels: PanelWeights {
    let w: Floats
    @inline(__always) static var lineBytes: Int { 64 }
    @inline(__always) var address: UnsafeRawPointer { UnsafeRawPointer(w) }
    @inline(__always) func from(_ offset: Int) -> Self { Self(w: w + offset) }
    @inline(__always) func load(_ offset: Int) -> Float32x16 { load16(w + offset) }
}

/// Half precision, widened in registers.
private struct Float16Panels: PanelWeights {
    let w: Halves
    @inline(__always) static var lineBytes: Int { 32 }
    @inline(__always) var address: UnsafeRawPointer { UnsafeRawPointer(w) }
    @inline(__always) func from(_ offset: Int) -> Self { Self(w: w + offset) }
    @inline(__always) func load(_ offset: Int) -> Float32x16 { load16(w + offset) }
}

/// Signed bytes; the scales are applied to the finished sums.
private struct Int8Panels: PanelWeights {
    let w: Bytes
    @inline(__always) static var lineBytes: Int { 16 }
    @inline(__always) var address: UnsafeRawPointer { UnsafeRawPointer(w) }
    @inline(__always) func from(_ offset: Int) -> Self { Self(w: w + offset) }
    @inline(__always) func load(_ offset: Int) -> Float32x16 { load16(w + offset) }
}

/// Where sums go.
private protocol SumSink {
    func put(_ sums: Float32x16, _ row: Int, _ panel: Int)
}

/// Sums in memory: rows of sixteen, panels at a distance.
private struct StoredSums: SumSink {
    let acc: MutableFloats, panelStride: Int
    @inline(__always) func address(_ row: Int, _ panel: Int) -> MutableFloats {
        acc + panel * panelStride + row * 16
    }
    @inline(__always) func put(_ sums: Float32x16, _ row: Int, _ panel: Int) {
        store16(address(row, panel), sums)
    }
}

// MARK: - Prefetching

/// What is prefetched before the products of each k.
private protocol Prefetch {
    mutating func next(_ i: Int)
}

private struct NoPrefetch: Prefetch {
    @inline(__always) mutating func next(_ i: Int) {}
}

/// One line of other memory for every k.
private struct StreamPrefetch: Prefetch {
    var stream: PrefetchStream
    @inline(__always) mutating func next(_ i: Int) {
        prefetch(stream.address)
        stream.address += stream.strideBytes
    }
}

/// The weights that will be read `distance` steps later. The hardware's prefetcher ends with every page, and a panel is a
/// page or a few; at the end of a block's panels come those of the next block.
private struct AheadPrefetch<Block: RowBlock, W: PanelWeights>: Prefetch {
    @inline(__always) static var distance: Int { 64 }
    var address: UnsafeRawPointer
    let k: Int
    @inline(__always) init(_ w: W, k: Int) {
        (self.k, address) = (k, w.address + Self.distance * W.lineBytes)
    }
    @inline(__always) mutating func next(_ i: Int) {
        let (panels, panelBytes) = (Block.Panels.panels, k * W.lineBytes)
        // A large block computes long enough on its last lines for the hardware to follow.
        if panels > 1, Block.rows < 6, i == k - Self.distance { address += (panels - 1) * panelBytes }
        prefetch(address)
        if panels > 1 { prefetch(address + panelBytes) }
        if panels > 2 {
            prefetch(address + 2 * panelBytes)
            prefetch(address + 3 * panelBytes)
        }
        address += W.lineBytes
    }
}

// MARK: - Rows at a distance: convolution and batched GEMM

/// The sums of one block of a convolution over time, or with one tap of a matrix product; the arguments begin at the
/// block's first row and panel.
///
/// - Parameters:
///   - rows, panels: the block's shape, as literals: after inlining nothing of the choice is left.
///   - fromZero: whether the sums begin at zero rather than at what `acc` holds.
@_transparent func stridedBlock(
    rows: Int, panels: Int, _ c: ConvolutionArguments, accPanelStride: Int, fromZero: Bool,
    prefetching stream: PrefetchStream? = nil
) {
    let acc = StoredSums(acc: c.acc, panelStride: accPanelStride)
    let initial = fromZero ? nil : acc
    #if GSV_AVX512
        switch (rows, panels) {
        case (12, 2):
            let sums = Rows12<PanelPair>(initial, row: 0)
            if let stream { return strided(sums, c, acc, StreamPrefetch(stream: stream)) }
            return strided(sums, c, acc, NoPrefetch())
        case (12, 1): return strided(Rows12<Panel>(initial, row: 0), c, acc, NoPrefetch())
        case (6, 2): return strided(Rows6<PanelPair>(initial, row: 0), c, acc, NoPrefetch())
        case (2, 2): return strided(Rows2<PanelPair>(initial, row: 0), c, acc, NoPrefetch())
        case (1, 2): return strided(Row<PanelPair>(initial, row: 0), c, acc, NoPrefetch())
        default: break
        }
    #endif
    switch rows {
    case 6: strided(Rows6<Panel>(initial, row: 0), c, acc, NoPrefetch())
    case 2: strided(Rows2<Panel>(initial, row: 0), c, acc, NoPrefetch())
    default: strided(Row<Panel>(initial, row: 0), c, acc, NoPrefetch())
    }
}

@_transparent private func strided<Block: RowBlock, P: Prefetch>(
    _ initial: Block, _ c: ConvolutionArguments, _ acc: StoredSums, _ prefetch: P
) {
    var sums = initial
    var tap = 0
    while tap < c.taps {
        sums.accumulate(
            k: c.channels, StridedRows(a: c.x + tap * c.tapStride, stride: c.rowStride),
            Float32Panels(w: c.w + tap * c.channels * 16), panelStride: c.panelStride, prefetch)
        tap += 1
    }
    sums.store(to: acc, row: 0)
}

// MARK: - GEMM: weights are read front to back once per block of rows

/// Finished sums: scale, bias and ReLU, and rows of C. The last panel may be narrower than sixteen.
private struct GEMMSink: SumSink {
    let n: Int, scales: Floats?, bias: Floats?, relu: Bool, c: MutableFloats, ldc: Int
    var firstPanel = 0

    @inline(__always) func put(_ sums: Float32x16, _ row: Int, _ panel: Int) {
        let column = (firstPanel + panel) * 16
        var y = sums
        if let scales { y *= load16(scales + column) }
        if let bias { y += load16(bias + column) }
        if relu { y.replace(with: splat(0), where: y .< splat(0)) }
        let target = c + row * ldc + column
        if column + 16 <= n {
            store16(target, y)
        } else {
            var i = 0
            while column + i < n {
                target[i] = y[i]
                i += 1
            }
        }
    }
}

/// The loop over the panels for one block of rows.
private struct PanelLoop<Weights: PanelWeights> {
    let k: Int, panels: Int, a: Floats, weights: Weights
    var sink: GEMMSink

    @inline(__always) init<Weight>(_ g: GEMMArguments<Weight>, _ weights: Weights, scales: Floats?) {
        (k, panels, a, self.weights) = (g.k, (g.n + 15) / 16, g.a, weights)
        sink = GEMMSink(n: g.n, scales: scales, bias: g.bias, relu: g.relu, c: g.c, ldc: g.ldc)
    }

    /// All blocks of this shape that the remaining panels fill, with the weights prefetched.
    @inline(__always) mutating func run<Block: RowBlock>(_ shape: Block.Type) {
        while sink.firstPanel + Block.Panels.panels <= panels {
            block(shape, AheadPrefetch<Block, Weights>(weights.from(sink.firstPanel * k * 16), k: k))
        }
    }

    /// The same with another prefetch, which begins anew with every block.
    @inline(__always) mutating func run<Block: RowBlock, P: Prefetch>(_ shape: Block.Type, _ prefetch: P) {
        while sink.firstPanel + Block.Panels.panels <= panels { block(shape, prefetch) }
    }

    @inline(__always) private mutating func block<Block: RowBlock, P: Prefetch>(
        _ shape: Block.Type, _ prefetch: P
    ) {
        var sums = Block(nil, row: 0)
        sums.accumulate(
            k: k, InterleavedRows(a: a, rows: Block.rows), weights.from(sink.firstPanel * k * 16),
            panelStride: k * 16, prefetch)
        sums.store(to: sink, row: 0)
        sink.firstPanel += Block.Panels.panels
    }
}

/// One row and two have too few sums per panel to hide the latency of an FMA, and with AVX-512 so have six: they take
/// several panels at a time. Six rows of a panel fill twelve of AVX2's sixteen registers.
@inline(__always) private func gemm<Weight, Weights: PanelWeights>(
    _ g: GEMMArguments<Weight>, _ weights: Weights, scales: Floats? = nil
) {
    var loop = PanelLoop(g, weights, scales: scales)
    switch g.m {
    case 1:
        loop.run(Row<PanelQuad>.self)
        loop.run(Row<Panel>.self)
    case 2:
        loop.run(Rows2<PanelPair>.self)
        loop.run(Rows2<Panel>.self)
    case 4: loop.run(Rows4<Panel>.self)
    case 6:
        #if GSV_AVX512
            loop.run(Rows6<PanelPair>.self)
        #endif
        loop.run(Rows6<Panel>.self)
    default:
        #if GSV_AVX512
            // Converted weights of two panels beside 24 sums would be spilled.
            if Weights.lineBytes == 64 { loop.run(Rows12<PanelPair>.self, NoPrefetch()) }
            loop.run(Rows12<Panel>.self, NoPrefetch())
        #endif
    }
}

func gemmF16(_ g: GEMMArguments<UInt16>) { gemm(g, Float16Panels(w: g.w)) }
func gemmF32(_ g: GEMMArguments<Float>) { gemm(g, Float32Panels(w: g.w)) }
func gemmInt8(_ g: GEMMArguments<Int8>, _ scales: Floats) { gemm(g, Int8Panels(w: g.w), scales: scales) }

/// The weights are in the caches: large blocks prefetch none of them. What is left of the rows is not worth more code.
func gemmF32Prefetching(_ g: GEMMArguments<Float>, _ stream: PrefetchStream) {
    guard g.m >= 6 else { return gemmF32(g) }
    var loop = PanelLoop(g, Float32Panels(w: g.w), scales: nil)
    #if GSV_AVX512
        if g.m == 12 {
            loop.run(Rows12<PanelPair>.self, StreamPrefetch(stream: stream))
            return loop.run(Rows12<Panel>.self, NoPrefetch())
        }
        loop.run(Rows6<PanelPair>.self, NoPrefetch())
    #endif
    loop.run(Rows6<Panel>.self, NoPrefetch())
}
