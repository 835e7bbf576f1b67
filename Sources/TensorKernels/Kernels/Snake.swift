import TensorKernelTable

// The anti-aliased Snake activation of BigVGAN (Lee et al. 2023): vectorised over channels.

/// sin² x, to 2e-7 for |x| below 10⁴: x = nπ + r with n rounded by the 1.5·2²³ trick, sin r by the odd series of degree 11
/// on |r| ≤ π / 2. The period of sin² is π, so that the sign of sin r does not matter.
@_transparent func squaredSine(_ x: Float32x16) -> Float32x16 {
    let magic = splat(12_582_912)
    let n = madd(x, splat(0.318309886), magic) - magic
    var r = madd(n, splat(-3.140625), x)
    r = madd(n, splat(-9.67502593994140625e-4), r)
    r = madd(n, splat(-1.509957990978376432e-7), r)
    let square = r * r
    var p = splat(-2.5052108e-8)
    p = madd(p, square, splat(2.7557319e-6))
    p = madd(p, square, splat(-1.9841270e-4))
    p = madd(p, square, splat(8.3333333e-3))
    p = madd(p, square, splat(-1.6666667e-1))
    let sine = madd(p * square, r, r)
    return sine * sine
}

func snake(_ a: SnakeArguments) {
    let (alpha, inverseBeta) = (load16(a.alpha), load16(a.inverseBeta))
    // Two values at twice the rate from the same six rows, with the even and with the odd taps.
    var q = 0
    while q <= a.rows + 5 {
        let x = a.x + q * 16
        var even = Float32x16(), odd = Float32x16()
        var i = 0
        while i < 6 {
            let v = load16(x + (5 - i) * 16)
            fma(&even, splat(a.up[2 * i] + a.up[2 * i]), v)
            fma(&odd, splat(a.up[2 * i + 1] + a.up[2 * i + 1]), v)
            i += 1
        }
        let out = a.scratch + q * 32
        store16(out, madd(inverseBeta, squaredSine(even * alpha), even))
        if q < a.rows + 5 { store16(out + 16, madd(inverseBeta, squaredSine(odd * alpha), odd)) }
        q += 1
    }
    let count = 2 * a.rows + 11
    if a.before > 0 {
        let first = load16(a.scratch + a.before * 16)
        var m = 0
        while m < a.before {
            store16(a.scratch + m * 16, first)
            m += 1
        }
    }
    if a.behind > 0 {
        let last = load16(a.scratch + (count - a.behind - 1) * 16)
        var m = count - a.behind
        while m < count {
            store16(a.scratch + m * 16, last)
            m += 1
        }
    }
    var r = 0
    while r < a.rows {
        let s = a.scratch + r * 32
        var sum = Float32x16()
        var k = 0
        while k < 12 {
            fma(&sum, splat(a.down[k]), load16(s + k * 16))
            k += 1
        }
        store16(a.out + r * 16, sum)
        r += 1
    }
}
