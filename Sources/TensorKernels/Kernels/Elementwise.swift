import TensorKernelTable

// Pointwise kernels. Each works on sixteen lanes and finishes the rest through a small buffer on the stack, so
// that the tail is computed by the same instructions as the body. The operations are types and not closures: a closure that
// is used in body and tail stays a function of its own, called for every vector.

private protocol UnaryOperation { func of(_ x: F16) -> F16 }
private protocol BinaryOperation { func of(_ a: F16, _ b: F16) -> F16 }

@_transparent private func unary<Operation: UnaryOperation>(
    _ x: Floats, _ out: MutableFloats, _ count: Int, _ f: Operation
) {
    var i = 0
    while i + 16 <= count {
        store16(out + i, f.of(load16(x + i)))
        i += 16
    }
    if i < count {
        var lanes = F16()
        var k = 0
        while i + k < count {
            lanes[k] = x[i + k]
            k += 1
        }
        lanes = f.of(lanes)
        k = 0
        while i + k < count {
            out[i + k] = lanes[k]
            k += 1
        }
    }
}

@_transparent private func binary<Operation: BinaryOperation>(
    _ a: Floats, _ b: Floats, _ out: MutableFloats, _ count: Int, _ f: Operation
) {
    var i = 0
    while i + 16 <= count {
        store16(out + i, f.of(load16(a + i), load16(b + i)))
        i += 16
    }
    if i < count {
        var p = F16()
        var q = F16()
        var k = 0
        while i + k < count {
            p[k] = a[i + k]
            q[k] = b[i + k]
            k += 1
        }
        p = f.of(p, q)
        k = 0
        while i + k < count {
            out[i + k] = p[k]
            k += 1
        }
    }
}

@_transparent private func leaky(_ x: F16, _ slope: F16) -> F16 {
    x.replacing(with: x * slope, where: x .< splat(0))
}

/// x · Φ(x). erfc(a) = t·P(t)·e^{−a²} with t = 1/(1 + 0.37a); P is a least-squares fit of degree 9 on
/// 0 ≤ a ≤ 4.2 (error of erf below 4e-7 in single precision).
@_transparent private func gaussianErrorUnit(_ x: F16) -> F16 {
    let a = magnitude(x) * splat(0.70710678)
    let t = splat(1) / madd(a, splat(0.37), splat(1))
    var p = splat(-0.0398931368)
    p = madd(p, t, splat(0.31616319))
    p = madd(p, t, splat(-1.01582651))
    p = madd(p, t, splat(1.64006927))
    p = madd(p, t, splat(-1.4738713))
    p = madd(p, t, splat(1.1204737))
    p = madd(p, t, splat(-0.258439736))
    p = madd(p, t, splat(0.311346362))
    p = madd(p, t, splat(0.189864274))
    p = madd(p, t, splat(0.210113886))
    let complement = t * p * exponential(-(a * a))
    let half = x * splat(0.5)
    let positive = madd(-half, complement, x)
    let negative = half * complement
    return positive.replacing(with: negative, where: x .< splat(0))
}

@_transparent private func activate(_ x: F16, _ activation: Activation, _ slope: F16) -> F16 {
    switch activation {
    case .identity: return x
    case .relu: return x.replacing(with: splat(0), where: x .< splat(0))
    case .gelu: return gaussianErrorUnit(x)
    case .tanh: return hyperbolicTangent(x)
    case .leakyReLU: return leaky(x, slope)
    }
}

private struct LeakyReLU: UnaryOperation {
    let slope: F16
    @_transparent func of(_ x: F16) -> F16 { leaky(x, slope) }
}
func leakyReLU(_ x: Floats, _ slope: Float, _ out: MutableFloats, _ count: Int) {
    unary(x, out, count, LeakyReLU(slope: splat(slope)))
}

private struct Sum: BinaryOperation {
    @_transparent func of(_ a: F16, _ b: F16) -> F16 { a + b }
}
func add(_ a: Floats, _ b: Floats, _ out: MutableFloats, _ count: Int) { binary(a, b, out, count, Sum()) }

private struct ScaledSum: BinaryOperation {
    let p: F16, q: F16
    @_transparent func of(_ a: F16, _ b: F16) -> F16 { a * p + b * q }
}
func scaledSum(_ a: Floats, _ scaleA: Float, _ b: Floats, _ scaleB: Float, _ out: MutableFloats, _ count: Int)
{
    binary(a, b, out, count, ScaledSum(p: splat(scaleA), q: splat(scaleB)))
}

private struct TanhSigmoid: BinaryOperation {
    @_transparent func of(_ a: F16, _ b: F16) -> F16 { hyperbolicTangent(a) * sigmoid(b) }
}
func tanhSigmoid(_ a: Floats, _ b: Floats, _ out: MutableFloats, _ count: Int) {
    binary(a, b, out, count, TanhSigmoid())
}

private struct Gate: BinaryOperation {
    @_transparent func of(_ a: F16, _ b: F16) -> F16 { a * sigmoid(b) }
}
func gate(_ a: Floats, _ b: Floats, _ out: MutableFloats, _ count: Int) { binary(a, b, out, count, Gate()) }

/// tanh(softplus(x)) = n / (n + 2) with n = eˣ(eˣ + 2); above 20 it is 1 to the last digit (and PyTorch's
/// softplus turns into the identity there).
private struct Mish: UnaryOperation {
    @_transparent func of(_ x: F16) -> F16 {
        let e = exponential(x)
        let n = e * (e + splat(2))
        let y = x * (n / (n + splat(2)))
        return y.replacing(with: x, where: x .> splat(20))
    }
}
func mish(_ x: MutableFloats, _ count: Int) { unary(Floats(x), x, count, Mish()) }

