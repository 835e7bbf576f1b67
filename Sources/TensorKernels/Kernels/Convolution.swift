import TensorKernelTable

// Convolution as a product of shifted rows with packed weights: time is the row axis, so tap t of output row r is input
// row r · stride + t · dilation, read in place. Blocks of accumulator rows, one panel after the other or, where there are
// registers for it, two at a time, which halves the broadcasts per product.

func convolution(_ c: ConvolutionArguments) {
    var panel = 0
    #if GSV_AVX512
        while panel + 2 <= c.panels {
            // Only whole blocks of twelve rows are worth two panels.
            var r = 0
            while r + 12 <= c.rows {
                block(c, panel, r, rows: 12, panels: 2)
                r += 12
            }
            if r < c.rows {
                blocks(c, panel, from: r)
                blocks(c, panel + 1, from: r)
            }
            panel += 2
        }
    #endif
    while panel < c.panels {
        blocks(c, panel, from: 0)
        panel += 1
    }
}

/// The rows of one panel from `first` on.
@_transparent private func blocks(_ c: ConvolutionArguments, _ panel: Int, from first: Int) {
    var r = first
    #if GSV_AVX512
        while r + 12 <= c.rows {
            block(c, panel, r, rows: 12, panels: 1)
            r += 12
        }
    #endif
    while r + 6 <= c.rows {
        block(c, panel, r, rows: 6, panels: 1)
        r += 6
    }
    while r + 2 <= c.rows {
        block(c, panel, r, rows: 2, panels: 1)
        r += 2
    }
    if r < c.rows { block(c, panel, r, rows: 1, panels: 1) }
}

@_transparent private func block(
    _ c: ConvolutionArguments, _ panel: Int, _ row: Int, rows: Int, panels: Int
) {
    var block = c
    block.x = c.x + row * c.rowStride
    block.w = c.w + panel * c.panelStride
    block.acc = c.acc + (panel * c.rows + row) * 16
    stridedBlock(rows: rows, panels: panels, block, accPanelStride: c.rows * 16, fromZero: false)
}
