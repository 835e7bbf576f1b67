/// The kernels of one instruction set.
///
/// Every member is a pure function over raw pointers and counts: it allocates nothing, starts no thread and
/// never looks at a tensor's shape. One source is compiled per instruction set (see the folder's README); `Tensor`
/// picks one table at start. Strides are in elements.
package struct KernelTable: Sendable {
    /// `baseline`, `avx2`, `avx512` or `neon`, as `GSV_ISA` spells it.
    package let name: String

    /// The GEMM kernels take 1, 2, 4, 6 or 12 rows at once, up to this many.
    package let largestRowBlock: Int
    /// Numbers of rows that the GEMM kernels take at once, largest first.
    package var rowBlocks: [Int] { [12, 6, 4, 2, 1].filter { $0 <= largestRowBlock } }

    /// GEMM with weights in half precision, widened exactly.
    package let gemmF16: Kernel<GEMMArguments<UInt16>>
    /// GEMM with weights in single precision.
    package let gemmF32: Kernel<GEMMArguments<Float>>
    /// As `gemmF32`, for weights that are in the caches: a block of twelve rows prefetches other memory,
    /// once per k.
    package let gemmF32Prefetching: @Sendable (GEMMArguments<Float>, PrefetchStream) -> Void
    /// GEMM with signed bytes and a scale per output, `scales` (readable to a multiple of 16).
    package let gemmInt8: @Sendable (GEMMArguments<Int8>, _ scales: Floats) -> Void
    /// One matrix times a batch of panels: the products of a spectral convolution, and attention weights ·
    /// V.
    package let batchedGemm: Kernel<BatchedGEMMArguments>
    /// Packs sixteen rows of half-precision weights as one panel.
    package let packPanelF16: Kernel<PackPanelArguments<UInt16>>
    /// Packs sixteen rows of single-precision weights as one panel.
    package let packPanelF32: Kernel<PackPanelArguments<Float>>

    /// Sums of a convolution over time.
    package let convolution: Kernel<ConvolutionArguments>
    /// Sums of a depthwise convolution of sixteen channels.
    package let depthwiseConvolution: Kernel<DepthwiseArguments>
    /// A convolution with one output channel, epilogue included.
    package let singleOutput: Kernel<SingleOutputArguments>
    /// Bias, activation, residual and accumulation of one panel's sums.
    package let epilogue: Kernel<EpilogueArguments>
    /// Forward transform of a spectral convolution's tile.
    package let fourierForward: Kernel<FourierForwardArguments>
    /// Inverse transform of a spectral convolution's tile, epilogue included.
    package let fourierInverse: Kernel<FourierInverseArguments>
    /// Transform of a spectral convolution's weights, in double precision.
    package let fourierWeights: Kernel<FourierWeightsArguments>

    /// Bias and activation of rows, in place.
    package let biasActivation: Kernel<BiasActivationArguments>
    /// y[i] = x[i] > 0 ? x[i] : slope · x[i]; x and y may be the same.
    package let leakyReLU: @Sendable (_ x: Floats, _ slope: Float, _ y: MutableFloats, _ count: Int) -> Void
    /// y[i] = a[i] + b[i]
    package let add: BinaryKernel
    /// The sum of two scaled vectors.
    package let scaledSum: Kernel<ScaledSumArguments>
    /// y[i] = tanh(a[i]) · sigmoid(b[i]): WaveNet's gate.
    package let gatedTanh: BinaryKernel
    /// y[i] = a[i] · sigmoid(b[i]): GLU.
    package let sigmoidMultiply: BinaryKernel
    /// One step of a GRU cell after its recurrent product.
    package let gruCell: Kernel<GRUCellArguments>
    /// x[i] = x[i] · tanh(softplus(x[i])) in place.
    package let mish: @Sendable (_ x: MutableFloats, _ count: Int) -> Void
    /// The anti-aliased Snake activation of sixteen channels.
    package let snake: Kernel<SnakeArguments>
    /// A draw from normal distributions, with given noise.
    package let reparameterize: Kernel<ReparameterizeArguments>
    /// y[i] = Float(x[i]), exactly.
    package let convertF16ToF32: @Sendable (_ x: Halves, _ y: MutableFloats, _ count: Int) -> Void
    /// y[i] = the half nearest to x[i]; beyond ±65504 the largest finite ones.
    package let convertF32ToF16: @Sendable (_ x: Floats, _ y: MutableHalves, _ count: Int) -> Void

    /// Layer normalisation of rows.
    package let layerNorm: Kernel<LayerNormArguments>
    /// Softmax of rows, in place.
    package let softmaxRows: Kernel<SoftmaxArguments>
    /// One head of cached attention for one query.
    package let attentionHeadF32: Kernel<AttentionHeadArguments<Float>>
    /// As `attentionHeadF32`, with keys and values in half precision.
    package let attentionHeadF16: Kernel<AttentionHeadArguments<UInt16>>

    /// Executes `count` multiply-adds on registers (a multiple of 192) and returns their sum: the machine's
    /// arithmetic limit.
    package let peakFMA: @Sendable (_ count: Int) -> Float
    /// Returns Σ x[i] over `count` floats (a multiple of 64): the machine's bandwidth limit.
    package let streamRead: @Sendable (_ x: Floats, _ count: Int) -> Float

    /// Builds a table; each instruction set's `makeKernelTable` calls this once.
    package init(
        name: String, largestRowBlock: Int,
        gemmF16: @escaping Kernel<GEMMArguments<UInt16>>,
        gemmF32: @escaping Kernel<GEMMArguments<Float>>,
        gemmF32Prefetching: @escaping @Sendable (GEMMArguments<Float>, PrefetchStream) -> Void,
        gemmInt8: @escaping @Sendable (GEMMArguments<Int8>, _ scales: Floats) -> Void,
        batchedGemm: @escaping Kernel<BatchedGEMMArguments>,
        packPanelF16: @escaping Kernel<PackPanelArguments<UInt16>>,
        packPanelF32: @escaping Kernel<PackPanelArguments<Float>>,
        convolution: @escaping Kernel<ConvolutionArguments>,
        depthwiseConvolution: @escaping Kernel<DepthwiseArguments>,
        singleOutput: @escaping Kernel<SingleOutputArguments>,
        epilogue: @escaping Kernel<EpilogueArguments>,
        fourierForward: @escaping Kernel<FourierForwardArguments>,
        fourierInverse: @escaping Kernel<FourierInverseArguments>,
        fourierWeights: @escaping Kernel<FourierWeightsArguments>,
        biasActivation: @escaping Kernel<BiasActivationArguments>,
        leakyReLU:
            @escaping @Sendable (_ x: Floats, _ slope: Float, _ y: MutableFloats, _ count: Int) -> Void,
        add: @escaping BinaryKernel,
        scaledSum: @escaping Kernel<ScaledSumArguments>,
        gatedTanh: @escaping BinaryKernel,
        sigmoidMultiply: @escaping BinaryKernel,
        gruCell: @escaping Kernel<GRUCellArguments>,
        mish: @escaping @Sendable (_ x: MutableFloats, _ count: Int) -> Void,
        snake: @escaping Kernel<SnakeArguments>,
        reparameterize: @escaping Kernel<ReparameterizeArguments>,
        convertF16ToF32: @escaping @Sendable (_ x: Halves, _ y: MutableFloats, _ count: Int) -> Void,
        convertF32ToF16: @escaping @Sendable (_ x: Floats, _ y: MutableHalves, _ count: Int) -> Void,
        layerNorm: @escaping Kernel<LayerNormArguments>,
        softmaxRows: @escaping Kernel<SoftmaxArguments>,
        attentionHeadF32: @escaping Kernel<AttentionHeadArguments<Float>>,
        attentionHeadF16: @escaping Kernel<AttentionHeadArguments<UInt16>>,
        peakFMA: @escaping @Sendable (_ count: Int) -> Float,
        streamRead: @escaping @Sendable (_ x: Floats, _ count: Int) -> Float
    ) {
        (self.name, self.largestRowBlock) = (name, largestRowBlock)
        self.gemmF16 = gemmF16
        self.gemmF32 = gemmF32
        self.gemmF32Prefetching = gemmF32Prefetching
        self.gemmInt8 = gemmInt8
        self.batchedGemm = batchedGemm
        self.packPanelF16 = packPanelF16
        self.packPanelF32 = packPanelF32
        self.convolution = convolution
        self.depthwiseConvolution = depthwiseConvolution
        self.singleOutput = singleOutput
        self.epilogue = epilogue
        self.fourierForward = fourierForward
        self.fourierInverse = fourierInverse
        self.fourierWeights = fourierWeights
        self.biasActivation = biasActivation
        self.leakyReLU = leakyReLU
        self.add = add
        self.scaledSum = scaledSum
        self.gatedTanh = gatedTanh
        self.sigmoidMultiply = sigmoidMultiply
        self.gruCell = gruCell
        self.mish = mish
        self.snake = snake
        self.reparameterize = reparameterize
        self.convertF16ToF32 = convertF16ToF32
        self.convertF32ToF16 = convertF32ToF16
        self.layerNorm = layerNorm
        self.softmaxRows = softmaxRows
        self.attentionHeadF32 = attentionHeadF32
        self.attentionHeadF16 = attentionHeadF16
        self.peakFMA = peakFMA
        self.streamRead = streamRead
    }
}
