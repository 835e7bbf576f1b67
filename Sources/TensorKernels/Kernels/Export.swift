public import TensorKernelTable

/// The kernels as this target's instruction set compiles them.
public func makeKernelTable() -> KernelTable {
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
        name: name,
        largestRowBlock: largestRowBlock,
        panelsHalf: panelsHalf,
        panelsFloat: panelsFloat,
        panelsWidened: panelsWidened,
        panelsByte: panelsByte,
        packPanelHalf: packPanelHalf,
        packPanelFloat: packPanelFloat,
        convolutionPanels: convolutionPanels,
        epilogue: epilogue,
        fourierForward: fourierForward,
        tileProducts: tileProducts,
        fourierInverse: fourierInverse,
        fourierWeights: fourierWeights,
        singleOutput: singleOutput,
        biasActivation: biasActivation,
        leakyReLU: leakyReLU,
        add: add,
        scaledSum: scaledSum,
        tanhSigmoid: tanhSigmoid,
        gate: gate,
        recurrentUnit: recurrentUnit,
        mish: mish,
        reparameterize: reparameterize,
        layerNorm: layerNorm,
        softmaxRows: softmaxRows,
        attendHead: attendHead,
        attendHeadHalf: attendHeadHalf,
        widen: widen,
        narrow: narrow,
        multiplyAdds: multiplyAdds,
        readThrough: readThrough
    )
}
