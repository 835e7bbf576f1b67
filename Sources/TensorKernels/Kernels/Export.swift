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
        let rowBlocks = [12, 6, 4, 2, 1]
    #else
        let rowBlocks = [6, 4, 2, 1]
    #endif
    return KernelTable(
        name: name,
        rowBlocks: rowBlocks,
        panelsHalf: panelsHalf,
        panelsFloat: panelsFloat,
        panelsByte: panelsByte,
        convolutionPanel: convolutionPanel,
        epilogue: epilogue,
        biasActivation: biasActivation,
        leakyReLU: leakyReLU,
        add: add,
        scaledSum: scaledSum,
        tanhSigmoid: tanhSigmoid,
        gate: gate,
        mish: mish,
        reparameterize: reparameterize,
        layerNorm: layerNorm,
        softmaxRows: softmaxRows,
        attendHead: attendHead,
        widen: widen
    )
}
