import TensorKernelTable

// A depthwise convolution (one input channel per output channel): vectorised over channels, so that a product costs one
// multiply-add and one load. Four rows share each load of weights.

func depthwiseConvolution(_ d: DepthwiseArguments) {
    var r = 0
    while r + 4 <= d.rows {
        var s0 = Float32x16(), s1 = Float32x16(), s2 = Float32x16(), s3 = Float32x16()
        var x = d.x + r * d.rowStride
        var w = d.w
        var tap = 0
        while tap < d.taps {
            let v = load16(w)
            fma(&s0, load16(x), v)
            fma(&s1, load16(x + d.rowStride), v)
            fma(&s2, load16(x + 2 * d.rowStride), v)
            fma(&s3, load16(x + 3 * d.rowStride), v)
            x += d.tapStride
            w += d.weightStride
            tap += 1
        }
        store16(d.acc + r * 16, s0)
        store16(d.acc + r * 16 + 16, s1)
        store16(d.acc + r * 16 + 32, s2)
        store16(d.acc + r * 16 + 48, s3)
        r += 4
    }
    while r < d.rows {
        var sums = Float32x16()
        var x = d.x + r * d.rowStride
        var w = d.w
        var tap = 0
        while tap < d.taps {
            fma(&sums, load16(x), load16(w))
            x += d.tapStride
            w += d.weightStride
            tap += 1
        }
        store16(d.acc + r * 16, sums)
        r += 1
    }
}
