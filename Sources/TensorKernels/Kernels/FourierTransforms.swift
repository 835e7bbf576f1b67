import TensorKernelTable

// Real Fourier transforms of 16 and 32 rows, sixteen channels at a time, on both sides of the products of a
// convolution in the frequency domain.
//
// A real transform of N rows is a complex one of N/2 rows z[n] = x[2n] + i·x[2n + 1] and a pass over pairs of its
// results. Factors of 2 and 1/N are left out here: they are in the weights. A complex product (a + ib)(c + id) is three
// real ones, p = (a + b)c, q = a(d − c), r = b(c + d), with real part p − r and imaginary part p + q (Gauss); so the
// forward transform writes a + b, a and b, and the inverse reads sums of p, q and r. Plane 0 is frequency 0, plane 1
// frequency N/2, both real; frequency k has planes 3k − 1, 3k and 3k + 1.

/// Sixteen complex numbers.
private struct Complex {
    var re: Float32x16
    var im: Float32x16

    @inline(__always) init(_ re: Float32x16, _ im: Float32x16) {
        self.re = re
        self.im = im
    }
    @inline(__always) func plus(_ b: Complex) -> Complex { Complex(re + b.re, im + b.im) }
    @inline(__always) func minus(_ b: Complex) -> Complex { Complex(re - b.re, im - b.im) }
    /// self + i·b
    @inline(__always) func plusI(_ b: Complex) -> Complex { Complex(re - b.im, im + b.re) }
    /// self − i·b
    @inline(__always) func minusI(_ b: Complex) -> Complex { Complex(re + b.im, im - b.re) }
    /// self · (c + i·s)
    @inline(__always) func multiplyTwiddle(_ c: Float, _ s: Float) -> Complex {
        Complex(madd(re, splat(c), im * splat(-s)), madd(im, splat(c), re * splat(s)))
    }
    @inline(__always) var conjugate: Complex { Complex(re, -im) }
    @inline(__always) static func load(_ p: MutableFloats) -> Complex { Complex(load16(p), load16(p + 16)) }
    @inline(__always) func store(_ p: MutableFloats) {
        store16(p, re)
        store16(p + 16, im)
    }
}

/// Cosines of 1, 2 … 7 thirty-seconds of a turn.
private enum Cosine {
    @inline(__always) static var c1: Float { 0.98078528040323043 }
    @inline(__always) static var c2: Float { 0.92387953251128674 }
    @inline(__always) static var c3: Float { 0.83146961230254524 }
    @inline(__always) static var c4: Float { 0.70710678118654752 }
    @inline(__always) static var c5: Float { 0.55557023301960218 }
    @inline(__always) static var c6: Float { 0.38268343236508977 }
    @inline(__always) static var c7: Float { 0.19509032201612825 }
}

private typealias Four = (Complex, Complex, Complex, Complex)
private typealias Two = (Complex, Complex)

/// Σ aₙ·e^(−2πi·kn/4) for k = 0 … 3.
@inline(__always) private func fourForward(_ a: Four) -> Four {
    let s0 = a.0.plus(a.2)
    let s1 = a.0.minus(a.2)
    let s2 = a.1.plus(a.3)
    let s3 = a.1.minus(a.3)
    return (s0.plus(s2), s1.minusI(s3), s0.minus(s2), s1.plusI(s3))
}

/// Σ aₖ·e^(+2πi·kn/4) for n = 0 … 3.
@inline(__always) private func fourInverse(_ a: Four) -> Four {
    let s0 = a.0.plus(a.2)
    let s1 = a.0.minus(a.2)
    let s2 = a.1.plus(a.3)
    let s3 = a.1.minus(a.3)
    return (s0.plus(s2), s1.plusI(s3), s0.minus(s2), s1.minusI(s3))
}

/// Twice the frequencies k and N/2 − k of the real transform, from those of the complex one; c and s are cos and sin
/// of 2πk/N.
@inline(__always) private func rfftSplit(_ a: Complex, _ b: Complex, _ c: Float, _ s: Float) -> Two {
    let er = a.re + b.re
    let ei = a.im - b.im
    let or = a.re - b.re
    let oi = a.im + b.im
    let p = madd(oi, splat(c), or * splat(-s))
    let q = madd(or, splat(-c), oi * splat(-s))
    return (Complex(er + p, ei + q), Complex(er - p, q - ei))
}

