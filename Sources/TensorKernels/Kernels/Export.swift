package import TensorKernelTable

/// The kernels as this target's instruction set compiles them.
package func makeKernelTable() -> KernelTable {
    #if GSV_BASELINE
        let name = "baseline"
    #elseif GSV_AVX512
        let name = "avx512"
    #elseif GSV_AVX2
        let name = "avx2"
    #else
        let name = "neon"
    #endif
    #if GSV_AVX512
        let largestRowBlock = 12
    #else
        let largestRowBlock = 6
    #endif
    return KernelTable(
        name: name, largestRowBlock: largestRowBlock,
        gemmF16: gemmF16,
        gemmF32: gemmF32,
        gemmF32Prefetching: gemmF32Prefetching,
        gemmInt8: gemmInt8,
        batchedGemm: batchedGemm,
        packPanelF16: packPanelF16,
        packPanelF32: packPanelF32,
        convolution: convolution,
        depthwiseConvolution: depthwiseConvolution,
        singleOutput: singleOutput,
        epilogue: epilogue,
        fourierForward: fourierForward,
        fourierInverse: fourierInverse,
        fourierWeights: fourierWeights,
        biasActivation: biasActivation,
        leakyReLU: leakyReLU,
        add: add,
        scaledSum: scaledSum,
        gatedTanh: gatedTanh,
        sigmoidMultiply: sigmoidMultiply,
        gruCell: gruCell,
        mish: mish,
        snake: snake,
        reparameterize: reparameterize,
        convertF16ToF32: convertF16ToF32,
        convertF32ToF16: convertF32ToF16,
        layerNorm: layerNorm,
        softmaxRows: softmaxRows,
        attentionHeadF32: attentionHeadF32,
        attentionHeadF16: attentionHeadF16,
        peakFMA: peakFMA,
        streamRead: streamRead
    )
}
