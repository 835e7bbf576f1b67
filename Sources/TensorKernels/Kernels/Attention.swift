import TensorKernelTable

/// One query against a cache of `steps` keys and values. The values are accumulated in time order into
/// registers, sixteen features at a time.
func attendHead(
    _ q: Floats, _ keys: Floats, _ values: Floats, _ steps: Int, _ stride: Int, _ size: Int, _ scale: Float,
    _ scores: MutableFloats, _ out: MutableFloats
) {
    let whole = size & ~7
    var t = 0
    while t < steps {
        let k = keys + t * stride
        var lanes = F8()
        var i = 0
        while i < whole {
            fma(&lanes, load8(q + i), load8(k + i))
            i += 8
        }
        var s = sum(lanes)
        while i < size {
            s += q[i] * k[i]
            i += 1
        }
        scores[t] = s * scale
        t += 1
    }
    softmax(scores, steps)
    var i = 0
    while i + 32 <= size {
        var a = F16()
        var b = F16()
        var v = values + i
        t = 0
        while t < steps {
            let p = splat(scores[t])
            fma(&a, load16(v), p)
            fma(&b, load16(v + 16), p)
            v += stride
            t += 1
        }
        store16(out + i, a)
        store16(out + i + 16, b)
        i += 32
    }
    while i + 16 <= size {
        var a = F16()
        var v = values + i
        t = 0
        while t < steps {
            fma(&a, load16(v), splat(scores[t]))
            v += stride
            t += 1
        }
        store16(out + i, a)
        i += 16
    }
    while i < size {
        var s: Float = 0
        t = 0
        while t < steps {
            s += scores[t] * values[t * stride + i]
            t += 1
        }
        out[i] = s
        i += 1
    }
}
