import TensorKernelTable

/// Two passes per row: the variance is of the centred values, so that large means lose no digits.
func layerNorm(_ l: LayerNormArguments) {
    let (x, gain, bias) = (l.x, l.gain, l.bias)
    let (rows, columns, epsilon, out) = (l.rows, l.columns, l.epsilon, l.out)
    let whole = columns & ~15
    let reciprocal = 1 / Float(columns)
    var r = 0
    while r < rows {
        let y = out + r * columns
        let xr = x + r * columns
        var lanes = Float32x16()
        var total: Float = 0
        var i = 0
        if let residual = l.residual {
            let rr = residual + r * columns
            while i < whole {
                let v = load16(xr + i) + load16(rr + i)
                store16(y + i, v)
                lanes += v
                i += 16
            }
            while i < columns {
                y[i] = xr[i] + rr[i]
                total += y[i]
                i += 1
            }
        } else {
            while i < whole {
                let v = load16(xr + i)
                store16(y + i, v)
                lanes += v
                i += 16
            }
            while i < columns {
                y[i] = xr[i]
                total += y[i]
                i += 1
            }
        }
        let mean = (total + sum(lanes)) * reciprocal
        let m = splat(mean)
        lanes = Float32x16()
        total = 0
        i = 0
        while i < whole {
            let d = load16(y + i) - m
            lanes += d * d
            i += 16
        }
        while i < columns {
            total += (y[i] - mean) * (y[i] - mean)
            i += 1
        }
        let scale = 1 / ((total + sum(lanes)) * reciprocal + epsilon).squareRoot()
        let s = splat(scale)
        i = 0
        while i < whole {
            store16(y + i, madd((load16(y + i) - m) * s, load16(gain + i), load16(bias + i)))
            i += 16
        }
        while i < columns {
            y[i] = (y[i] - mean) * scale * gain[i] + bias[i]
            i += 1
        }
        r += 1
    }
}

/// The last vector of a row is padded with −∞, so that all elements are computed by the same instructions.
func softmaxRows(_ s: SoftmaxArguments) {
    var r = 0
    while r < s.rows {
        softmax(s.x + r * s.rowStride, s.columns)
        r += 1
    }
}

@_transparent func softmax(_ x: MutableFloats, _ count: Int) {
    let whole = count & ~15
    var top = splat(-Float.infinity)
    var i = 0
    while i < whole {
        let v = load16(x + i)
        top.replace(with: v, where: v .> top)
        i += 16
    }
    var rest = splat(-Float.infinity)
    var k = 0
    while i + k < count {
        rest[k] = x[i + k]
        k += 1
    }
    top.replace(with: rest, where: rest .> top)
    var maximum = top[0]
    k = 1
    while k < 16 {
        if top[k] > maximum { maximum = top[k] }
        k += 1
    }
    let m = splat(maximum)
    var lanes = Float32x16()
    i = 0
    while i < whole {
        let e = exponential(load16(x + i) - m)
        store16(x + i, e)
        lanes += e
        i += 16
    }
    rest = exponential(rest - m)
    lanes += rest
    let scale = 1 / sum(lanes)
    let s = splat(scale)
    k = 0
    while whole + k < count {
        x[whole + k] = rest[k] * scale
        k += 1
    }
    i = 0
    while i < whole {
        store16(x + i, load16(x + i) * s)
        i += 16
    }
}
