import TensorKernelTable

/// A convolution with one output channel: per output the product of `length` consecutive floats (taps × channels) with the
/// weights, and bias and activation of sixteen outputs at a time.
func singleOutput(_ s: SingleOutputArguments) {
    let slope = s.inputActivation.slope
    let factor = splat(slope)
    let whole = s.length & ~15
    let e = s.epilogue
    let bias = e.bias.map { $0[0] } ?? 0
    var r = 0
    while r < s.rows {
        var outputs = Float32x16()
        let n = min(16, s.rows - r)
        var j = 0
        while j < n {
            let row = s.x + (r + j) * s.rowStride
            var lanes = Float32x16()
            var i = 0
            while i < whole {
                let v = load16(row + i)
                fma(&lanes, v.replacing(with: v * factor, where: v .< splat(0)), load16(s.w + i))
                i += 16
            }
            var total = sum(lanes)
            while i < s.length {
                total += (row[i] < 0 ? row[i] * slope : row[i]) * s.w[i]
                i += 1
            }
            outputs[j] = total + bias
            j += 1
        }
        outputs = activate(outputs, e.activation)
        j = 0
        while j < n {
            var y = outputs[j]
            if let residual = e.residual { y += residual[(r + j) * e.residualStride] }
            let target = e.out + (r + j) * e.outStride
            if e.accumulates { y = (y + target[0]) * e.scale }
            target[0] = y
            j += 1
        }
        r += 16
    }
}