private struct Deviation: BinaryOperation {
    let scale: F16
    @_transparent func of(_ logDeviation: F16, _ noise: F16) -> F16 {
        noise * exponential(logDeviation) * scale
    }
}
func reparameterize(
    _ mean: Floats, _ logDeviation: Floats, _ noise: Floats, _ scale: Float, _ out: MutableFloats,
    _ count: Int
) {
    binary(logDeviation, noise, out, count, Deviation(scale: splat(scale)))
    binary(mean, Floats(out), out, count, Sum())
}

private struct Rectified: UnaryOperation {
    @_transparent func of(_ x: F16) -> F16 { x.replacing(with: splat(0), where: x .< splat(0)) }
}
private struct GELU: UnaryOperation {
    @_transparent func of(_ x: F16) -> F16 { gaussianErrorUnit(x) }
}
private struct Tanh: UnaryOperation {
    @_transparent func of(_ x: F16) -> F16 { hyperbolicTangent(x) }
}
private struct Identity: UnaryOperation {
    @_transparent func of(_ x: F16) -> F16 { x }
}
private struct AfterSum<Operation: UnaryOperation>: BinaryOperation {
    let operation: Operation
    @_transparent func of(_ x: F16, _ bias: F16) -> F16 { operation.of(x + bias) }
}

/// One loop per activation, so that none of them decides anything.
func biasActivation(
    _ x: MutableFloats, _ rows: Int, _ columns: Int, _ bias: Floats?, _ activation: Activation, _ slope: Float
) {
    switch activation {
    case .identity: biased(x, rows, columns, bias, Identity())
    case .relu: biased(x, rows, columns, bias, Rectified())
    case .gelu: biased(x, rows, columns, bias, GELU())
    case .tanh: biased(x, rows, columns, bias, Tanh())
    case .leakyReLU: biased(x, rows, columns, bias, LeakyReLU(slope: splat(slope)))
    }
}

@_transparent private func biased<Operation: UnaryOperation>(
    _ x: MutableFloats, _ rows: Int, _ columns: Int, _ bias: Floats?, _ operation: Operation
) {
    guard let bias else { return unary(Floats(x), x, rows * columns, operation) }
    var r = 0
    while r < rows {
        let row = x + r * columns
        binary(Floats(row), bias, row, columns, AfterSum(operation: operation))
        r += 1
    }
}

func epilogue(
    _ acc: Floats, _ rows: Int, _ columns: Int, _ bias: Floats?, _ activation: Activation, _ slope: Float,
    _ residual: Floats?, _ residualStride: Int, _ accumulates: Bool, _ scale: Float, _ out: MutableFloats,
    _ outStride: Int
) {
    let s = splat(slope)
    var b = F16()
    if let bias {
        var k = 0
        while k < columns {
            b[k] = bias[k]
            k += 1
        }
    }
    var r = 0
    while r < rows {
        var y = activate(load16(acc + r * 16) + b, activation, s)
        let o = out + r * outStride
        if columns == 16 {
            if let residual { y += load16(residual + r * residualStride) }
            if accumulates { y = (y + load16(o)) * splat(scale) }
            store16(o, y)
        } else {
            var k = 0
            while k < columns {
                var v = y[k]
                if let residual { v += residual[r * residualStride + k] }
                if accumulates { v = (v + o[k]) * scale }
                o[k] = v
                k += 1
            }
        }
        r += 1
    }
}

func widen(_ x: Halves, _ out: MutableFloats, _ count: Int) {
    var i = 0
    while i + 16 <= count {
        store16(out + i, load16(x + i))
        i += 16
    }
    while i < count {
        out[i] = widenOne(x[i])
        i += 1
    }
}

/// Rounded to nearest, ties to even, in integer registers: scaled by 2⁻¹¹² a float has the half's exponent (and its
/// subnormals), and the thirteen bits too many are rounded off.
func narrow(_ x: Floats, _ out: MutableHalves, _ count: Int) {
    var i = 0
    while i + 16 <= count {
        let v = load16(x + i)
        var a = magnitude(v)
        a.replace(with: splat(65504), where: a .> splat(65504))
        let bits = unsafeBitCast(a * splat(Float(bitPattern: 0x0780_0000)), to: U16.self)
        let odd = (bits &>> U16(repeating: 13)) & U16(repeating: 1)
        let half = (bits &+ U16(repeating: 0xfff) &+ odd) &>> U16(repeating: 13)
        let sign = (unsafeBitCast(v, to: U16.self) &>> U16(repeating: 16)) & U16(repeating: 0x8000)
        let h = (half & U16(repeating: 0x7fff)) | sign
        let packed = SIMD16<UInt16>(
            low(h[0]), low(h[1]), low(h[2]), low(h[3]), low(h[4]), low(h[5]), low(h[6]), low(h[7]), low(h[8]),
            low(h[9]), low(h[10]), low(h[11]), low(h[12]), low(h[13]), low(h[14]), low(h[15]))
        UnsafeMutableRawPointer(out + i).storeBytes(of: packed, as: SIMD16<UInt16>.self)
        i += 16
    }
    while i < count {
        let bits = x[i].bitPattern
        let value = Float(bitPattern: bits & 0x7fff_ffff)
        let scaled = ((value > 65504 ? 65504 : value) * Float(bitPattern: 0x0780_0000)).bitPattern
        let half = (scaled &+ 0xfff &+ ((scaled &>> 13) & 1)) &>> 13
        out[i] = low((half & 0x7fff) | ((bits &>> 16) & 0x8000))
        i += 1
    }
}

@inline(__always) private func low(_ x: UInt32) -> UInt16 { UInt16(truncatingIfNeeded: x) }
