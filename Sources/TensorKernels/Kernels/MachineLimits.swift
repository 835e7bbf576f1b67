import TensorKernelTable

// The machine's limits, to compare other kernels' figures with.

/// Twelve independent vectors of running sums in registers, without a load. Returns their sum, so that none is optimised
/// away.
func peakFMA(_ count: Int) -> Float {
    let (x, y) = (splat(0.75), splat(0.001))
    var a = Float32x16(), b = Float32x16(), c = Float32x16(), d = Float32x16(), e = Float32x16(),
        f = Float32x16()
    var g = Float32x16(), h = Float32x16(), i = Float32x16(), j = Float32x16(), k = Float32x16(),
        l = Float32x16()
    var done = 0
    while done < count {
        fma(&a, x, y)
        fma(&b, x, y)
        fma(&c, x, y)
        fma(&d, x, y)
        fma(&e, x, y)
        fma(&f, x, y)
        fma(&g, x, y)
        fma(&h, x, y)
        fma(&i, x, y)
        fma(&j, x, y)
        fma(&k, x, y)
        fma(&l, x, y)
        done += 192
    }
    return sum(a + b + c + d + e + f) + sum(g + h + i + j + k + l)
}

/// The sum of a buffer whose size is a multiple of 64: every byte is read once, front to back.
func streamRead(_ x: Floats, _ count: Int) -> Float {
    var a = Float32x16(), b = Float32x16(), c = Float32x16(), d = Float32x16()
    var i = 0
    while i < count {
        a += load16(x + i)
        b += load16(x + i + 16)
        c += load16(x + i + 32)
        d += load16(x + i + 48)
        i += 64
    }
    return sum(a + b + c + d)
}
