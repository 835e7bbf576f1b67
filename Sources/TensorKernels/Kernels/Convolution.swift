import TensorKernelTable

// Convolution as a product of shifted rows with packed weights: time is the row axis, so tap t of output row r
// is input row r·stride + t·dilation, read in place. Sixteen output channels are accumulated at once: six rows of them fill twelve of AVX2's sixteen
// registers, twelve rows keep both FMA pipes of AVX-512 busy.

/// Blocks of accumulator rows, one panel after the other or, where there are registers for it, two at a time, which
/// halves the broadcasts per product. The sum over taps and channels runs in the same order for every block.
func convolutionPanels(
    _ x: Floats, _ rowStride: Int, _ rows: Int, _ taps: Int, _ length: Int, _ tapStride: Int, _ w: Floats,
    _ panelStride: Int, _ panels: Int, _ acc: MutableFloats
) {
    var panel = 0
    #if GSV_AVX512
        while panel + 2 <= panels {
            let weights = w + panel * panelStride
            let first = acc + panel * rows * 16
            let second = first + rows * 16
            var r = 0
            while r + 12 <= rows {
                twelveRowsByTwo(
                    x + r * rowStride, rowStride, taps, length, tapStride, weights, panelStride,
                    first + r * 16, second + r * 16)
                r += 12
            }
            if r < rows {
                let rest = x + r * rowStride
                rowBlocks(rest, rowStride, rows - r, taps, length, tapStride, weights, first + r * 16)
                rowBlocks(
                    rest, rowStride, rows - r, taps, length, tapStride, weights + panelStride, second + r * 16
                )
            }
            panel += 2
        }
    #endif
    while panel < panels {
        rowBlocks(
            x, rowStride, rows, taps, length, tapStride, w + panel * panelStride, acc + panel * rows * 16)
        panel += 1
    }
}

@inline(__always) private func rowBlocks(
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

    @inline(__always) private func twelveRowsByTwo(
        _ x: Floats, _ rowStride: Int, _ taps: Int, _ length: Int, _ tapStride: Int, _ w: Floats,
        _ panelStride: Int, _ acc: MutableFloats, _ acc2: MutableFloats
    ) {
        var a0 = load16(acc), a1 = load16(acc + 16), a2 = load16(acc + 32), a3 = load16(acc + 48)
        var a4 = load16(acc + 64), a5 = load16(acc + 80), a6 = load16(acc + 96), a7 = load16(acc + 112)
        var a8 = load16(acc + 128), a9 = load16(acc + 144), a10 = load16(acc + 160), a11 = load16(acc + 176)
        var b0 = load16(acc2), b1 = load16(acc2 + 16), b2 = load16(acc2 + 32), b3 = load16(acc2 + 48)
        var b4 = load16(acc2 + 64), b5 = load16(acc2 + 80), b6 = load16(acc2 + 96), b7 = load16(acc2 + 112)
        var b8 = load16(acc2 + 128), b9 = load16(acc2 + 144), b10 = load16(acc2 + 160),
            b11 = load16(acc2 + 176)
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
                let u = load16(weights + panelStride)
                fma(&a0, &b0, v, u, x0[i])
                fma(&a1, &b1, v, u, x0[i + rowStride])
                fma(&a2, &b2, v, u, x0[i + s2])
                fma(&a3, &b3, v, u, x0[i + s3])
                fma(&a4, &b4, v, u, x0[i + s4])
                fma(&a5, &b5, v, u, x0[i + s5])
                fma(&a6, &b6, v, u, x6[i])
                fma(&a7, &b7, v, u, x6[i + rowStride])
                fma(&a8, &b8, v, u, x6[i + s2])
                fma(&a9, &b9, v, u, x6[i + s3])
                fma(&a10, &b10, v, u, x6[i + s4])
                fma(&a11, &b11, v, u, x6[i + s5])
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
        store16(acc2, b0)
        store16(acc2 + 16, b1)
        store16(acc2 + 32, b2)
        store16(acc2 + 48, b3)
        store16(acc2 + 64, b4)
        store16(acc2 + 80, b5)
        store16(acc2 + 96, b6)
        store16(acc2 + 112, b7)
        store16(acc2 + 128, b8)
        store16(acc2 + 144, b9)
        store16(acc2 + 160, b10)
        store16(acc2 + 176, b11)
    }
#endif
