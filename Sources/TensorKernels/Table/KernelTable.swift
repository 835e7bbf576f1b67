/// What an epilogue does to a finished accumulator after the bias is added.
public enum Activation: Int, Sendable {
    /// y = x
    case identity
    /// y = max(x, 0)
    case relu
    /// y = x · Φ(x), the exact (erf) form of GELU
    case gelu
    /// y = tanh x
    case tanh
    /// y = x > 0 ? x : slope · x, with the slope given beside it
    case leakyReLU
}

/// Read-only and writable float pointers, the only arguments kernels work on.
public typealias Floats = UnsafePointer<Float>
/// A writable float buffer.
public typealias MutableFloats = UnsafeMutablePointer<Float>
/// IEEE 754 binary16 values by their bits (`Float16` has no arithmetic on some platforms).
public typealias Halves = UnsafePointer<UInt16>
/// A writable buffer of binary16 values.
public typealias MutableHalves = UnsafeMutablePointer<UInt16>
/// Signed 8-bit weights.
public typealias Bytes = UnsafePointer<Int8>

/// The kernels of one instruction set.
///
/// Every member is a pure function over raw pointers and counts: it allocates nothing, starts no thread and
/// never looks at a shape. One source is compiled per instruction set (see the folder's README); `Tensor`
/// picks one table at start. Strides are in elements.
public struct KernelTable: Sendable {
    /// `baseline`, `avx2`, `avx512` or `neon`, as `GSV_ISA` spells it.
    public let name: String

    /// The `panels…` kernels take 1, 2, 4, 6 or 12 rows at once, up to this many.
    public let largestRowBlock: Int
    /// Numbers of rows that the `panels…` kernels take at once, largest first.
    public var rowBlocks: [Int] { [12, 6, 4, 2, 1].filter { $0 <= largestRowBlock } }
    /// out[r, j] = act(Σₖ x[r, k] · w[j, k] + bias[j]) for one block of rows; the activation is identity or ReLU.
    ///
    /// Weights are in half precision and in panels of sixteen outputs, `[panel][k][16]`, the last one padded.
    /// Arguments: x interleaved as `[k][rows]`, rows (one of `rowBlocks`), w, k, columns (outputs), bias? (readable to
    /// a multiple of 16), activation, out, out row stride.
    public let panelsHalf:
        @Sendable (Floats, Int, Halves, Int, Int, Floats?, Activation, MutableFloats, Int) -> Void
    /// As `panelsHalf`, with weights in single precision.
    public let panelsFloat:
        @Sendable (Floats, Int, Floats, Int, Int, Floats?, Activation, MutableFloats, Int) -> Void
    /// As `panelsFloat`, with weights in the caches: meanwhile a twelve-row block asks for other memory. Arguments after
    /// the activation: first byte, bytes between those asked for with one k and the next, out, out row stride.
    public let panelsWidened:
        @Sendable (
            Floats, Int, Floats, Int, Int, Floats?, Activation, UnsafeRawPointer, Int, MutableFloats, Int
        ) -> Void
    /// As `panelsHalf`, with signed bytes and a scale per output (after w; readable to a multiple of 16).
    public let panelsByte:
        @Sendable (Floats, Int, Bytes, Floats, Int, Int, Floats?, Activation, MutableFloats, Int) -> Void

    /// Sixteen rows of a matrix as one panel: out[k · 16 + r] = rows[r · stride + k].
    /// Arguments: rows, row stride, k, out.
    public let packPanelHalf: @Sendable (Halves, Int, Int, MutableHalves) -> Void
    /// As `packPanelHalf` for single precision.
    public let packPanelFloat: @Sendable (Floats, Int, Int, MutableFloats) -> Void

    /// acc[panel][r, 0..<16] += Σ_tap Σ_c x[r · rowStride + tap · tapStride + c] · w[panel][tap · length + c, 0..<16].
    /// Arguments: x, row stride, rows, taps, length, tap stride, packed w, panel stride, panels, acc (panels × rows × 16,
    /// contiguous).
    public let convolutionPanels:
        @Sendable (Floats, Int, Int, Int, Int, Int, Floats, Int, Int, MutableFloats) -> Void

