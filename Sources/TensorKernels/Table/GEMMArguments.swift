/// C = act(A · Wᵀ + bias) for one block of rows: `C[r, j] = act(Σₖ A[r, k] · W[j, k] + bias[j])`.
///
/// W is packed in panels of sixteen outputs, `[panel][k][16]`, the last one padded. A row's result does not depend on
/// `m`: every output is one running sum over k.
package struct GEMMArguments<Weight> {
    /// Rows of the block: one of the table's `rowBlocks`.
    package var m: Int
    /// Outputs.
    package var n: Int
    /// Inputs.
    package var k: Int
    /// A, interleaved: `[k][m]`.
    package var a: Floats
    /// W in panels.
    package var w: UnsafePointer<Weight>
    /// n values, readable to a multiple of 16; nil for none.
    package var bias: Floats?
    /// Whether the activation is ReLU rather than the identity. No other activation is fused.
    package var relu: Bool
    /// C, and the distance of its rows in elements.
    package var c: MutableFloats, ldc: Int

    /// The arguments by name.
    package init(
        m: Int, n: Int, k: Int, a: Floats, w: UnsafePointer<Weight>, bias: Floats? = nil, relu: Bool = false,
        c: MutableFloats, ldc: Int
    ) {
        (self.m, self.n, self.k, self.a, self.w) = (m, n, k, a, w)
        (self.bias, self.relu, self.c, self.ldc) = (bias, relu, c, ldc)
    }
}

/// Memory that a kernel prefetches while it computes on operands that are in the caches already.
package struct PrefetchStream {
    /// The first address. It may lie outside of every allocation.
    package var address: UnsafeRawPointer
    /// Bytes from one prefetch to the next.
    package var strideBytes: Int

    /// A stream from `address` on.
    package init(address: UnsafeRawPointer, strideBytes: Int) {
        (self.address, self.strideBytes) = (address, strideBytes)
    }
}

/// Products of one matrix A with a batch of panels: `C[p][r, 0..<16] = Σₖ A[r, k] · W[p][k, 0..<16]`.
package struct BatchedGEMMArguments {
    /// Rows of A.
    package var m: Int
    /// Columns of A.
    package var k: Int
    /// A, and the distance of its rows in elements.
    package var a: Floats, lda: Int
    /// W in panels, `[panel][k][16]`, and how many there are.
    package var w: Floats, panels: Int
    /// C, `[panel][m][16]`, and the distance of its panels in elements.
    package var c: MutableFloats, panelStride: Int

    /// The arguments by name.
    package init(
        m: Int, k: Int, a: Floats, lda: Int, w: Floats, panels: Int, c: MutableFloats, panelStride: Int
    ) {
        (self.m, self.k, self.a, self.lda) = (m, k, a, lda)
        (self.w, self.panels, self.c, self.panelStride) = (w, panels, c, panelStride)
    }
}

/// Sixteen rows of a matrix rewritten as one panel: `panel[i · 16 + r] = rows[r · rowStride + i]` for i < k.
package struct PackPanelArguments<Element> {
    /// The first of sixteen rows, and their distance in elements.
    package var rows: UnsafePointer<Element>, rowStride: Int
    /// Columns.
    package var k: Int
    /// `[k][16]`.
    package var panel: UnsafeMutablePointer<Element>

    /// The arguments by name.
    package init(
        rows: UnsafePointer<Element>, rowStride: Int, k: Int, panel: UnsafeMutablePointer<Element>
    ) {
        (self.rows, self.rowStride, self.k, self.panel) = (rows, rowStride, k, panel)
    }
}
