import TensorKernelTable

/// What keys and values are stored as. The types are private and everything is inlined, so that nothing generic is
/// left to share.
private protocol CachedRows {
    /// q · row for the part of the row that is whole vectors, and where that part ends.
    func dot(_ q: Floats, _ offset: Int, _ size: Int) -> (sum: Float, end: Int)
    func sixteen(_ offset: Int) -> F16
    func one(_ offset: Int) -> Float
    /// Asks for the row at an offset.
    func ask(_ offset: Int, _ size: Int)
}

/// Rows ahead of which the cache is asked for.
private let foresight = 16

private struct FloatRows: CachedRows {
    let p: Floats
    @inline(__always) func dot(_ q: Floats, _ offset: Int, _ size: Int) -> (sum: Float, end: Int) {
        var lanes = F8()
        var i = 0
        while i + 8 <= size {
            fma(&lanes, load8(q + i), load8(p + offset + i))
            i += 8
        }
        return (sum(lanes), i)
    }
    @inline(__always) func sixteen(_ offset: Int) -> F16 { load16(p + offset) }
    @inline(__always) func one(_ offset: Int) -> Float { p[offset] }
    @inline(__always) func ask(_ offset: Int, _ size: Int) {
        prefetch(p + offset)
        if size > 16 { prefetch(p + offset + 16) }
    }
}

private struct HalfRows: CachedRows {
    let p: Halves
    @inline(__always) func dot(_ q: Floats, _ offset: Int, _ size: Int) -> (sum: Float, end: Int) {
        var lanes = F16()
        var i = 0
        while i + 16 <= size {
            fma(&lanes, load16(q + i), load16(p + offset + i))
            i += 16
        }
        return (sum(lanes), i)
    }
    @inline(__always) func sixteen(_ offset: Int) -> F16 { load16(p + offset) }
    @inline(__always) func one(_ offset: Int) -> Float { widenOne(p[offset]) }
    @inline(__always) func ask(_ offset: Int, _ size: Int) { prefetch(p + offset) }
}

func attendHead(
    _ q: Floats, _ keys: Floats, _ values: Floats, _ steps: Int, _ stride: Int, _ size: Int, _ scale: Float,
    _ scores: MutableFloats, _ out: MutableFloats
) {
    attend(q, FloatRows(p: keys), FloatRows(p: values), steps, stride, size, scale, scores, out)
}

func attendHeadHalf(
    _ q: Floats, _ keys: Halves, _ values: Halves, _ steps: Int, _ stride: Int, _ size: Int, _ scale: Float,
    _ scores: MutableFloats, _ out: MutableFloats
) {
    attend(q, HalfRows(p: keys), HalfRows(p: values), steps, stride, size, scale, scores, out)
}

/// One query against a cache of `steps` keys and values. The values are accumulated in time order into
/// registers, sixteen features at a time.
@inline(__always) private func attend<Rows: CachedRows>(
    _ q: Floats, _ keys: Rows, _ values: Rows, _ steps: Int, _ stride: Int, _ size: Int, _ scale: Float,
    _ scores: MutableFloats, _ out: MutableFloats
) {
    var t = 0
    while t < steps {
        let k = t * stride
        keys.ask(k + foresight * stride, size)
        values.ask(k, size)
        var (s, i) = keys.dot(q, k, size)
        while i < size {
            s += q[i] * keys.one(k + i)
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
        var v = i
        t = 0
        while t < steps {
            let p = splat(scores[t])
            fma(&a, values.sixteen(v), p)
            fma(&b, values.sixteen(v + 16), p)
            v += stride
            t += 1
        }
        store16(out + i, a)
        store16(out + i + 16, b)
        i += 32
    }
    while i + 16 <= size {
        var a = F16()
        var v = i
        t = 0
        while t < steps {
            fma(&a, values.sixteen(v), splat(scores[t]))
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
            s += scores[t] * values.one(t * stride + i)
            t += 1
        }
        out[i] = s
        i += 1
    }
}
