import TensorKernelTable

// What a gated recurrent unit does after its product, for one row. Two short loops: sigmoids of two gates, then the candidate.

func recurrentUnit(_ x: Floats, _ g: MutableFloats, _ h: Floats, _ out: MutableFloats, _ size: Int) {
    var i = 0
    while i < 2 * size {
        store16(g + i, sigmoid(load16(x + i) + load16(g + i)))
        i += 16
    }
    i = 0
    while i < size {
        let z = load16(g + size + i)
        let n = hyperbolicTangent(madd(load16(g + i), load16(g + 2 * size + i), load16(x + 2 * size + i)))
        store16(out + i, madd(z, load16(h + i) - n, n))
        i += 16
    }
}
