import TensorKernelTable

// The products of a convolution in the frequency domain: per frequency, rows (one per tile) times a matrix in panels
// of sixteen output channels. The sums live in registers from their first product to their last: six rows fill
// twelve of AVX2's sixteen registers, twelve rows of two panels twenty-four of AVX-512's thirty-two, which halves the
// broadcasts per product. A sum runs over the channels in one order in every block shape, so a tile's result does not
// depend on how many tiles are computed together.

func tileProducts(
    _ x: Floats, _ rowStride: Int, _ rows: Int, _ length: Int, _ w: Floats, _ panels: Int,
    _ out: MutableFloats,
    _ outStride: Int
) {
    var panel = 0
    #if GSV_AVX512
        while panel + 2 <= panels {
            let weights = w + panel * length * 16
            let target = out + panel * outStride
            // The weights come from beyond the second-level cache, and each line is needed for a few cycles only: while
            // two panels are multiplied, the next two (or the next matrix's first) are asked for, each block's share.
            let next = weights + 2 * length * 16
            let step = max(1, (32 * 12 + rows - 1) / max(rows, 1))
            var r = 0
            while r + 12 <= rows {
                twelveByTwo(
                    x + r * rowStride, rowStride, length, weights, target + r * 16, outStride,
                    next + r / 12 * step * length, step)
                r += 12
            }
            while r + 6 <= rows {
                sixByTwo(x + r * rowStride, rowStride, length, weights, target + r * 16, outStride)
                r += 6
            }
            while r + 2 <= rows {
                twoByTwo(x + r * rowStride, rowStride, length, weights, target + r * 16, outStride)
                r += 2
            }
            if r < rows {
                oneByTwo(x + r * rowStride, rowStride, length, weights, target + r * 16, outStride)
            }
            panel += 2
        }
    #endif
    while panel < panels {
        let weights = w + panel * length * 16
        let target = out + panel * outStride
        var r = 0
        #if GSV_AVX512
            while r + 12 <= rows {
                twelveByOne(x + r * rowStride, rowStride, length, weights, target + r * 16)
                r += 12
            }
        #endif
        while r + 6 <= rows {
            sixByOne(x + r * rowStride, rowStride, length, weights, target + r * 16)
            r += 6
        }
        while r + 2 <= rows {
            twoByOne(x + r * rowStride, rowStride, length, weights, target + r * 16)
            r += 2
        }
        if r < rows {
            oneByOne(x + r * rowStride, rowStride, length, weights, target + r * 16)
        }
        panel += 1
    }
}

@inline(__always) private func sixByOne(
    _ x: Floats, _ rowStride: Int, _ length: Int, _ w: Floats, _ out: MutableFloats
) {
    var a0 = F16(), a1 = F16(), a2 = F16(), a3 = F16(), a4 = F16(), a5 = F16()
    let s2 = 2 * rowStride
    let s3 = 3 * rowStride
    let s4 = 4 * rowStride
    let s5 = 5 * rowStride
    var weights = w
    var i = 0
    while i < length {
        let v = load16(weights)
        fma(&a0, v, splat(x[i]))
        fma(&a1, v, splat(x[i + rowStride]))
        fma(&a2, v, splat(x[i + s2]))
        fma(&a3, v, splat(x[i + s3]))
        fma(&a4, v, splat(x[i + s4]))
        fma(&a5, v, splat(x[i + s5]))
        weights += 16
        i += 1
    }
    store16(out, a0)
    store16(out + 16, a1)
    store16(out + 32, a2)
    store16(out + 48, a3)
    store16(out + 64, a4)
    store16(out + 80, a5)
}

@inline(__always) private func twoByOne(
    _ x: Floats, _ rowStride: Int, _ length: Int, _ w: Floats, _ out: MutableFloats
) {
    var a0 = F16(), a1 = F16()
    var weights = w
    var i = 0
    while i < length {
        let v = load16(weights)
        fma(&a0, v, splat(x[i]))
        fma(&a1, v, splat(x[i + rowStride]))
        weights += 16
        i += 1
    }
    store16(out, a0)
    store16(out + 16, a1)
}

