import TensorKernelTable

// Two short loops: the sigmoids of two gates, then the candidate.

func gruCell(_ c: GRUCellArguments) {
    let (x, g, size) = (c.x, c.gates, c.size)
    var i = 0
    while i < 2 * size {
        store16(g + i, sigmoid(load16(x + i) + load16(g + i)))
        i += 16
    }
    i = 0
    while i < size {
        let z = load16(g + size + i)
        let n = hyperbolicTangent(madd(load16(g + i), load16(g + 2 * size + i), load16(x + 2 * size + i)))
        store16(c.out + i, madd(z, load16(c.h + i) - n, n))
        i += 16
    }
}