/// The inverse of `rfftSplit`: twice the complex transform's frequencies, from those of the real one.
@inline(__always) private func rfftMerge(_ a: Complex, _ b: Complex, _ c: Float, _ s: Float) -> Two {
    let er = a.re + b.re
    let ei = a.im - b.im
    let dr = a.re - b.re
    let di = a.im + b.im
    let p = madd(dr, splat(-s), di * splat(-c))
    let q = madd(dr, splat(c), di * splat(-s))
    return (Complex(er + p, ei + q), Complex(er - p, q - ei))
}

/// A tile's rows of sixteen channels, one behind the other.
private struct TileRows {
    let rows: MutableFloats

    @inline(__always) func pair(_ n: Int) -> Complex { .load(rows + n * 32) }
    @inline(__always) func put(_ n: Int, _ v: Complex) { v.store(rows + n * 32) }
}

/// The planes that a forward transform writes.
private struct Planes {
    let base: MutableFloats
    let stride: Int

    @inline(__always) func put(_ k: Int, _ v: Complex) {
        let p = base + (3 * k - 1) * stride
        store16(p, v.re + v.im)
        store16(p + stride, v.re)
        store16(p + 2 * stride, v.im)
    }
    @inline(__always) func putEnds(_ v: Complex) {
        store16(base, v.re + v.im)
        store16(base + stride, v.re - v.im)
    }
    @inline(__always) func put(_ k: Int, _ l: Int, _ v: Two) {
        put(k, v.0)
        put(l, v.1)
    }
}

/// The planes of sums that an inverse transform reads.
private struct Sums {
    let base: Floats
    let stride: Int

    @inline(__always) func frequency(_ k: Int) -> Complex {
        let p = base + (3 * k - 1) * stride
        let first = load16(p)
        return Complex(first - load16(p + 2 * stride), first + load16(p + stride))
    }
    @inline(__always) func ends() -> Complex {
        let low = load16(base)
        let high = load16(base + stride)
        return Complex(low + high, low - high)
    }
    @inline(__always) func pair(_ k: Int, _ l: Int, _ c: Float, _ s: Float) -> Two {
        rfftMerge(frequency(k), frequency(l), c, s)
    }
}

@inline(__always) private func forward16(_ x: TileRows, _ out: Planes) {
    let a = fourForward((x.pair(0), x.pair(2), x.pair(4), x.pair(6)))
    let b = fourForward((x.pair(1), x.pair(3), x.pair(5), x.pair(7)))
    let b1 = b.1.multiplyTwiddle(Cosine.c4, -Cosine.c4)
    let b3 = b.3.multiplyTwiddle(-Cosine.c4, -Cosine.c4)
    out.putEnds(a.0.plus(b.0))
    out.put(4, a.0.minus(b.0).conjugate)
    out.put(2, 6, rfftSplit(a.2.minusI(b.2), a.2.plusI(b.2), Cosine.c4, Cosine.c4))
    out.put(1, 7, rfftSplit(a.1.plus(b1), a.3.minus(b3), Cosine.c2, Cosine.c6))
    out.put(3, 5, rfftSplit(a.3.plus(b3), a.1.minus(b1), Cosine.c6, Cosine.c2))
}