    /// y = act(acc[r, j] + bias[j]) (+ residual[r, j]); out[r, j] = y, or (out[r, j] + y) · scale when it accumulates.
    /// Arguments: acc (rows × 16), rows, columns ≤ 16, bias?, activation, slope, residual?, residual row stride,
    /// accumulates, scale, out, out row stride.
    public let epilogue:
        @Sendable (
            Floats, Int, Int, Floats?, Activation, Float, Floats?, Int, Bool, Float, MutableFloats, Int
        ) ->
            Void

    /// The real Fourier transform of `points` (16 or 32) rows of sixteen-fold many channels, through a leaky ReLU when
    /// the slope is not 1, as planes: plane p of channel c at out[p · plane stride + c] (see FourierTransforms.swift).
    /// Arguments: points, x, row stride, channels, slope, out, plane stride, scratch (1024 floats).
    public let fourierForward:
        @Sendable (Int, Floats, Int, Int, Float, MutableFloats, Int, MutableFloats) -> Void
    /// out[panel][r, 0..<16] = Σ_c x[r · row stride + c] · w[panel][c, 0..<16] for panels of `rows` × 16.
    /// Arguments: x, row stride, rows, length, packed w, panels, out, out panel stride.
    public let tileProducts: @Sendable (Floats, Int, Int, Int, Floats, Int, MutableFloats, Int) -> Void
    /// The inverse of `fourierForward` for the first rows of a tile, and what is done to a convolution's result:
    /// y = act(inverse + bias) (+ residual); out = y, or (out + y) · scale when it accumulates.
    /// Arguments: points, sums (sixteen channels of a panel side by side), plane stride, panels, panel stride, rows,
    /// bias?, activation (identity or ReLU), residual?, residual row stride, accumulates, scale, out, out row stride,
    /// scratch (1024 floats).
    public let fourierInverse:
        @Sendable (
            Int, Floats, Int, Int, Int, Int, Floats?, Activation, Floats?, Int, Bool, Float, MutableFloats,
            Int,
            MutableFloats
        ) -> Void
    /// Weights of one panel, `[tap][channel][16]`, as planes for `tileProducts`. The table has cos and sin by frequency
    /// and tap, scaled. Arguments: points, w, taps, channels, table, out, plane stride.
    public let fourierWeights:
        @Sendable (Int, Floats, Int, Int, UnsafePointer<Double>, MutableFloats, Int) -> Void
    /// out[r] = act(Σᵢ leaky(x[r · row stride + i]) · w[i] + bias): a convolution with one output channel.
    /// Arguments: x, row stride, rows, length, w, bias, slope, activation (identity or tanh), out.
    public let singleOutput:
        @Sendable (Floats, Int, Int, Int, Floats, Float, Float, Activation, MutableFloats) -> Void

    /// y[i] = act(x[i] + bias[i mod columns]) in place over rows × columns. bias may be absent.
    public let biasActivation: @Sendable (MutableFloats, Int, Int, Floats?, Activation, Float) -> Void
    /// out[i] = leaky_relu(x[i], slope) for count elements; x and out may be the same.
    public let leakyReLU: @Sendable (Floats, Float, MutableFloats, Int) -> Void
    /// out[i] = a[i] + b[i]
    public let add: @Sendable (Floats, Floats, MutableFloats, Int) -> Void
    /// out[i] = a[i] · scale + b[i] · scaleB
    public let scaledSum: @Sendable (Floats, Float, Floats, Float, MutableFloats, Int) -> Void
    /// out[i] = tanh(a[i]) · sigmoid(b[i])
    public let tanhSigmoid: @Sendable (Floats, Floats, MutableFloats, Int) -> Void
    /// out[i] = a[i] · sigmoid(b[i])
    public let gate: @Sendable (Floats, Floats, MutableFloats, Int) -> Void
    /// A step of a gated recurrent unit after its product, for one row: r = σ(x₀ + g₀), z = σ(x₁ + g₁),
    /// n = tanh(x₂ + r · g₂), out = (1 − z) · n + z · h. x and g hold the gates r, z, n after one another.
    /// Arguments: x, g (overwritten), h, out (may be h), size (a multiple of 16).
    public let recurrentUnit: @Sendable (Floats, MutableFloats, Floats, MutableFloats, Int) -> Void
    /// x[i] = x[i] · tanh(softplus(x[i])) in place
    public let mish: @Sendable (MutableFloats, Int) -> Void
    /// out[i] = mean[i] + noise[i] · exp(logDeviation[i]) · scale
    public let reparameterize: @Sendable (Floats, Floats, Floats, Float, MutableFloats, Int) -> Void

