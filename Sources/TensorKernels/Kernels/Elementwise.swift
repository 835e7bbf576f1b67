import TensorKernelTable

// Elementwise kernels. Each works on sixteen lanes and finishes the rest through a small buffer on the stack, so that the
// tail is computed by the same instructions as the body. The operations are types and not closures: a closure that is used in body and
// tail stays a function of its own, called for every vector. The types are private: see MicroKernel.swift.

/// y = f(x), sixteen values at a time.
private protocol UnaryOperation {
    func callAsFunction(_ x: Float32x16) -> Float32x16
}

/// y = f(a, b), sixteen values at a time.
private protocol BinaryOperation {
    func callAsFunction(_ a: Float32x16, _ b: Float32x16) -> Float32x16
}

private struct Identity: UnaryOperation {
    @_transparent func callAsFunction(_ x: Float32x16) -> Float32x16 { x }
}

private struct ReLU: UnaryOperation {
    @_transparent func callAsFunction(_ x: Float32x16) -> Float32x16 {
        relu(x)
    }
}

private struct LeakyReLU: UnaryOperation {
    let slope: Float32x16
    @_transparent func callAsFunction(_ x: Float32x16) -> Float32x16 {
        leakyReLU(x, slope)
    }
}

private struct Tanh: UnaryOperation {
    @_transparent func callAsFunction(_ x: Float32x16) -> Float32x16 { hyperbolicTangent(x) }
}

private struct GELU: UnaryOperation {
    @_transparent func callAsFunction(_ x: Float32x16) -> Float32x16 { gelu(x) }
}

private struct GELUTanh: UnaryOperation {
    @_transparent func callAsFunction(_ x: Float32x16) -> Float32x16 { geluTanh(x) }
}

