import TensorKernelTable

/// A convolution with one output channel: per output the product of `length` consecutive floats (taps × channels)
/// with the weights, and tanh of sixteen outputs at a time.
func singleOutput(
    _ x: Floats, _ rowStride: Int, _ rows: Int, _ length: Int, _ w: Floats, _ bias: Float, _ slope: Float,
    _ activation: Activation, _ out: MutableFloats
) {
    let s = splat(slope)
    let whole = length & ~15
    var r = 0
    while r < rows {
        var outputs = F16()
        let n = min(16, rows - r)
        var k = 0
        while k < n {
            let row = x + (r + k) * rowStride
            var lanes = F16()
            var i = 0
            while i < whole {
                let v = load16(row + i)
                fma(&lanes, v.replacing(with: v * s, where: v .< splat(0)), load16(w + i))
                i += 16
            }
            var total = sum(lanes)
            while i < length {
                total += (row[i] < 0 ? row[i] * slope : row[i]) * w[i]
                i += 1
            }
            outputs[k] = total + bias
            k += 1
        }
        if activation == .tanh { outputs = hyperbolicTangent(outputs) }
        k = 0
        while k < n {
            out[r + k] = outputs[k]
            k += 1
        }
        r += 16
    }
}