    /// Layer normalisation of rows: (x − mean) / √(variance + ε) · gain + bias. With a residual, x + residual
    /// is normalised. Arguments: x, residual?, gain, bias, ε, rows, columns, out.
    public let layerNorm: @Sendable (Floats, Floats?, Floats, Floats, Float, Int, Int, MutableFloats) -> Void
    /// Softmax over each row, in place. Arguments: x, rows, columns, row stride.
    public let softmaxRows: @Sendable (MutableFloats, Int, Int, Int) -> Void
    /// One head of cached attention for one query: out = softmax(q · Kᵀ · scale) · V.
    /// Arguments: q, K, V, time steps, row stride of K and V, head size, scale, scratch (time steps), out.
    public let attendHead:
        @Sendable (Floats, Floats, Floats, Int, Int, Int, Float, MutableFloats, MutableFloats) -> Void
    /// As `attendHead`, with K and V in half precision.
    public let attendHeadHalf:
        @Sendable (Floats, Halves, Halves, Int, Int, Int, Float, MutableFloats, MutableFloats) -> Void
    /// out[i] = Float(half[i]), exactly.
    public let widen: @Sendable (Halves, MutableFloats, Int) -> Void
    /// out[i] = the half nearest to x[i]; beyond ±65504 the largest ones.
    public let narrow: @Sendable (Floats, MutableHalves, Int) -> Void

    /// So many multiply-adds on registers (a multiple of 192), for the machine's limit of arithmetic. The result is theirs.
    public let multiplyAdds: @Sendable (Int) -> Float
    /// Σ x[i] over so many floats (a multiple of 64), for the machine's limit of memory.
    public let readThrough: @Sendable (Floats, Int) -> Float

