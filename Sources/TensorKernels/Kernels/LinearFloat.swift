import TensorKernelTable

// x · Wᵀ with both operands row-major, so that checkpoint weights are used where they lie: every product is a
// dot product along K. Blocks of 3 rows × 4 columns keep twelve running sums of eight lanes in registers; one
// weight vector is then loaded once for three rows. Each output's sum has the same order in every block shape,
// so a row's result does not depend on how many rows there are.
//
// LinearHalf.swift and LinearFloat.swift are the same text over two pointer types: a generic function could be
// emitted as a weak symbol that the instruction sets share.

/// Three rows by four columns: twelve sums of eight lanes.
@inline(never) private func threeByFour(
    _ x: Floats, _ xStride: Int, _ w: Floats, _ wStride: Int, _ k: Int, _ out: MutableFloats, _ outStride: Int
) {
    let whole = k & ~7
    let x1 = x + xStride
    let x2 = x1 + xStride
    let w1 = w + wStride
    let w2 = w1 + wStride
    let w3 = w2 + wStride
    var a00 = F8(), a01 = F8(), a02 = F8(), a03 = F8()
    var a10 = F8(), a11 = F8(), a12 = F8(), a13 = F8()
    var a20 = F8(), a21 = F8(), a22 = F8(), a23 = F8()
    var i = 0
    while i < whole {
        let p0 = load8(x + i)
        let p1 = load8(x1 + i)
        let p2 = load8(x2 + i)
        var q = load8(w + i)
        fma(&a00, p0, q)
        fma(&a10, p1, q)
        fma(&a20, p2, q)
        q = load8(w1 + i)
        fma(&a01, p0, q)
        fma(&a11, p1, q)
        fma(&a21, p2, q)
        q = load8(w2 + i)
        fma(&a02, p0, q)
        fma(&a12, p1, q)
        fma(&a22, p2, q)
        q = load8(w3 + i)
        fma(&a03, p0, q)
        fma(&a13, p1, q)
        fma(&a23, p2, q)
        i += 8
    }
    let out1 = out + outStride
    let out2 = out1 + outStride
    out[0] = sum(a00) + tail(x, w, whole, k)
    out[1] = sum(a01) + tail(x, w1, whole, k)
    out[2] = sum(a02) + tail(x, w2, whole, k)
    out[3] = sum(a03) + tail(x, w3, whole, k)
    out1[0] = sum(a10) + tail(x1, w, whole, k)
    out1[1] = sum(a11) + tail(x1, w1, whole, k)
    out1[2] = sum(a12) + tail(x1, w2, whole, k)
    out1[3] = sum(a13) + tail(x1, w3, whole, k)
    out2[0] = sum(a20) + tail(x2, w, whole, k)
    out2[1] = sum(a21) + tail(x2, w1, whole, k)
    out2[2] = sum(a22) + tail(x2, w2, whole, k)
    out2[3] = sum(a23) + tail(x2, w3, whole, k)
}

/// One row by four columns.
@inline(never) private func oneByFour(
    _ x: Floats, _ w: Floats, _ wStride: Int, _ k: Int, _ out: MutableFloats
) {
    let whole = k & ~7
    let w1 = w + wStride
    let w2 = w1 + wStride
    let w3 = w2 + wStride
    var a0 = F8(), a1 = F8(), a2 = F8(), a3 = F8()
    var i = 0
    while i < whole {
        let p = load8(x + i)
        fma(&a0, p, load8(w + i))
        fma(&a1, p, load8(w1 + i))
        fma(&a2, p, load8(w2 + i))
        fma(&a3, p, load8(w3 + i))
        i += 8
    }
    out[0] = sum(a0) + tail(x, w, whole, k)
    out[1] = sum(a1) + tail(x, w1, whole, k)
    out[2] = sum(a2) + tail(x, w2, whole, k)
    out[3] = sum(a3) + tail(x, w3, whole, k)
}

/// One row by one column.
@inline(never) private func oneByOne(_ x: Floats, _ w: Floats, _ k: Int) -> Float {
    let whole = k & ~7
    var a = F8()
    var i = 0
    while i < whole {
        fma(&a, load8(x + i), load8(w + i))
        i += 8
    }
    return sum(a) + tail(x, w, whole, k)
}

@inline(__always) private func tail(_ x: Floats, _ w: Floats, _ from: Int, _ k: Int) -> Float {
    var s: Float = 0
    var i = from
    while i < k {
        s += x[i] * w[i]
        i += 1
    }
    return s
}

/// x · Wᵀ for single-precision weights; see `KernelTable`.
func linearFloat(
    _ x: Floats, _ xStride: Int, _ rows: Int, _ w: Floats, _ wStride: Int, _ columns: Int, _ k: Int,
    _ out: MutableFloats, _ outStride: Int
) {
    var j = 0
    while j + 4 <= columns {
        let weights = w + j * wStride
        var r = 0
        while r + 3 <= rows {
            threeByFour(x + r * xStride, xStride, weights, wStride, k, out + r * outStride + j, outStride)
            r += 3
        }
        while r < rows {
            oneByFour(x + r * xStride, weights, wStride, k, out + r * outStride + j)
            r += 1
        }
        j += 4
    }
    while j < columns {
        var r = 0
        while r < rows {
            out[r * outStride + j] = oneByOne(x + r * xStride, w + j * wStride, k)
            r += 1
        }
        j += 1
    }
}
