import TensorKernelTable

/// Rows of keys or values in one precision. Everything is inlined, so that nothing generic is emitted as a symbol.
private protocol CachedRows {
    /// q · row for the part of the row that is whole vectors, and where that part ends.
    func dot(_ q: Floats, _ offset: Int, _ size: Int) -> (sum: Float, end: Int)
    /// Sixteen elements at an offset.
    func load(_ offset: Int) -> Float32x16
    /// One element.
    func element(_ offset: Int) -> Float
    /// Prefetches the row at an offset.
    func prefetchRow(_ offset: Int, _ size: Int)
}

/// Rows ahead of which the cache is prefetched.
private let prefetchDistance = 16

private struct Float32Rows: CachedRows {
    let p: Floats
    @inline(__always) func dot(_ q: Floats, _ offset: Int, _ size: Int) -> (sum: Float, end: Int) {
        var lanes = Float32x8()
        var i = 0
        while i + 8 <= size {
            fma(&lanes, load8(q + i), load8(p + offset + i))
            i += 8
        }
        return (sum(lanes), i)
    }
    @inline(__always) func load(_ offset: Int) -> Float32x16 { load16(p + offset) }
    @inline(__always) func element(_ offset: Int) -> Float { p[offset] }
    @inline(__always) func prefetchRow(_ offset: Int, _ size: Int) {
        prefetch(p + offset)
        if size > 16 { prefetch(p + offset + 16) }
    }
}

private struct Float16Rows: CachedRows {
    let p: Halves
    @inline(__always) func dot(_ q: Floats, _ offset: Int, _ size: Int) -> (sum: Float, end: Int) {
        var lanes = Float32x16()
        var i = 0
        while i + 16 <= size {
            fma(&lanes, load16(q + i), load16(p + offset + i))
            i += 16
        }
        return (sum(lanes), i)
    }
    @inline(__always) func load(_ offset: Int) -> Float32x16 { load16(p + offset) }
    @inline(__always) func element(_ offset: Int) -> Float { widenOne(p[offset]) }
    @inline(__always) func prefetchRow(_ offset: Int, _ size: Int) { prefetch(p + offset) }
}

func attentionHeadF32(_ a: AttentionHeadArguments<Float>) {
    attend(a, Float32Rows(p: a.k), Float32Rows(p: a.v))
}

func attentionHeadF16(_ a: AttentionHeadArguments<UInt16>) {
    attend(a, Float16Rows(p: a.k), Float16Rows(p: a.v))
}

/// One query against a cache of `steps` keys and values. The values are accumulated in time order into
/// registers, sixteen features at a time.
@inline(__always) private func attend<Element, Rows: CachedRows>(
    _ a: AttentionHeadArguments<Element>, _ keys: Rows, _ values: Rows
) {
    let (q, scores, out) = (a.q, a.scratch, a.out)
    let (steps, stride, size, scale) = (a.steps, a.stride, a.headSize, a.scale)
    var t = 0
    while t < steps {
        let k = t * stride
        keys.prefetchRow(k + prefetchDistance * stride, size)
        values.prefetchRow(k, size)
        var (s, i) = keys.dot(q, k, size)
        while i < size {
            s += q[i] * keys.element(k + i)
            i += 1
        }
        scores[t] = s * scale
        t += 1
    }
    softmax(scores, steps)
    var i = 0
    while i + 32 <= size {
        var a = Float32x16()
        var b = Float32x16()
        var v = i
        t = 0
        while t < steps {
            let p = splat(scores[t])
            fma(&a, values.load(v), p)
            fma(&b, values.load(v + 16), p)
            v += stride
            t += 1
        }
        store16(out + i, a)
        store16(out + i + 16, b)
        i += 32
    }
    while i + 16 <= size {
        var a = Float32x16()
        var v = i
        t = 0
        while t < steps {
            fma(&a, values.load(v), splat(scores[t]))
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
            s += scores[t] * values.element(t * stride + i)
            t += 1
        }
        out[i] = s
        i += 1
    }
}
