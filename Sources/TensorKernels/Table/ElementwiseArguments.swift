/// `x[r, j] = act(x[r, j] + bias[j])` in place.
public struct BiasActivationArguments {
    /// Rows without gaps between them.
    public var x: MutableFloats
    /// The shape of x.
    public var rows: Int, columns: Int
    /// A value per column; nil for none.
    public var bias: Floats?
    /// Applied after the bias.
    public var activation: Activation

    /// The arguments by name.
    public init(x: MutableFloats, rows: Int, columns: Int, bias: Floats? = nil, activation: Activation) {
        (self.x, self.rows, self.columns) = (x, rows, columns)
        (self.bias, self.activation) = (bias, activation)
    }
}

/// `out[i] = a[i] · scaleA + b[i] · scaleB`
public struct ScaledSumArguments {
    /// The first summand, and its factor.
    public var a: Floats, scaleA: Float
    /// The second summand, and its factor.
    public var b: Floats, scaleB: Float
    /// The output, and its elements.
    public var out: MutableFloats, count: Int

    /// The arguments by name.
    public init(a: Floats, scaleA: Float, b: Floats, scaleB: Float, out: MutableFloats, count: Int) {
        (self.a, self.scaleA, self.b, self.scaleB) = (a, scaleA, b, scaleB)
        (self.out, self.count) = (out, count)
    }
}

/// `out[i] = mean[i] + noise[i] · exp(logDeviation[i]) · scale`
public struct ReparameterizeArguments {
    /// Mean and logarithm of the standard deviation.
    public var mean: Floats, logDeviation: Floats
    /// Standard normal noise, and its factor.
    public var noise: Floats, scale: Float
    /// The output, and its elements.
    public var out: MutableFloats, count: Int

    /// The arguments by name.
    public init(
        mean: Floats, logDeviation: Floats, noise: Floats, scale: Float, out: MutableFloats, count: Int
    ) {
        (self.mean, self.logDeviation) = (mean, logDeviation)
        (self.noise, self.scale, self.out, self.count) = (noise, scale, out, count)
    }
}

/// One step of a GRU cell after its recurrent product, for one row: r = σ(x₀ + g₀), z = σ(x₁ + g₁),
/// n = tanh(x₂ + r · g₂), out = (1 − z) · n + z · h.
public struct GRUCellArguments {
    /// W_i x + b_i: the gates r, z, n after one another, `size` values each.
    public var x: Floats
    /// W_h h + b_h in the same order; overwritten.
    public var gates: MutableFloats
    /// The state.
    public var h: Floats
    /// The next state; it may be h.
    public var out: MutableFloats
    /// Values of the state: a multiple of 16.
    public var size: Int

    /// The arguments by name.
    public init(x: Floats, gates: MutableFloats, h: Floats, out: MutableFloats, size: Int) {
        (self.x, self.gates, self.h, self.out, self.size) = (x, gates, h, out, size)
    }
}
