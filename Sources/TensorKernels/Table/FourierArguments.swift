/// The real Fourier transform of N rows of many channels, as planes: plane p of channel c at
/// `out[p · planeStride + c]` (FourierTransforms.swift says which planes there are).
package struct FourierForwardArguments {
    /// N: 16 or 32.
    package var points: Int
    /// The first row, and the distance of the rows in elements.
    package var x: Floats, rowStride: Int
    /// Channels: a multiple of 16.
    package var channels: Int
    /// Applied to x.
    package var inputActivation: InputActivation
    /// The planes, and their distance in elements.
    package var out: MutableFloats, planeStride: Int
    /// 1024 floats.
    package var scratch: MutableFloats

    /// The arguments by name.
    package init(
        points: Int, x: Floats, rowStride: Int, channels: Int, inputActivation: InputActivation,
        out: MutableFloats, planeStride: Int, scratch: MutableFloats
    ) {
        (self.points, self.x, self.rowStride, self.channels) = (points, x, rowStride, channels)
        (self.inputActivation, self.scratch) = (inputActivation, scratch)
        (self.out, self.planeStride) = (out, planeStride)
    }
}

/// The inverse of the forward transform for the first rows of a tile, and the epilogue of the convolution.
package struct FourierInverseArguments {
    /// N: 16 or 32.
    package var points: Int
    /// Planes of sums with the sixteen channels of a panel side by side, and the planes' distance in elements.
    package var sums: Floats, planeStride: Int
    /// Panels, and their distance in elements.
    package var panels: Int, panelStride: Int
    /// Rows of the tile that are wanted.
    package var rows: Int
    /// What is done to the rows; its pointers begin at the first panel's first channel.
    package var epilogue: Epilogue
    /// 1024 floats.
    package var scratch: MutableFloats

    /// The arguments by name.
    package init(
        points: Int, sums: Floats, planeStride: Int, panels: Int, panelStride: Int, rows: Int,
        epilogue: Epilogue, scratch: MutableFloats
    ) {
        (self.points, self.sums, self.planeStride) = (points, sums, planeStride)
        (self.panels, self.panelStride, self.rows) = (panels, panelStride, rows)
        (self.epilogue, self.scratch) = (epilogue, scratch)
    }
}

/// Weights of one panel, `[tap][channel][16]`, as planes for the batched GEMM.
package struct FourierWeightsArguments {
    /// N: 16 or 32.
    package var points: Int
    /// The panel, its taps and its input channels.
    package var w: Floats, taps: Int, channels: Int
    /// Scaled cosines and sines, `[N / 2 + 1][taps][2]`.
    package var table: UnsafePointer<Double>
    /// The planes, and their distance in elements.
    package var out: MutableFloats, planeStride: Int

    /// The arguments by name.
    package init(
        points: Int, w: Floats, taps: Int, channels: Int, table: UnsafePointer<Double>, out: MutableFloats,
        planeStride: Int
    ) {
        (self.points, self.w, self.taps, self.channels) = (points, w, taps, channels)
        (self.table, self.out, self.planeStride) = (table, out, planeStride)
    }
}
