#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Four transforms in parallel: every lane holds a frame of its own, so no step shuffles lanes.
typealias Lanes = SIMD4<Double>

/// Discrete Fourier transform of complex sequences of a fixed length, `X[k] = Σₙ x[n]·exp(−2πi·kn/N)`.
///
/// Stockham's self-sorting algorithm: one pass per factor of the length between two buffers, no bit reversal.
/// Factors of 4, 2, 3 and 5 have butterflies of their own, other primes a direct sum: the `filter_length` of a
/// checkpoint may be any number.
struct ComplexTransform: Sendable {
    let length: Int
    private let passes: [Pass]

    /// One pass: `radix`-point butterflies over `groups` groups of `stride` neighbours.
    private struct Pass: Sendable {
        let radix: Int
        let groups: Int
        let stride: Int
        /// `exp(−2πi·g·k / (radix·groups))` at `[g·radix + k]`.
        let twiddles: [Twiddle]
        /// `exp(−2πi·j / radix)` for the direct sum.
        let roots: [Twiddle]
    }

    struct Twiddle: Sendable {
        let re: Double
        let im: Double

        /// `exp(−2πi·index / count)`.
        init(_ index: Int, of count: Int) {
            let angle = -2 * Double.pi * Double(index % count) / Double(count)
            (re, im) = (cos(angle), sin(angle))
        }
    }

    init(length: Int) {
        precondition(length > 0, "ComplexTransform: length \(length) must be positive")
        self.length = length
        var passes = [Pass]()
        var (rest, stride) = (length, 1)
        for radix in Self.factors(of: length) {
            let groups = rest / radix
            let twiddles = (0..<groups).flatMap { group in
                (0..<radix).map { Twiddle(group * $0, of: rest) }
            }
            let roots = (0..<radix).map { Twiddle($0, of: radix) }
            passes.append(
                Pass(radix: radix, groups: groups, stride: stride, twiddles: twiddles, roots: roots))
            (rest, stride) = (groups, stride * radix)
        }
        self.passes = passes
    }

    /// Transforms `work.re` and `work.im` in place, four sequences at once.
    func run(_ work: inout FourierWorkspace) {
        for pass in passes {
            work.re.withUnsafeBufferPointer { re in
                work.im.withUnsafeBufferPointer { im in
                    work.nextRe.withUnsafeMutableBufferPointer { outRe in
                        work.nextIm.withUnsafeMutableBufferPointer { outIm in
                            guard let re = re.baseAddress, let im = im.baseAddress,
                                let outRe = outRe.baseAddress, let outIm = outIm.baseAddress
                            else { return }
                            Self.apply(
                                pass, Source(re: re, im: im), Target(re: outRe, im: outIm))
                        }
                    }
                }
            }
            swap(&work.re, &work.nextRe)
            swap(&work.im, &work.nextIm)
        }
    }

    private static func factors(of length: Int) -> [Int] {
        var (rest, factors, candidate) = (length, [Int](), 3)
        while rest % 4 == 0 { (rest, factors) = (rest / 4, factors + [4]) }
        if rest % 2 == 0 { (rest, factors) = (rest / 2, factors + [2]) }
        while rest > 1 {
            if rest % candidate == 0 {
                (rest, factors) = (rest / candidate, factors + [candidate])
            } else {
                candidate += 2
                if candidate * candidate > rest { candidate = rest }
            }
        }
        return factors
    }
}

/// Buffers of one transform, reused from call to call.
struct FourierWorkspace {
    var re: [Lanes]
    var im: [Lanes]
    fileprivate var nextRe: [Lanes]
    fileprivate var nextIm: [Lanes]

    init(length: Int) {
        re = [Lanes](repeating: .zero, count: length)
        (im, nextRe, nextIm) = (re, re, re)
    }
}

// MARK: - Butterflies

private struct Source {
    let re: UnsafePointer<Lanes>
    let im: UnsafePointer<Lanes>

    @inline(__always)
    subscript(index: Int) -> Complex { Complex(re: re[index], im: im[index]) }
}

private struct Target {
    let re: UnsafeMutablePointer<Lanes>
    let im: UnsafeMutablePointer<Lanes>

    @inline(__always)
    func store(_ value: Complex, _ index: Int) {
        re[index] = value.re
        im[index] = value.im
    }
}

private struct Complex {
    var re: Lanes
    var im: Lanes

    @inline(__always)
    static func + (a: Complex, b: Complex) -> Complex { Complex(re: a.re + b.re, im: a.im + b.im) }
    @inline(__always)
    static func - (a: Complex, b: Complex) -> Complex { Complex(re: a.re - b.re, im: a.im - b.im) }
    @inline(__always)
    static func * (a: Complex, b: Double) -> Complex { Complex(re: a.re * b, im: a.im * b) }
    @inline(__always)
    static func * (a: Complex, w: ComplexTransform.Twiddle) -> Complex {
        Complex(re: a.re * w.re - a.im * w.im, im: a.re * w.im + a.im * w.re)
    }
    /// Multiplied by −i.
    @inline(__always)
    var timesMinusI: Complex { Complex(re: im, im: -re) }
}

