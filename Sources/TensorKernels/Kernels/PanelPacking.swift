import TensorKernelTable

// Sixteen rows of a matrix rewritten as one panel `[k][16]`. Written per element width: a generic
// function would be emitted as a symbol that the variants share.

func packPanelF16(_ arguments: PackPanelArguments<UInt16>) {
    let (rows, stride, k, panel) = (arguments.rows, arguments.rowStride, arguments.k, arguments.panel)
    var i = 0
    while i < k {
        let p = rows + i
        let v = SIMD16<UInt16>(
            p[0], p[stride], p[2 * stride], p[3 * stride], p[4 * stride], p[5 * stride], p[6 * stride],
            p[7 * stride], p[8 * stride], p[9 * stride], p[10 * stride], p[11 * stride], p[12 * stride],
            p[13 * stride], p[14 * stride], p[15 * stride])
        UnsafeMutableRawPointer(panel + i * 16).storeBytes(of: v, as: SIMD16<UInt16>.self)
        i += 1
    }
}

func packPanelF32(_ arguments: PackPanelArguments<Float>) {
    let (rows, stride, k, panel) = (arguments.rows, arguments.rowStride, arguments.k, arguments.panel)
    var i = 0
    while i < k {
        let p = rows + i
        store16(
            panel + i * 16,
            Float32x16(
                p[0], p[stride], p[2 * stride], p[3 * stride], p[4 * stride], p[5 * stride], p[6 * stride],
                p[7 * stride], p[8 * stride], p[9 * stride], p[10 * stride], p[11 * stride], p[12 * stride],
                p[13 * stride], p[14 * stride], p[15 * stride]))
        i += 1
    }
}