@inline(__always) private func forward32(_ x: TileRows, _ out: Planes, _ scratch: MutableFloats) {
    var b = fourForward((x.pair(0), x.pair(4), x.pair(8), x.pair(12)))
    b.0.store(scratch)
    b.1.store(scratch + 128)
    b.2.store(scratch + 256)
    b.3.store(scratch + 384)
    b = fourForward((x.pair(1), x.pair(5), x.pair(9), x.pair(13)))
    b.0.store(scratch + 32)
    b.1.multiplyTwiddle(Cosine.c2, -Cosine.c6).store(scratch + 160)
    b.2.multiplyTwiddle(Cosine.c4, -Cosine.c4).store(scratch + 288)
    b.3.multiplyTwiddle(Cosine.c6, -Cosine.c2).store(scratch + 416)
    b = fourForward((x.pair(2), x.pair(6), x.pair(10), x.pair(14)))
    b.0.store(scratch + 64)
    b.1.multiplyTwiddle(Cosine.c4, -Cosine.c4).store(scratch + 192)
    Complex(b.2.im, -b.2.re).store(scratch + 320)
    b.3.multiplyTwiddle(-Cosine.c4, -Cosine.c4).store(scratch + 448)
    b = fourForward((x.pair(3), x.pair(7), x.pair(11), x.pair(15)))
    b.0.store(scratch + 96)
    b.1.multiplyTwiddle(Cosine.c6, -Cosine.c2).store(scratch + 224)
    b.2.multiplyTwiddle(-Cosine.c4, -Cosine.c4).store(scratch + 352)
    b.3.multiplyTwiddle(-Cosine.c2, Cosine.c6).store(scratch + 480)

    @inline(__always) func column(_ k: Int) -> Four {
        let p = scratch + k * 128
        return fourForward((.load(p), .load(p + 32), .load(p + 64), .load(p + 96)))
    }
    var z = column(0)
    out.putEnds(z.0)
    out.put(8, z.2.conjugate)
    out.put(4, 12, rfftSplit(z.1, z.3, Cosine.c4, Cosine.c4))
    z = column(2)
    out.put(2, 14, rfftSplit(z.0, z.3, Cosine.c2, Cosine.c6))
    out.put(6, 10, rfftSplit(z.1, z.2, Cosine.c6, Cosine.c2))
    z = column(1)
    let y = column(3)
    out.put(1, 15, rfftSplit(z.0, y.3, Cosine.c1, Cosine.c7))
    out.put(5, 11, rfftSplit(z.1, y.2, Cosine.c5, Cosine.c3))
    out.put(7, 9, rfftSplit(y.1, z.2, Cosine.c7, Cosine.c1))
    out.put(3, 13, rfftSplit(y.0, z.3, Cosine.c3, Cosine.c5))
}

func fourierForward(_ f: FourierForwardArguments) {
    let (points, x, rowStride, channels) = (f.points, f.x, f.rowStride, f.channels)
    let scratch = f.scratch
    let s = splat(f.inputActivation.slope)
    let tile = scratch + 512
    var c = 0
    while c < channels {
        // A pass of its own: inside the transform the comparison would not become one instruction.
        var r = 0
        while r < points {
            let v = load16(x + r * rowStride + c)
            store16(tile + r * 16, v.replacing(with: v * s, where: v .< splat(0)))
            r += 1
        }
        let rows = TileRows(rows: tile)
        let planes = Planes(base: f.out + c, stride: f.planeStride)
        if points == 16 { forward16(rows, planes) } else { forward32(rows, planes, scratch) }
        c += 16
    }
}

@inline(__always) private func inverse16(_ y: Sums, _ out: TileRows) {
    let ends = y.ends()
    let middle = y.frequency(4).conjugate
    let z26 = y.pair(2, 6, Cosine.c4, Cosine.c4)
    let z17 = y.pair(1, 7, Cosine.c2, Cosine.c6)
    let z35 = y.pair(3, 5, Cosine.c6, Cosine.c2)
    let even = fourInverse((ends.plus(middle), z17.0.plus(z35.1), z26.0.plus(z26.1), z35.0.plus(z17.1)))
    let d1 = z17.0.minus(z35.1).multiplyTwiddle(Cosine.c4, Cosine.c4)
    let d2 = z26.0.minus(z26.1)
    let d3 = z35.0.minus(z17.1).multiplyTwiddle(-Cosine.c4, Cosine.c4)
    let odd = fourInverse((ends.minus(middle), d1, Complex(-d2.im, d2.re), d3))
    out.put(0, even.0)
    out.put(1, odd.0)
    out.put(2, even.1)
    out.put(3, odd.1)
    out.put(4, even.2)
    out.put(5, odd.2)
    out.put(6, even.3)
    out.put(7, odd.3)
}