@inline(__always) private func oneByOne(
    _ x: Floats, _ rowStride: Int, _ length: Int, _ w: Floats, _ out: MutableFloats
) {
    var a0 = F16()
    var weights = w
    var i = 0
    while i < length {
        let v = load16(weights)
        fma(&a0, v, splat(x[i]))
        weights += 16
        i += 1
    }
    store16(out, a0)
}

#if GSV_AVX512
    @inline(__always) private func twelveByOne(
        _ x: Floats, _ rowStride: Int, _ length: Int, _ w: Floats, _ out: MutableFloats
    ) {
        var a0 = F16(), a1 = F16(), a2 = F16(), a3 = F16(), a4 = F16(), a5 = F16()
        var a6 = F16(), a7 = F16(), a8 = F16(), a9 = F16(), a10 = F16(), a11 = F16()
        let x6 = x + 6 * rowStride
        let s2 = 2 * rowStride
        let s3 = 3 * rowStride
        let s4 = 4 * rowStride
        let s5 = 5 * rowStride
        var weights = w
        var i = 0
        while i < length {
            let v = load16(weights)
            fma(&a0, v, splat(x[i]))
            fma(&a1, v, splat(x[i + rowStride]))
            fma(&a2, v, splat(x[i + s2]))
            fma(&a3, v, splat(x[i + s3]))
            fma(&a4, v, splat(x[i + s4]))
            fma(&a5, v, splat(x[i + s5]))
            fma(&a6, v, splat(x6[i]))
            fma(&a7, v, splat(x6[i + rowStride]))
            fma(&a8, v, splat(x6[i + s2]))
            fma(&a9, v, splat(x6[i + s3]))
            fma(&a10, v, splat(x6[i + s4]))
            fma(&a11, v, splat(x6[i + s5]))
            weights += 16
            i += 1
        }
        store16(out, a0)
        store16(out + 16, a1)
        store16(out + 32, a2)
        store16(out + 48, a3)
        store16(out + 64, a4)
        store16(out + 80, a5)
        store16(out + 96, a6)
        store16(out + 112, a7)
        store16(out + 128, a8)
        store16(out + 144, a9)
        store16(out + 160, a10)
        store16(out + 176, a11)
    }

    @inline(__always) private func twelveByTwo(
        _ x: Floats, _ rowStride: Int, _ length: Int, _ w: Floats, _ out: MutableFloats, _ outStride: Int,
        _ next: Floats, _ step: Int
    ) {
        var a0 = F16(), a1 = F16(), a2 = F16(), a3 = F16(), a4 = F16(), a5 = F16()
        var a6 = F16(), a7 = F16(), a8 = F16(), a9 = F16(), a10 = F16(), a11 = F16()
        var b0 = F16(), b1 = F16(), b2 = F16(), b3 = F16(), b4 = F16(), b5 = F16()
        var b6 = F16(), b7 = F16(), b8 = F16(), b9 = F16(), b10 = F16(), b11 = F16()
        let x6 = x + 6 * rowStride
        let s2 = 2 * rowStride
        let s3 = 3 * rowStride
        let s4 = 4 * rowStride
        let s5 = 5 * rowStride
        var weights = w
        let panel = length * 16
        var ahead = next
        var i = 0
        while i < length {
            prefetch(ahead)
            ahead += step
            let v = load16(weights)
            let u = load16(weights + panel)
            fma(&a0, &b0, v, u, x[i])
            fma(&a1, &b1, v, u, x[i + rowStride])
            fma(&a2, &b2, v, u, x[i + s2])
            fma(&a3, &b3, v, u, x[i + s3])
            fma(&a4, &b4, v, u, x[i + s4])
            fma(&a5, &b5, v, u, x[i + s5])
            fma(&a6, &b6, v, u, x6[i])
            fma(&a7, &b7, v, u, x6[i + rowStride])
            fma(&a8, &b8, v, u, x6[i + s2])
            fma(&a9, &b9, v, u, x6[i + s3])
            fma(&a10, &b10, v, u, x6[i + s4])
            fma(&a11, &b11, v, u, x6[i + s5])
            weights += 16
            i += 1
        }
        store16(out, a0)
        store16(out + 16, a1)
        store16(out + 32, a2)
        store16(out + 48, a3)
        store16(out + 64, a4)
        store16(out + 80, a5)
        store16(out + 96, a6)
        store16(out + 112, a7)
        store16(out + 128, a8)
        store16(out + 144, a9)
        store16(out + 160, a10)
        store16(out + 176, a11)
        store16(out + outStride, b0)
        store16(out + outStride + 16, b1)
        store16(out + outStride + 32, b2)
        store16(out + outStride + 48, b3)
        store16(out + outStride + 64, b4)
        store16(out + outStride + 80, b5)
        store16(out + outStride + 96, b6)
        store16(out + outStride + 112, b7)
        store16(out + outStride + 128, b8)
        store16(out + outStride + 144, b9)
        store16(out + outStride + 160, b10)
        store16(out + outStride + 176, b11)
    }

    @inline(__always) private func sixByTwo(
        _ x: Floats, _ rowStride: Int, _ length: Int, _ w: Floats, _ out: MutableFloats, _ outStride: Int
    ) {
        var a0 = F16(), a1 = F16(), a2 = F16(), a3 = F16(), a4 = F16(), a5 = F16()
        var b0 = F16(), b1 = F16(), b2 = F16(), b3 = F16(), b4 = F16(), b5 = F16()
        let s2 = 2 * rowStride
        let s3 = 3 * rowStride
        let s4 = 4 * rowStride
        let s5 = 5 * rowStride
        var weights = w
        let panel = length * 16
        var i = 0
        while i < length {
            let v = load16(weights)
            let u = load16(weights + panel)
            fma(&a0, &b0, v, u, x[i])
            fma(&a1, &b1, v, u, x[i + rowStride])
            fma(&a2, &b2, v, u, x[i + s2])
            fma(&a3, &b3, v, u, x[i + s3])
            fma(&a4, &b4, v, u, x[i + s4])
            fma(&a5, &b5, v, u, x[i + s5])
            weights += 16
            i += 1
        }
        store16(out, a0)
        store16(out + 16, a1)
        store16(out + 32, a2)
        store16(out + 48, a3)
        store16(out + 64, a4)
        store16(out + 80, a5)
        store16(out + outStride, b0)
        store16(out + outStride + 16, b1)
        store16(out + outStride + 32, b2)
        store16(out + outStride + 48, b3)
        store16(out + outStride + 64, b4)
        store16(out + outStride + 80, b5)
    }

    @inline(__always) private func twoByTwo(
        _ x: Floats, _ rowStride: Int, _ length: Int, _ w: Floats, _ out: MutableFloats, _ outStride: Int
    ) {
        var a0 = F16(), a1 = F16()
        var b0 = F16(), b1 = F16()
        var weights = w
        let panel = length * 16
        var i = 0
        while i < length {
            let v = load16(weights)
            let u = load16(weights + panel)
            fma(&a0, &b0, v, u, x[i])
            fma(&a1, &b1, v, u, x[i + rowStride])
            weights += 16
            i += 1
        }
        store16(out, a0)
        store16(out + 16, a1)
        store16(out + outStride, b0)
        store16(out + outStride + 16, b1)
    }

    @inline(__always) private func oneByTwo(
        _ x: Floats, _ rowStride: Int, _ length: Int, _ w: Floats, _ out: MutableFloats, _ outStride: Int
    ) {
        var a0 = F16()
        var b0 = F16()
        var weights = w
        let panel = length * 16
        var i = 0
        while i < length {
            let v = load16(weights)
            let u = load16(weights + panel)
            fma(&a0, &b0, v, u, x[i])
            weights += 16
            i += 1
        }
        store16(out, a0)
        store16(out + outStride, b0)
    }
#endif
