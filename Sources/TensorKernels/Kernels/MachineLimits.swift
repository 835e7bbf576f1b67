import TensorKernelTable

// The machine's limits, to compare other kernels' figures with.

/// Independent running sums, without a load: as many as hide the latency of an FMA and leave registers for the factors,
/// 12 of 16 registers or of AVX-512's 32, 24 of NEON's 32. Returns their sum, so that none is optimised away.
func peakFMA(_ count: Int) -> Float {
    let (x, y) = (splat(0.75), splat(0.001))
    var a = Float32x16(), b = Float32x16(), c = Float32x16()
    #if !GSV_BASELINE
        var d = Float32x16(), e = Float32x16(), f = Float32x16()
    #endif
    #if GSV_AVX512
        var g = Float32x16(), h = Float32x16(), i = Float32x16(), j = Float32x16(), k = Float32x16(),
            l = Float32x16()
    #endif
    var done = 0
    while done < count {
        fma(&a, x, y)
        fma(&b, x, y)
        fma(&c, x, y)
        done += 48
        #if !GSV_BASELINE
            fma(&d, x, y)
            fma(&e, x, y)
            fma(&f, x, y)
            done += 48
        #endif
        #if GSV_AVX512
            fma(&g, x, y)
            fma(&h, x, y)
            fma(&i, x, y)
            fma(&j, x, y)
            fma(&k, x, y)
            fma(&l, x, y)
            done += 96
        #endif
    }
    var total = a + b + c
    #if !GSV_BASELINE
        total += d + e + f
    #endif
    #if GSV_AVX512
        total += g + h + i + j + k + l
    #endif
    return sum(total)
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