@inline(__always) private func inverse32(_ y: Sums, _ out: TileRows, _ scratch: MutableFloats) {
    let z4 = y.pair(4, 12, Cosine.c4, Cosine.c4)
    var b = fourInverse((y.ends(), z4.0, y.frequency(8).conjugate, z4.1))
    b.0.store(scratch)
    b.1.store(scratch + 128)
    b.2.store(scratch + 256)
    b.3.store(scratch + 384)
    let z2 = y.pair(2, 14, Cosine.c2, Cosine.c6)
    let z6 = y.pair(6, 10, Cosine.c6, Cosine.c2)
    b = fourInverse((z2.0, z6.0, z6.1, z2.1))
    b.0.store(scratch + 64)
    b.1.multiplyTwiddle(Cosine.c4, Cosine.c4).store(scratch + 192)
    Complex(-b.2.im, b.2.re).store(scratch + 320)
    b.3.multiplyTwiddle(-Cosine.c4, Cosine.c4).store(scratch + 448)
    let z1 = y.pair(1, 15, Cosine.c1, Cosine.c7)
    let z5 = y.pair(5, 11, Cosine.c5, Cosine.c3)
    let z7 = y.pair(7, 9, Cosine.c7, Cosine.c1)
    let z3 = y.pair(3, 13, Cosine.c3, Cosine.c5)
    b = fourInverse((z1.0, z5.0, z7.1, z3.1))
    b.0.store(scratch + 32)
    b.1.multiplyTwiddle(Cosine.c2, Cosine.c6).store(scratch + 160)
    b.2.multiplyTwiddle(Cosine.c4, Cosine.c4).store(scratch + 288)
    b.3.multiplyTwiddle(Cosine.c6, Cosine.c2).store(scratch + 416)
    b = fourInverse((z3.0, z7.0, z5.1, z1.1))
    b.0.store(scratch + 96)
    b.1.multiplyTwiddle(Cosine.c6, Cosine.c2).store(scratch + 224)
    b.2.multiplyTwiddle(-Cosine.c4, Cosine.c4).store(scratch + 352)
    b.3.multiplyTwiddle(-Cosine.c2, -Cosine.c6).store(scratch + 480)
    var n = 0
    while n < 4 {
        let p = scratch + n * 128
        let z = fourInverse((.load(p), .load(p + 32), .load(p + 64), .load(p + 96)))
        out.put(n, z.0)
        out.put(n + 4, z.1)
        out.put(n + 8, z.2)
        out.put(n + 12, z.3)
        n += 1
    }
}

func fourierInverse(_ f: FourierInverseArguments) {
    let tile = f.scratch + 512
    var panel = 0
    while panel < f.panels {
        let source = Sums(base: f.sums + panel * f.panelStride, stride: f.planeStride)
        let rows = TileRows(rows: tile)
        if f.points == 16 { inverse16(source, rows) } else { inverse32(source, rows, f.scratch) }
        applyEpilogue(
            Floats(tile), rows: f.rows, columns: 16, f.epilogue.channels(from: panel * 16))
        panel += 1
    }
}

/// The weights of one panel in the frequency domain: per frequency k, sums over the taps with the table's cosines and
/// sines, in double precision, and the three factors of the complex product.
func fourierWeights(_ f: FourierWeightsArguments) {
    let (points, w, taps, channels, table) = (f.points, f.w, f.taps, f.channels, f.table)
    let (out, planeStride) = (f.out, f.planeStride)
    var c = 0
    while c < channels {
        var half = 0
        while half < 16 {
            let column = w + c * 16 + half
            let target = out + c * 16 + half
            var k = 0
            while k <= points / 2 {
                let row = table + k * taps * 2
                var re = SIMD8<Double>()
                var im = SIMD8<Double>()
                var tap = 0
                while tap < taps {
                    let v = column + tap * channels * 16
                    let d = SIMD8<Double>(
                        Double(v[0]), Double(v[1]), Double(v[2]), Double(v[3]), Double(v[4]), Double(v[5]),
                        Double(v[6]), Double(v[7]))
                    re += d * row[2 * tap]
                    im += d * row[2 * tap + 1]
                    tap += 1
                }
                if k == 0 || k == points / 2 {
                    put(re, target + (k == 0 ? 0 : planeStride))
                } else {
                    let p = target + (3 * k - 1) * planeStride
                    put(re, p)
                    put(im - re, p + planeStride)
                    put(re + im, p + 2 * planeStride)
                }
                k += 1
            }
            half += 8
        }
        c += 1
    }
}

@inline(__always) private func put(_ v: SIMD8<Double>, _ out: MutableFloats) {
    var i = 0
    while i < 8 {
        out[i] = Float(v[i])
        i += 1
    }
}