    /// Builds a table; each kernel variant calls this once.
    public init(
        name: String,
        largestRowBlock: Int,
        panelsHalf:
            @escaping @Sendable (Floats, Int, Halves, Int, Int, Floats?, Activation, MutableFloats, Int) ->
            Void,
        panelsFloat:
            @escaping @Sendable (Floats, Int, Floats, Int, Int, Floats?, Activation, MutableFloats, Int) ->
            Void,
        panelsWidened:
            @escaping @Sendable (
                Floats, Int, Floats, Int, Int, Floats?, Activation, UnsafeRawPointer, Int, MutableFloats, Int
            ) -> Void,
        panelsByte:
            @escaping @Sendable (
                Floats, Int, Bytes, Floats, Int, Int, Floats?, Activation, MutableFloats, Int
            ) -> Void,
        packPanelHalf: @escaping @Sendable (Halves, Int, Int, MutableHalves) -> Void,
        packPanelFloat: @escaping @Sendable (Floats, Int, Int, MutableFloats) -> Void,
        convolutionPanels:
            @escaping @Sendable (Floats, Int, Int, Int, Int, Int, Floats, Int, Int, MutableFloats) -> Void,
        epilogue:
            @escaping @Sendable (
                Floats, Int, Int, Floats?, Activation, Float, Floats?, Int, Bool, Float, MutableFloats, Int
            ) -> Void,
        fourierForward:
            @escaping @Sendable (Int, Floats, Int, Int, Float, MutableFloats, Int, MutableFloats) -> Void,
        tileProducts: @escaping @Sendable (Floats, Int, Int, Int, Floats, Int, MutableFloats, Int) -> Void,
        fourierInverse:
            @escaping @Sendable (
                Int, Floats, Int, Int, Int, Int, Floats?, Activation, Floats?, Int, Bool, Float,
                MutableFloats, Int,
                MutableFloats
            ) -> Void,
        fourierWeights:
            @escaping @Sendable (Int, Floats, Int, Int, UnsafePointer<Double>, MutableFloats, Int) -> Void,
        singleOutput:
            @escaping @Sendable (Floats, Int, Int, Int, Floats, Float, Float, Activation, MutableFloats) ->
            Void,
        biasActivation: @escaping @Sendable (MutableFloats, Int, Int, Floats?, Activation, Float) -> Void,
        leakyReLU: @escaping @Sendable (Floats, Float, MutableFloats, Int) -> Void,
        add: @escaping @Sendable (Floats, Floats, MutableFloats, Int) -> Void,
        scaledSum: @escaping @Sendable (Floats, Float, Floats, Float, MutableFloats, Int) -> Void,
        tanhSigmoid: @escaping @Sendable (Floats, Floats, MutableFloats, Int) -> Void,
        gate: @escaping @Sendable (Floats, Floats, MutableFloats, Int) -> Void,
        recurrentUnit: @escaping @Sendable (Floats, MutableFloats, Floats, MutableFloats, Int) -> Void,
        mish: @escaping @Sendable (MutableFloats, Int) -> Void,
        reparameterize: @escaping @Sendable (Floats, Floats, Floats, Float, MutableFloats, Int) -> Void,
        layerNorm:
            @escaping @Sendable (Floats, Floats?, Floats, Floats, Float, Int, Int, MutableFloats) -> Void,
        softmaxRows: @escaping @Sendable (MutableFloats, Int, Int, Int) -> Void,
        attendHead:
            @escaping @Sendable (
                Floats, Floats, Floats, Int, Int, Int, Float, MutableFloats, MutableFloats
            ) -> Void,
        attendHeadHalf:
            @escaping @Sendable (
                Floats, Halves, Halves, Int, Int, Int, Float, MutableFloats, MutableFloats
            ) -> Void,
        widen: @escaping @Sendable (Halves, MutableFloats, Int) -> Void,
        narrow: @escaping @Sendable (Floats, MutableHalves, Int) -> Void,
        multiplyAdds: @escaping @Sendable (Int) -> Float,
        readThrough: @escaping @Sendable (Floats, Int) -> Float
    ) {
        self.name = name
        self.largestRowBlock = largestRowBlock
        self.panelsHalf = panelsHalf
        self.panelsFloat = panelsFloat
        self.panelsWidened = panelsWidened
        self.panelsByte = panelsByte
        self.packPanelHalf = packPanelHalf
        self.packPanelFloat = packPanelFloat
        self.convolutionPanels = convolutionPanels
        self.epilogue = epilogue
        self.fourierForward = fourierForward
        self.tileProducts = tileProducts
        self.fourierInverse = fourierInverse
        self.fourierWeights = fourierWeights
        self.singleOutput = singleOutput
        self.biasActivation = biasActivation
        self.leakyReLU = leakyReLU
        self.add = add
        self.scaledSum = scaledSum
        self.tanhSigmoid = tanhSigmoid
        self.gate = gate
        self.recurrentUnit = recurrentUnit
        self.mish = mish
        self.reparameterize = reparameterize
        self.layerNorm = layerNorm
        self.softmaxRows = softmaxRows
        self.attendHead = attendHead
        self.attendHeadHalf = attendHeadHalf
        self.widen = widen
        self.narrow = narrow
        self.multiplyAdds = multiplyAdds
        self.readThrough = readThrough
    }
}
