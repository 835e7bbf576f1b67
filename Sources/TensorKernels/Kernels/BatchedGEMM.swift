import TensorKernelTable

// One matrix times a batch of panels: the products of a spectral convolution, per frequency the rows of all tiles, and
// those of attention weights with the values. Six rows fill twelve of AVX2's sixteen registers, twelve rows of two panels
// twenty-four of AVX-512's thirty-two, which halves the broadcasts per product.

func batchedGemm(_ g: BatchedGEMMArguments) {
    var panel = 0
    #if GSV_AVX512
        while panel + 2 <= g.panels {
            // The weights come from beyond the second-level cache, and each line is needed for a few cycles only: while
            // two panels are multiplied, the next two (or the next matrix's first) are prefetched, a share of them with
            // each block.
            let next = g.w + (panel + 2) * g.k * 16
            let step = max(1, (32 * 12 + g.m - 1) / max(g.m, 1))
            var r = 0
            while r + 12 <= g.m {
                block(
                    g, panel, r, rows: 12, panels: 2,
                    PrefetchStream(address: next + r / 12 * step * g.k, strideBytes: step * 4))
                r += 12
            }
            while r + 6 <= g.m {
                block(g, panel, r, rows: 6, panels: 2)
                r += 6
            }
            while r + 2 <= g.m {
                block(g, panel, r, rows: 2, panels: 2)
                r += 2
            }
            if r < g.m { block(g, panel, r, rows: 1, panels: 2) }
            panel += 2
        }
    #endif
    while panel < g.panels {
        var r = 0
        #if GSV_AVX512
            while r + 12 <= g.m {
                block(g, panel, r, rows: 12, panels: 1)
                r += 12
            }
        #endif
        while r + 6 <= g.m {
            block(g, panel, r, rows: 6, panels: 1)
            r += 6
        }
        while r + 2 <= g.m {
            block(g, panel, r, rows: 2, panels: 1)
            r += 2
        }
        if r < g.m { block(g, panel, r, rows: 1, panels: 1) }
        panel += 1
    }
}

/// A block as a convolution with one tap, from zero.
@_transparent private func block(
    _ g: BatchedGEMMArguments, _ panel: Int, _ row: Int, rows: Int, panels: Int,
    _ stream: PrefetchStream? = nil
) {
    stridedBlock(
        rows: rows, panels: panels,
        ConvolutionArguments(
            x: g.a + row * g.lda, rowStride: g.lda, rows: rows, taps: 1, tapStride: 0, channels: g.k,
            w: g.w + panel * g.k * 16, panelStride: g.k * 16, panels: panels,
            acc: g.c + panel * g.panelStride + row * 16),
        accPanelStride: g.panelStride, fromZero: true, prefetching: stream)
}
