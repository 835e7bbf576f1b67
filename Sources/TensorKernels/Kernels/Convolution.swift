import TensorKernelTable

// Convolution as a product of shifted rows with packed weights: time is the row axis, so tap t of output row r
// is input row r·stride + t·dilation, read in place. Sixteen output channels are accumulated at once: six rows of them fill twelve of AVX2's sixteen
// registers, twelve rows keep both FMA pipes of AVX-512 busy.

/// `rows` accumulator rows at once; the sum over taps and channels runs in the same order for every row count.
func convolutionPanel(
    _ x: Floats, _ rowStride: Int, _ rows: Int, _ taps: Int, _ length: Int, _ tapStride: Int, _ w: Floats,
    _ acc: MutableFloats
) {
    var r = 0
    #if GSV_AVX512
        while r + 12 <= rows {
            twelveRows(x + r * rowStride, rowStride, taps, length, tapStride, w, acc + r * 16)
            r += 12
        }
    #endif
    while r + 6 <= rows {
        sixRows(x + r * rowStride, rowStride, taps, length, tapStride, w, acc + r * 16)
        r += 6
    }
    while r + 2 <= rows {
        twoRows(x + r * rowStride, rowStride, taps, length, tapStride, w, acc + r * 16)
        r += 2
    }
    if r < rows {
        oneRow(x + r * rowStride, taps, length, tapStride, w, acc + r * 16)
    }
}

@inline(__always) private func sixRows(
    _ x: Floats, _ rowStride: Int, _ taps: Int, _ length: Int, _ tapStride: Int, _ w: Floats,
    _ acc: MutableFloats
) {
    var a0 = load16(acc)
    var a1 = load16(acc + 16)
    var a2 = load16(acc + 32)
    var a3 = load16(acc + 48)
    var a4 = load16(acc + 64)
    var a5 = load16(acc + 80)
    var weights = w
    var tap = 0
    while tap < taps {
        let x0 = x + tap * tapStride
        let x1 = x0 + rowStride
        let x2 = x1 + rowStride
        let x3 = x2 + rowStride
        let x4 = x3 + rowStride
        let x5 = x4 + rowStride
        var i = 0
        while i < length {
            let v = load16(weights)
            fma(&a0, v, splat(x0[i]))
            fma(&a1, v, splat(x1[i]))
            fma(&a2, v, splat(x2[i]))
            fma(&a3, v, splat(x3[i]))
            fma(&a4, v, splat(x4[i]))
            fma(&a5, v, splat(x5[i]))
            weights += 16
            i += 1
        }
        tap += 1
    }
    store16(acc, a0)
    store16(acc + 16, a1)
    store16(acc + 32, a2)
    store16(acc + 48, a3)
    store16(acc + 64, a4)
    store16(acc + 80, a5)
}

@inline(__always) private func twoRows(
    _ x: Floats, _ rowStride: Int, _ taps: Int, _ length: Int, _ tapStride: Int, _ w: Floats,
    _ acc: MutableFloats
) {
    var a0 = load16(acc)
    var a1 = load16(acc + 16)
    var weights = w
    var tap = 0
    while tap < taps {
        let x0 = x + tap * tapStride
        let x1 = x0 + rowStride
        var i = 0
        while i < length {
            let v = load16(weights)
            fma(&a0, v, splat(x0[i]))
            fma(&a1, v, splat(x1[i]))
            weights += 16
            i += 1
        }
        tap += 1
    }
    store16(acc, a0)
    store16(acc + 16, a1)
}

@inline(__always) private func oneRow(
    _ x: Floats, _ taps: Int, _ length: Int, _ tapStride: Int, _ w: Floats, _ acc: MutableFloats
) {
    var a = load16(acc)
    var weights = w
    var tap = 0
    while tap < taps {
        let x0 = x + tap * tapStride
        var i = 0
        while i < length {
            fma(&a, load16(weights), splat(x0[i]))
            weights += 16
            i += 1
        }
        tap += 1
    }
    store16(acc, a)
}

#if GSV_AVX512
    @inline(__always) private func twelveRows(
        _ x: Floats, _ rowStride: Int, _ taps: Int, _ length: Int, _ tapStride: Int, _ w: Floats,
        _ acc: MutableFloats
    ) {
        var a0 = load16(acc), a1 = load16(acc + 16), a2 = load16(acc + 32), a3 = load16(acc + 48)
        var a4 = load16(acc + 64), a5 = load16(acc + 80), a6 = load16(acc + 96), a7 = load16(acc + 112)
        var a8 = load16(acc + 128), a9 = load16(acc + 144), a10 = load16(acc + 160), a11 = load16(acc + 176)
        var weights = w
        var tap = 0
        while tap < taps {
            let x0 = x + tap * tapStride
            let x6 = x0 + 6 * rowStride
            let s2 = 2 * rowStride
            let s3 = 3 * rowStride
            let s4 = 4 * rowStride
            let s5 = 5 * rowStride
            var i = 0
            while i < length {
                let v = load16(weights)
                fma(&a0, v, splat(x0[i]))
                fma(&a1, v, splat(x0[i + rowStride]))
                fma(&a2, v, splat(x0[i + s2]))
                fma(&a3, v, splat(x0[i + s3]))
                fma(&a4, v, splat(x0[i + s4]))
                fma(&a5, v, splat(x0[i + s5]))
                fma(&a6, v, splat(x6[i]))
                fma(&a7, v, splat(x6[i + rowStride]))
                fma(&a8, v, splat(x6[i + s2]))
                fma(&a9, v, splat(x6[i + s3]))
                fma(&a10, v, splat(x6[i + s4]))
                fma(&a11, v, splat(x6[i + s5]))
                weights += 16
                i += 1
            }
            tap += 1
        }
        store16(acc, a0)
        store16(acc + 16, a1)
        store16(acc + 32, a2)
        store16(acc + 48, a3)
        store16(acc + 64, a4)
        store16(acc + 80, a5)
        store16(acc + 96, a6)
        store16(acc + 112, a7)
        store16(acc + 128, a8)
        store16(acc + 144, a9)
        store16(acc + 160, a10)
        store16(acc + 176, a11)
    }
#endif
