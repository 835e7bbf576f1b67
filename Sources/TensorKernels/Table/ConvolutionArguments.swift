/// Sums of a convolution over time, onto what the accumulators hold:
/// `acc[p][r, 0..<16] += Σ_tap Σ_c x[r · rowStride + tap · tapStride + c] · W[p][tap · channels + c, 0..<16]`.
package struct ConvolutionArguments {
    /// The input row of the first output row's first tap, and the distance from one output row's to the next's.
    package var x: Floats, rowStride: Int
    /// Output rows.
    package var rows: Int
    /// Taps of the kernel, and the distance of their input rows in elements.
    package var taps: Int, tapStride: Int
    /// Input channels.
    package var channels: Int
    /// Panels `[tap][channel][16]`, their distance in elements, and how many there are.
    package var w: Floats, panelStride: Int, panels: Int
    /// `[panel][rows][16]`.
    package var acc: MutableFloats

    /// The arguments by name.
    package init(
        x: Floats, rowStride: Int, rows: Int, taps: Int, tapStride: Int, channels: Int, w: Floats,
        panelStride: Int, panels: Int, acc: MutableFloats
    ) {
        (self.x, self.rowStride, self.rows) = (x, rowStride, rows)
        (self.taps, self.tapStride, self.channels) = (taps, tapStride, channels)
        (self.w, self.panelStride, self.panels, self.acc) = (w, panelStride, panels, acc)
    }
}

/// A depthwise convolution of sixteen channels: `acc[r, c] = Σ_tap x[r · rowStride + tap · tapStride + c] · w[tap, c]`.
package struct DepthwiseArguments {
    /// The input row of the first output row's first tap, and the distance from one output row's to the next's.
    package var x: Floats, rowStride: Int
    /// Output rows.
    package var rows: Int
    /// Taps of the kernel, and the distance of their input rows in elements.
    package var taps: Int, tapStride: Int
    /// Weights of sixteen channels, and the distance of the taps' in elements.
    package var w: Floats, weightStride: Int
    /// `[rows][16]`.
    package var acc: MutableFloats

    /// The arguments by name.
    package init(
        x: Floats, rowStride: Int, rows: Int, taps: Int, tapStride: Int, w: Floats, weightStride: Int,
        acc: MutableFloats
    ) {
        (self.x, self.rowStride, self.rows) = (x, rowStride, rows)
        (self.taps, self.tapStride) = (taps, tapStride)
        (self.w, self.weightStride, self.acc) = (w, weightStride, acc)
    }
}

/// What is done to the finished sums s of a convolution: `y = act(s + bias) (+ residual)`, then `out = y`, or
/// `out = (out + y) · scale` when it accumulates.
package struct Epilogue {
    /// A value per channel; nil for none. Kernels that finish whole panels read it to a multiple of 16.
    package var bias: Floats?
    /// Applied after the bias.
    package var activation: Activation
    /// Added after the activation, and the distance of its rows in elements; nil for none.
    package var residual: Floats?, residualStride: Int
    /// Whether y is added to what `out` holds, and the factor of that sum.
    package var accumulates: Bool, scale: Float
    /// The output, and the distance of its rows in elements.
    package var out: MutableFloats, outStride: Int

    /// The arguments by name.
    package init(
        bias: Floats? = nil, activation: Activation = .identity, residual: Floats? = nil,
        residualStride: Int = 0, accumulates: Bool = false, scale: Float = 1, out: MutableFloats,
        outStride: Int
    ) {
        (self.bias, self.activation) = (bias, activation)
        (self.residual, self.residualStride) = (residual, residualStride)
        (self.accumulates, self.scale) = (accumulates, scale)
        (self.out, self.outStride) = (out, outStride)
    }

    /// The same from another channel on.
    @inlinable
    package func channels(from channel: Int) -> Epilogue {
        var copy = self
        copy.bias = bias.map { $0 + channel }
        copy.residual = residual.map { $0 + channel }
        copy.out = out + channel
        return copy
    }
}

/// The epilogue of one panel.
package struct EpilogueArguments {
    /// Finished sums, `[rows][16]`.
    package var acc: Floats
    /// Rows, and channels that exist (at most 16).
    package var rows: Int, columns: Int
    /// What is done to them; its pointers begin at the panel's first channel.
    package var epilogue: Epilogue

    /// The arguments by name.
    package init(acc: Floats, rows: Int, columns: Int, epilogue: Epilogue) {
        (self.acc, self.rows, self.columns, self.epilogue) = (acc, rows, columns, epilogue)
    }
}

/// A convolution with one output channel: `s[r] = Σᵢ act(x[r · rowStride + i]) · w[i]`, finished by an epilogue of one
/// channel.
package struct SingleOutputArguments {
    /// The first input row, and the distance of the rows in elements.
    package var x: Floats, rowStride: Int
    /// Output rows.
    package var rows: Int
    /// Taps · channels: consecutive elements of each sum.
    package var length: Int
    /// `length` weights.
    package var w: Floats
    /// Applied to x.
    package var inputActivation: InputActivation
    /// What is done to the sums.
    package var epilogue: Epilogue

    /// The arguments by name.
    package init(
        x: Floats, rowStride: Int, rows: Int, length: Int, w: Floats, inputActivation: InputActivation,
        epilogue: Epilogue
    ) {
        (self.x, self.rowStride, self.rows, self.length, self.w) = (x, rowStride, rows, length, w)
        (self.inputActivation, self.epilogue) = (inputActivation, epilogue)
    }
}
