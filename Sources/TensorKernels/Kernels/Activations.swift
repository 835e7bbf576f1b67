import TensorKernelTable

// Activations of sixteen values.

@_transparent func relu(_ x: Float32x16) -> Float32x16 {
    x.replacing(with: splat(0), where: x .< splat(0))
}

@_transparent func leakyReLU(_ x: Float32x16, _ slope: Float32x16) -> Float32x16 {
    x.replacing(with: x * slope, where: x .< splat(0))
}

/// x · Φ(x). erfc(a) = t·P(t)·e^{−a²} with t = 1/(1 + 0.37a); P is a least-squares fit of degree 9 on
/// 0 ≤ a ≤ 4.2 (error of erf below 4e-7 in single precision).
@_transparent func gelu(_ x: Float32x16) -> Float32x16 {
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

/// x · (1 + tanh u) / 2 = x · σ(2u) with u = √(2/π) · (x + 0.044715 · x³).
@_transparent func geluTanh(_ x: Float32x16) -> Float32x16 {
    let cubic = madd(x * x, splat(0.044715), splat(1))
    return x * sigmoid(x * cubic * splat(1.5957691216057308))
}

@_transparent func activate(_ x: Float32x16, _ activation: Activation) -> Float32x16 {
    switch activation {
    case .identity: return x
    case .relu: return relu(x)
    case .gelu: return gelu(x)
    case .geluTanh: return geluTanh(x)
    case .tanh: return hyperbolicTangent(x)
    case .leakyReLU(let slope): return leakyReLU(x, splat(slope))
    }
}
