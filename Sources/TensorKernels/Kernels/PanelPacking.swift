import TensorKernelTable

// Sixteen rows of a matrix rewritten as one panel `[k][16]`. Written per element width: see PanelProduct.swift on
// generics.

func packPanelHalf(_ rows: Halves, _ stride: Int, _ k: Int, _ out: MutableHalves) {
    var i = 0
    while i < k {
        let p = rows + i
        let v = SIMD16<UInt16>(
            p[0], p[stride], p[2 * stride], p[3 * stride], p[4 * stride], p[5 * stride], p[6 * stride],
            p[7 * stride], p[8 * stride], p[9 * stride], p[10 * stride], p[11 * stride], p[12 * stride],
            p[13 * stride], p[14 * stride], p[15 * stride])
        UnsafeMutableRawPointer(out + i * 16).storeBytes(of: v, as: SIMD16<UInt16>.self)
        i += 1
    }
}

func packPanelFloat(_ rows: Floats, _ stride: Int, _ k: Int, _ out: MutableFloats) {
    var i = 0
    while i < k {
        let p = rows + i
        store16(
            out + i * 16,
            F16(
                p[0], p[stride], p[2 * stride], p[3 * stride], p[4 * stride], p[5 * stride], p[6 * stride],
                p[7 * stride], p[8 * stride], p[9 * stride], p[10 * stride], p[11 * stride], p[12 * stride],
                p[13 * stride], p[14 * stride], p[15 * stride]))
        i += 1
    }
}