@_transparent private func unary<Operation: UnaryOperation>(
    _ x: Floats, _ out: MutableFloats, _ count: Int, _ f: Operation
) {
    var i = 0
    while i + 16 <= count {
        store16(out + i, f(load16(x + i)))
        i += 16
    }
    if i < count {
        var lanes = Float32x16()
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

@_transparent private func binary<Operation: BinaryOperation>(
    _ a: Floats, _ b: Floats, _ out: MutableFloats, _ count: Int, _ f: Operation
) {
    var i = 0
    while i + 16 <= count {
        store16(out + i, f(load16(a + i), load16(b + i)))
        i += 16
    }
    if i < count {
        var p = Float32x16()
        var q = Float32x16()
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

func leakyReLU(_ x: Floats, _ slope: Float, _ y: MutableFloats, _ count: Int) {
    unary(x, y, count, LeakyReLU(slope: splat(slope)))
}

private struct Sum: BinaryOperation {
    @_transparent func callAsFunction(_ a: Float32x16, _ b: Float32x16) -> Float32x16 { a + b }
}
func add(_ a: Floats, _ b: Floats, _ y: MutableFloats, _ count: Int) { binary(a, b, y, count, Sum()) }

private struct ScaledSum: BinaryOperation {
    let scaleA: Float32x16, scaleB: Float32x16
    @_transparent func callAsFunction(_ a: Float32x16, _ b: Float32x16) -> Float32x16 {
        a * scaleA + b * scaleB
    }
}
func scaledSum(_ s: ScaledSumArguments) {
    binary(s.a, s.b, s.out, s.count, ScaledSum(scaleA: splat(s.scaleA), scaleB: splat(s.scaleB)))
}

private struct GatedTanh: BinaryOperation {
    @_transparent func callAsFunction(_ a: Float32x16, _ b: Float32x16) -> Float32x16 {
        hyperbolicTangent(a) * sigmoid(b)
    }
}
func gatedTanh(_ a: Floats, _ b: Floats, _ y: MutableFloats, _ count: Int) {
    binary(a, b, y, count, GatedTanh())
}

private struct SigmoidMultiply: BinaryOperation {
    @_transparent func callAsFunction(_ a: Float32x16, _ b: Float32x16) -> Float32x16 { a * sigmoid(b) }
}
func sigmoidMultiply(_ a: Floats, _ b: Floats, _ y: MutableFloats, _ count: Int) {
    binary(a, b, y, count, SigmoidMultiply())
}

/// tanh(softplus(x)) = n / (n + 2) with n = eˣ(eˣ + 2); above 20 it is 1 to the last digit (and PyTorch's
/// softplus turns into the identity there).
private struct Mish: UnaryOperation {
    @_transparent func callAsFunction(_ x: Float32x16) -> Float32x16 {
        let e = exponential(x)
        let n = e * (e + splat(2))
        let y = x * (n / (n + splat(2)))
        return y.replacing(with: x, where: x .> splat(20))
    }
}
func mish(_ x: MutableFloats, _ count: Int) { unary(Floats(x), x, count, Mish()) }

private struct ScaledNoise: BinaryOperation {
    let scale: Float32x16
    @_transparent func callAsFunction(_ logDeviation: Float32x16, _ noise: Float32x16) -> Float32x16 {
        noise * exponential(logDeviation) * scale
    }
}
func reparameterize(_ r: ReparameterizeArguments) {
    binary(r.logDeviation, r.noise, r.out, r.count, ScaledNoise(scale: splat(r.scale)))
    binary(r.mean, Floats(r.out), r.out, r.count, Sum())
}

private struct AfterSum<Operation: UnaryOperation>: BinaryOperation {
    let operation: Operation
    @_transparent func callAsFunction(_ x: Float32x16, _ bias: Float32x16) -> Float32x16 {
        operation(x + bias)
    }
}

/// One loop per activation, so that none of them decides anything.
func biasActivation(_ b: BiasActivationArguments) {
    switch b.activation {
    case .identity: biased(b, Identity())
    case .relu: biased(b, ReLU())
    case .gelu: biased(b, GELU())
    case .geluTanh: biased(b, GELUTanh())
    case .tanh: biased(b, Tanh())
    case .leakyReLU(let slope): biased(b, LeakyReLU(slope: splat(slope)))
    }
}

@_transparent private func biased<Operation: UnaryOperation>(
    _ b: BiasActivationArguments, _ operation: Operation
) {
    guard let bias = b.bias else { return unary(Floats(b.x), b.x, b.rows * b.columns, operation) }
    var r = 0
    while r < b.rows {
        let row = b.x + r * b.columns
        binary(Floats(row), bias, row, b.columns, AfterSum(operation: operation))
        r += 1
    }
}

// MARK: - Epilogue of convolutions

/// What a convolution does to its finished sums; see `Epilogue`.
func epilogue(_ e: EpilogueArguments) { applyEpilogue(e.acc, rows: e.rows, columns: e.columns, e.epilogue) }

/// The same, inlined into a kernel that finishes its own sums. One loop per activation, so that none of them decides
/// anything.
@_transparent func applyEpilogue(_ acc: Floats, rows: Int, columns: Int, _ e: Epilogue) {
    switch e.activation {
    case .identity: finish(acc, rows, columns, e, Identity())
    case .relu: finish(acc, rows, columns, e, ReLU())
    case .gelu: finish(acc, rows, columns, e, GELU())
    case .geluTanh: finish(acc, rows, columns, e, GELUTanh())
    case .tanh: finish(acc, rows, columns, e, Tanh())
    case .leakyReLU(let slope): finish(acc, rows, columns, e, LeakyReLU(slope: splat(slope)))
    }
}

@_transparent private func finish<Operation: UnaryOperation>(
    _ acc: Floats, _ rows: Int, _ columns: Int, _ e: Epilogue, _ operation: Operation
) {
    var bias = Float32x16()
    if let b = e.bias {
        if columns == 16 {
            bias = load16(b)
        } else {
            var j = 0
            while j < columns {
                bias[j] = b[j]
                j += 1
            }
        }
    }
    var r = 0
    while r < rows {
        var y = operation(load16(acc + r * 16) + bias)
        let target = e.out + r * e.outStride
        if columns == 16 {
            if let residual = e.residual { y += load16(residual + r * e.residualStride) }
            if e.accumulates { y = (y + load16(target)) * splat(e.scale) }
            store16(target, y)
        } else {
            var j = 0
            while j < columns {
                var v = y[j]
                if let residual = e.residual { v += residual[r * e.residualStride + j] }
                if e.accumulates { v = (v + target[j]) * e.scale }
                target[j] = v
                j += 1
            }
        }
        r += 1
    }
}