extension ComplexTransform {
    /// Input `r` of group `g`, neighbour `s` sits at `s + stride·(g + groups·r)`, output `k` goes to
    /// `s + stride·(radix·g + k)`, multiplied by the group's twiddle.
    private static func apply(_ pass: Pass, _ x: Source, _ y: Target) {
        pass.twiddles.withUnsafeBufferPointer { twiddles in
            for group in 0..<pass.groups {
                let w = UnsafeBufferPointer(
                    rebasing: twiddles[group * pass.radix..<(group + 1) * pass.radix])
                let input = pass.stride * group
                let step = pass.stride * pass.groups
                let output = pass.stride * pass.radix * group
                switch pass.radix {
                case 2: radix2(pass.stride, x, input, step, y, output, w)
                case 3: radix3(pass.stride, x, input, step, y, output, w)
                case 4: radix4(pass.stride, x, input, step, y, output, w)
                case 5: radix5(pass.stride, x, input, step, y, output, w)
                default: direct(pass, x, input, step, y, output, w)
                }
            }
        }
    }

    private typealias Twiddles = UnsafeBufferPointer<Twiddle>

    @inline(__always)
    private static func radix2(
        _ stride: Int, _ x: Source, _ input: Int, _ step: Int, _ y: Target, _ output: Int, _ w: Twiddles
    ) {
        let w1 = w[1]
        for s in 0..<stride {
            let (a, b) = (x[input + s], x[input + s + step])
            y.store(a + b, output + s)
            y.store((a - b) * w1, output + s + stride)
        }
    }

    @inline(__always)
    private static func radix3(
        _ stride: Int, _ x: Source, _ input: Int, _ step: Int, _ y: Target, _ output: Int, _ w: Twiddles
    ) {
        let half = 0.5
        let sine = 0.75.squareRoot()
        let (w1, w2) = (w[1], w[2])
        for s in 0..<stride {
            let (a, b, c) = (x[input + s], x[input + s + step], x[input + s + 2 * step])
            let sum = b + c
            let middle = a - sum * half
            let timesMinusI = ((b - c) * sine).timesMinusI
            y.store(a + sum, output + s)
            y.store((middle + timesMinusI) * w1, output + s + stride)
            y.store((middle - timesMinusI) * w2, output + s + 2 * stride)
        }
    }

    @inline(__always)
    private static func radix4(
        _ stride: Int, _ x: Source, _ input: Int, _ step: Int, _ y: Target, _ output: Int, _ w: Twiddles
    ) {
        let (w1, w2, w3) = (w[1], w[2], w[3])
        for s in 0..<stride {
            let (a, b) = (x[input + s], x[input + s + step])
            let (c, d) = (x[input + s + 2 * step], x[input + s + 3 * step])
            let (sum, difference) = (a + c, a - c)
            let (otherSum, timesMinusI) = (b + d, (b - d).timesMinusI)
            y.store(sum + otherSum, output + s)
            y.store((difference + timesMinusI) * w1, output + s + stride)
            y.store((sum - otherSum) * w2, output + s + 2 * stride)
            y.store((difference - timesMinusI) * w3, output + s + 3 * stride)
        }
    }

    @inline(__always)
    private static func radix5(
        _ stride: Int, _ x: Source, _ input: Int, _ step: Int, _ y: Target, _ output: Int, _ w: Twiddles
    ) {
        let (one, two) = (Twiddle(1, of: 5), Twiddle(2, of: 5))
        let (w1, w2, w3, w4) = (w[1], w[2], w[3], w[4])
        for s in 0..<stride {
            let (a, b, c) = (x[input + s], x[input + s + step], x[input + s + 2 * step])
            let (d, e) = (x[input + s + 3 * step], x[input + s + 4 * step])
            let (outer, inner) = (b + e, c + d)
            let (outerDifference, innerDifference) = (b - e, c - d)
            let first = a + outer * one.re + inner * two.re
            let second = a + outer * two.re + inner * one.re
            let firstOdd = (outerDifference * -one.im + innerDifference * -two.im).timesMinusI
            let secondOdd = (outerDifference * -two.im - innerDifference * -one.im).timesMinusI
            y.store(a + outer + inner, output + s)
            y.store((first + firstOdd) * w1, output + s + stride)
            y.store((second + secondOdd) * w2, output + s + 2 * stride)
            y.store((second - secondOdd) * w3, output + s + 3 * stride)
            y.store((first - firstOdd) * w4, output + s + 4 * stride)
        }
    }

    /// The definition, for prime factors above five.
    private static func direct(
        _ pass: Pass, _ x: Source, _ input: Int, _ step: Int, _ y: Target, _ output: Int, _ w: Twiddles
    ) {
        for s in 0..<pass.stride {
            for k in 0..<pass.radix {
                var sum = x[input + s]
                for r in 1..<pass.radix {
                    sum = sum + x[input + s + r * step] * pass.roots[k * r % pass.radix]
                }
                y.store(sum * w[k], output + s + k * pass.stride)
            }
        }
    }
}
