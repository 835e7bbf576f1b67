import TensorKernelTable

// Pointwise kernels. Each works on sixteen lanes and finishes the rest through a small buffer on the stack, so
// that the tail is computed by the same instructions as the body.

@inline(__always) private func unary(_ x: Floats, _ out: MutableFloats, _ count: Int, _ f: (F16) -> F16) {
    var i = 0
    while i + 16 <= count {
        store16(out + i, f(load16(x + i)))
        i += 16
    }
    if i < count {
        var lanes = F16()
        var k = 0
        while i + k < count {
            lanes[k] = x[i + k]
            k += 1
        }
        lanes = f(lanes)
        k = 0
        while i + k < count {
            out[i + k] = lanes[k]
            k += 1
        }
    }
}

@inline(__always) private func binary(
    _ a: Floats, _ b: Floats, _ out: MutableFloats, _ count: Int, _ f: (F16, F16) -> F16
) {
    var i = 0
    while i + 16 <= count {
        store16(out + i, f(load16(a + i), load16(b + i)))
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
        p = f(p, q)
        k = 0
        while i + k < count {
            out[i + k] = p[k]
            k += 1
        }
    }
}

@inline(__always) private func leaky(_ x: F16, _ slope: F16) -> F16 {
    x.replacing(with: x * slope, where: x .< splat(0))
}

/// x · Φ(x). erfc(a) = t·P(t)·e^{−a²} with t = 1/(1 + 0.37a); P is a least-squares fit of degree 9 on
/// 0 ≤ a ≤ 4.2 (error of erf below 4e-7 in single precision).
@inline(__always) private func gaussianErrorUnit(_ x: F16) -> F16 {
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

@inline(__always) private func activate(_ x: F16, _ activation: Activation, _ slope: F16) -> F16 {
    switch activation {
    case .identity: return x
    case .relu: return x.replacing(with: splat(0), where: x .< splat(0))
    case .gelu: return gaussianErrorUnit(x)
    case .tanh: return hyperbolicTangent(x)
    case .leakyReLU: return leaky(x, slope)
    }
}

func leakyReLU(_ x: Floats, _ slope: Float, _ out: MutableFloats, _ count: Int) {
    let s = splat(slope)
    unary(x, out, count) { leaky($0, s) }
}

func add(_ a: Floats, _ b: Floats, _ out: MutableFloats, _ count: Int) {
    binary(a, b, out, count) { $0 + $1 }
}

func scaledSum(_ a: Floats, _ scaleA: Float, _ b: Floats, _ scaleB: Float, _ out: MutableFloats, _ count: Int)
{
    let p = splat(scaleA)
    let q = splat(scaleB)
    binary(a, b, out, count) { $0 * p + $1 * q }
}

func tanhSigmoid(_ a: Floats, _ b: Floats, _ out: MutableFloats, _ count: Int) {
    binary(a, b, out, count) { hyperbolicTangent($0) * sigmoid($1) }
}

func gate(_ a: Floats, _ b: Floats, _ out: MutableFloats, _ count: Int) {
    binary(a, b, out, count) { $0 * sigmoid($1) }
}

/// tanh(softplus(x)) = n / (n + 2) with n = eˣ(eˣ + 2); above 20 it is 1 to the last digit (and PyTorch's
/// softplus turns into the identity there).
func mish(_ x: MutableFloats, _ count: Int) {
    unary(Floats(x), x, count) { v in
        let e = exponential(v)
        let n = e * (e + splat(2))
        let y = v * (n / (n + splat(2)))
        return y.replacing(with: v, where: v .> splat(20))
    }
}

func reparameterize(
    _ mean: Floats, _ logDeviation: Floats, _ noise: Floats, _ scale: Float, _ out: MutableFloats,
    _ count: Int
) {
    let s = splat(scale)
    binary(logDeviation, noise, out, count) { $1 * exponential($0) * s }
    binary(mean, Floats(out), out, count) { $0 + $1 }
}

func biasActivation(
    _ x: MutableFloats, _ rows: Int, _ columns: Int, _ bias: Floats?, _ activation: Activation, _ slope: Float
) {
    let s = splat(slope)
    var r = 0
    while r < rows {
        let row = x + r * columns
        if let bias {
            binary(Floats(row), bias, row, columns) { activate($0 + $1, activation, s) }
        } else {
            unary(Floats(row), row, columns) { activate($0, activation, s) }
        }
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
    while i + 8 <= count {
        UnsafeMutableRawPointer(out + i).storeBytes(of: load8(x + i), as: F8.self)
        i += 8
    }
    while i < count {
        out[i] = widenOne(x[i])
        i += 1
    }
}
