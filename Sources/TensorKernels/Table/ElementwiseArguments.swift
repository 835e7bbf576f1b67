/// `x[r, j] = act(x[r, j] + bias[j])` in place.
package struct BiasActivationArguments {
    /// Rows without gaps between them.
    package var x: MutableFloats
    /// The shape of x.
    package var rows: Int, columns: Int
    /// A value per column; nil for none.
    package var bias: Floats?
    /// Applied after the bias.
    package var activation: Activation

    /// The arguments by name.
    package init(x: MutableFloats, rows: Int, columns: Int, bias: Floats? = nil, activation: Activation) {
        (self.x, self.rows, self.columns) = (x, rows, columns)
        (self.bias, self.activation) = (bias, activation)
    }
}

/// `out[i] = a[i] · scaleA + b[i] · scaleB`
package struct ScaledSumArguments {
    /// The first summand, and its factor.
    package var a: Floats, scaleA: Float
    /// The second summand, and its factor.
    package var b: Floats, scaleB: Float
    /// The output, and its elements.
    package var out: MutableFloats, count: Int

    /// The arguments by name.
    package init(a: Floats, scaleA: Float, b: Floats, scaleB: Float, out: MutableFloats, count: Int) {
        (self.a, self.scaleA, self.b, self.scaleB) = (a, scaleA, b, scaleB)
        (self.out, self.count) = (out, count)
    }
}

/// `out[i] = mean[i] + noise[i] · exp(logDeviation[i]) · scale`
package struct ReparameterizeArguments {
    /// Mean and logarithm of the standard deviation.
    package var mean: Floats, logDeviation: Floats
    /// Standard normal noise, and its factor.
    package var noise: Floats, scale: Float
    /// The output, and its elements.
    package var out: MutableFloats, count: Int

    /// The arguments by name.
    package init(
        mean: Floats, logDeviation: Floats, noise: Floats, scale: Float, out: MutableFloats, count: Int
    ) {
        (self.mean, self.logDeviation) = (mean, logDeviation)
        (self.noise, self.scale, self.out, self.count) = (noise, scale, out, count)
    }
}

/// One step of a GRU cell after its recurrent product, for one row: r = σ(x₀ + g₀), z = σ(x₁ + g₁),
/// n = tanh(x₂ + r · g₂), out = (1 − z) · n + z · h.
package struct GRUCellArguments {
    /// W_i x + b_i: the gates r, z, n after one another, `size` values each.
    package var x: Floats
    /// W_h h + b_h in the same order; overwritten.
    package var gates: MutableFloats
    /// The state.
    package var h: Floats
    /// The next state; it may be h.
    package var out: MutableFloats
    /// Values of the state: a multiple of 16.
    package var size: Int

    /// The arguments by name.
    package init(x: Floats, gates: MutableFloats, h: Floats, out: MutableFloats, size: Int) {
        (self.x, self.gates, self.h, self.out, self.size) = (x, gates, h, out, size)
    }
}
