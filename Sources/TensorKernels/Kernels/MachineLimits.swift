import TensorKernelTable

// What the machine can do at best, for the figures of other kernels to be read against.

/// Twelve vectors of running sums in registers: nothing is loaded, nothing waits for another. Gives their total, so that
/// nothing is left out.
func multiplyAdds(_ count: Int) -> Float {
    let (x, y) = (splat(0.75), splat(0.001))
    var a = F16(), b = F16(), c = F16(), d = F16(), e = F16(), f = F16()
    var g = F16(), h = F16(), i = F16(), j = F16(), k = F16(), l = F16()
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
func readThrough(_ x: Floats, _ count: Int) -> Float {
    var a = F16(), b = F16(), c = F16(), d = F16()
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
