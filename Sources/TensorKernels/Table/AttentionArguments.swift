/// One head of cached attention for one query: `out = softmax(q · Kᵀ · scale) · V`.
package struct AttentionHeadArguments<Element> {
    /// The query: `headSize` values.
    package var q: Floats
    /// Keys and values, `[steps, headSize]`, and the distance of their rows in elements.
    package var k: UnsafePointer<Element>, v: UnsafePointer<Element>, stride: Int
    /// Time steps, and features of the head.
    package var steps: Int, headSize: Int
    /// The factor of q · Kᵀ.
    package var scale: Float
    /// `steps` floats; holds the attention weights afterwards.
    package var scratch: MutableFloats
    /// `headSize` values.
    package var out: MutableFloats

    /// The arguments by name.
    package init(
        q: Floats, k: UnsafePointer<Element>, v: UnsafePointer<Element>, stride: Int, steps: Int,
        headSize: Int, scale: Float, scratch: MutableFloats, out: MutableFloats
    ) {
        (self.q, self.k, self.v, self.stride) = (q, k, v, stride)
        (self.steps, self.headSize, self.scale) = (steps, headSize, scale)
        (self.scratch, self.out) = (scratch, out)
    }
}

/// Layer normalisation of rows: `(x − mean) / √(variance + ε) · gain + bias`, of `x + residual` when there is one.
package struct LayerNormArguments {
    /// The input, and a residual of its shape; nil for none.
    package var x: Floats, residual: Floats?
    /// A value per column each.
    package var gain: Floats, bias: Floats
    /// ε.
    package var epsilon: Float
    /// The shape of x, without gaps between rows.
    package var rows: Int, columns: Int
    /// The output; it may be x.
    package var out: MutableFloats

    /// The arguments by name.
    package init(
        x: Floats, residual: Floats? = nil, gain: Floats, bias: Floats, epsilon: Float, rows: Int,
        columns: Int, out: MutableFloats
    ) {
        (self.x, self.residual, self.gain, self.bias) = (x, residual, gain, bias)
        (self.epsilon, self.rows, self.columns, self.out) = (epsilon, rows, columns, out)
    }
}

/// Softmax over each row, in place.
package struct SoftmaxArguments {
    /// The first row, and the distance of the rows in elements.
    package var x: MutableFloats, rowStride: Int
    /// Rows, and columns that take part.
    package var rows: Int, columns: Int

    /// The arguments by name.
    package init(x: MutableFloats, rowStride: Int, rows: Int, columns: Int) {
        (self.x, self.rowStride, self.rows, self.columns) = (x, rowStride, rows, columns)
    }
}
