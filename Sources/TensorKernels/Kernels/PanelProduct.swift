import TensorKernelTable

// x · Wᵀ with W in panels of sixteen outputs, `[panel][k][16]`: weights are read front to back once per block of rows, and a
// sum needs no adding up of lanes. The rows of a block are interleaved, `[k][rows]`, and read front to back too. Every output
// is one running sum over k, in one order in every block shape: a row's result does not depend on how many rows there are.

/// Steps of k ahead of which weights are asked for: the processor's own foresight ends with every page, and a panel is
/// a page or a few.
private let foresight = 64

/// One kind of weights. The types are private and everything is inlined, so that nothing generic is left to share.
private protocol PanelWeights {
    /// The sixteen weights at an offset, as floats.
    func load(_ offset: Int) -> F16
    /// Asks for the weights at an offset.
    func ask(_ offset: Int)
    /// Asks for a part of what is needed next, and goes on to another.
    mutating func askNext()
    /// Sums of the outputs from `column` on, in their own scale.
    func scaled(_ sums: F16, _ column: Int) -> F16
}

extension PanelWeights {
    @inline(__always) mutating func askNext() {}
}

private struct HalfPanels: PanelWeights {
    let w: Halves
    @inline(__always) func ask(_ offset: Int) { prefetch(w + offset) }
    @inline(__always) func load(_ offset: Int) -> F16 { load16(w + offset) }
    @inline(__always) func scaled(_ sums: F16, _ column: Int) -> F16 { sums }
}

private struct FloatPanels: PanelWeights {
    let w: Floats
    @inline(__always) func ask(_ offset: Int) { prefetch(w + offset) }
    @inline(__always) func load(_ offset: Int) -> F16 { load16(w + offset) }
    @inline(__always) func scaled(_ sums: F16, _ column: Int) -> F16 { sums }
}

/// Weights in the caches, while others come there.
private struct WidenedPanels: PanelWeights {
    let w: Floats
    var next: UnsafeRawPointer
    let step: Int
    @inline(__always) func ask(_ offset: Int) {}
    @inline(__always) mutating func askNext() {
        prefetch(next)
        next += step
    }
    @inline(__always) func load(_ offset: Int) -> F16 { load16(w + offset) }
    @inline(__always) func scaled(_ sums: F16, _ column: Int) -> F16 { sums }
}

private struct BytePanels: PanelWeights {
    let w: Bytes
    let scales: Floats
    @inline(__always) func ask(_ offset: Int) { prefetch(w + offset) }
    @inline(__always) func load(_ offset: Int) -> F16 { load16(w + offset) }
    @inline(__always) func scaled(_ sums: F16, _ column: Int) -> F16 { sums * load16(scales + column) }
}

func panelsHalf(
    _ x: Floats, _ rows: Int, _ w: Halves, _ k: Int, _ columns: Int, _ bias: Floats?,
    _ activation: Activation,
    _ out: MutableFloats, _ outStride: Int
) {
    product(x, rows, k, columns, HalfPanels(w: w), bias, activation, out, outStride)
}

func panelsFloat(
    _ x: Floats, _ rows: Int, _ w: Floats, _ k: Int, _ columns: Int, _ bias: Floats?,
    _ activation: Activation,
    _ out: MutableFloats, _ outStride: Int
) {
    product(x, rows, k, columns, FloatPanels(w: w), bias, activation, out, outStride)
}

func panelsWidened(
    _ x: Floats, _ rows: Int, _ w: Floats, _ k: Int, _ columns: Int, _ bias: Floats?,
    _ activation: Activation, _ next: UnsafeRawPointer, _ step: Int, _ out: MutableFloats, _ outStride: Int
) {
    product(
        x, rows, k, columns, WidenedPanels(w: w, next: next, step: step), bias, activation, out, outStride)
}

func panelsByte(
    _ x: Floats, _ rows: Int, _ w: Bytes, _ scales: Floats, _ k: Int, _ columns: Int, _ bias: Floats?,
    _ activation: Activation, _ out: MutableFloats, _ outStride: Int
) {
    product(x, rows, k, columns, BytePanels(w: w, scales: scales), bias, activation, out, outStride)
}

/// Where finished sums go.
private struct Results<Weights: PanelWeights> {
    let weights: Weights
    let columns: Int
    let bias: Floats?
    let activation: Activation
    let out: MutableFloats
    let stride: Int

    /// Stores sixteen sums of one row; the last panel may be narrower.
    @inline(__always) func put(_ sums: F16, _ row: Int, _ panel: Int) {
        let column = panel * 16
        var y = weights.scaled(sums, column)
        if let bias { y += load16(bias + column) }
        if activation == .relu { y.replace(with: splat(0), where: y .< splat(0)) }
        let target = out + row * stride + column
        if column + 16 <= columns {
            store16(target, y)
        } else {
            var i = 0
            while column + i < columns {
                target[i] = y[i]
                i += 1
            }
        }
    }

    /// Six rows' sums, from `row` on.
    @_transparent func put(
        _ a: F16, _ b: F16, _ c: F16, _ d: F16, _ e: F16, _ f: F16, _ row: Int, _ panel: Int
    ) {
        put(a, row, panel)
        put(b, row + 1, panel)
        put(c, row + 2, panel)
        put(d, row + 3, panel)
        put(e, row + 4, panel)
        put(f, row + 5, panel)
    }
}

@inline(__always) private func product<Weights: PanelWeights>(
    _ x: Floats, _ rows: Int, _ k: Int, _ columns: Int, _ weights: Weights,
    _ bias: Floats?, _ activation: Activation, _ out: MutableFloats, _ outStride: Int
) {
    let size = k * 16
    let panels = (columns + 15) / 16
    let results = Results(
        weights: weights, columns: columns, bias: bias, activation: activation, out: out, stride: outStride)
    var panel = 0
    switch rows {
    case 1:
        while panel + 4 <= panels {
            let w = panel * size
            var a = F16(), b = F16(), c = F16(), d = F16()
            var ahead = w + foresight * 16
            var i = 0
            while i < k {
                if i == k - foresight { ahead += 3 * size }  // on to the next four
                weights.ask(ahead)
                weights.ask(ahead + size)
                weights.ask(ahead + 2 * size)
                weights.ask(ahead + 3 * size)
                ahead += 16
                let v = splat(x[i])
                let j = w + i * 16
                fma(&a, weights.load(j), v)
                fma(&b, weights.load(j + size), v)
                fma(&c, weights.load(j + 2 * size), v)
                fma(&d, weights.load(j + 3 * size), v)
                i += 1
            }
            results.put(a, 0, panel)
            results.put(b, 0, panel + 1)
            results.put(c, 0, panel + 2)
            results.put(d, 0, panel + 3)
            panel += 4
        }
        while panel < panels {
            var a = F16()
            var i = 0
            while i < k {
                fma(&a, weights.load(panel * size + i * 16), splat(x[i]))
                i += 1
            }
            results.put(a, 0, panel)
            panel += 1
        }
    case 2:
        while panel + 2 <= panels {
            let w = panel * size
            var a0 = F16(), a1 = F16(), b0 = F16(), b1 = F16()
            var ahead = w + foresight * 16
            var i = 0
            while i < k {
                if i == k - foresight { ahead += size }
                weights.ask(ahead)
                weights.ask(ahead + size)
                ahead += 16
                let j = w + i * 16
                let p = splat(x[2 * i])
                let q = splat(x[2 * i + 1])
                var v = weights.load(j)
                fma(&a0, v, p)
                fma(&a1, v, q)
                v = weights.load(j + size)
                fma(&b0, v, p)
                fma(&b1, v, q)
                i += 1
            }
            results.put(a0, 0, panel)
            results.put(a1, 1, panel)
            results.put(b0, 0, panel + 1)
            results.put(b1, 1, panel + 1)
            panel += 2
        }
        while panel < panels {
            var a0 = F16(), a1 = F16()
            var i = 0
            while i < k {
                let v = weights.load(panel * size + i * 16)
                fma(&a0, v, splat(x[2 * i]))
                fma(&a1, v, splat(x[2 * i + 1]))
                i += 1
            }
            results.put(a0, 0, panel)
            results.put(a1, 1, panel)
            panel += 1
        }
    case 4:
        while panel < panels {
            var a0 = F16(), a1 = F16(), a2 = F16(), a3 = F16()
            var p = x
            var j = panel * size
            let end = j + size
            while j < end {
                weights.ask(j + foresight * 16)
                let v = weights.load(j)
                fma(&a0, v, splat(p[0]))
                fma(&a1, v, splat(p[1]))
                fma(&a2, v, splat(p[2]))
                fma(&a3, v, splat(p[3]))
                p += 4
                j += 16
            }
            results.put(a0, 0, panel)
            results.put(a1, 1, panel)
            results.put(a2, 2, panel)
            results.put(a3, 3, panel)
            panel += 1
        }
    case 6:
        #if GSV_AVX512
            // Six sums alone would wait for each other.
            while panel + 2 <= panels {
                var a0 = F16(), a1 = F16(), a2 = F16(), a3 = F16(), a4 = F16(), a5 = F16()
                var b0 = F16(), b1 = F16(), b2 = F16(), b3 = F16(), b4 = F16(), b5 = F16()
                var p = x
                var j = panel * size
                let end = j + size
                while j < end {
                    weights.ask(j + foresight * 16)
                    weights.ask(j + size + foresight * 16)
                    let v = weights.load(j)
                    let u = weights.load(j + size)
                    fma(&a0, &b0, v, u, p[0])
                    fma(&a1, &b1, v, u, p[1])
                    fma(&a2, &b2, v, u, p[2])
                    fma(&a3, &b3, v, u, p[3])
                    fma(&a4, &b4, v, u, p[4])
                    fma(&a5, &b5, v, u, p[5])
                    p += 6
                    j += 16
                }
                results.put(a0, a1, a2, a3, a4, a5, 0, panel)
                results.put(b0, b1, b2, b3, b4, b5, 0, panel + 1)
                panel += 2
            }
        #endif
        while panel < panels {
            var a0 = F16(), a1 = F16(), a2 = F16(), a3 = F16(), a4 = F16(), a5 = F16()
            var p = x
            var j = panel * size
            let end = j + size
            while j < end {
                weights.ask(j + foresight * 16)
                let v = weights.load(j)
                fma(&a0, v, splat(p[0]))
                fma(&a1, v, splat(p[1]))
                fma(&a2, v, splat(p[2]))
                fma(&a3, v, splat(p[3]))
                fma(&a4, v, splat(p[4]))
                fma(&a5, v, splat(p[5]))
                p += 6
                j += 16
            }
            results.put(a0, a1, a2, a3, a4, a5, 0, panel)
            panel += 1
        }
    case 12:
        #if GSV_AVX512
            while panel + 2 <= panels {
                var a0 = F16(), a1 = F16(), a2 = F16(), a3 = F16(), a4 = F16(), a5 = F16()
                var a6 = F16(), a7 = F16(), a8 = F16(), a9 = F16(), a10 = F16(), a11 = F16()
                var b0 = F16(), b1 = F16(), b2 = F16(), b3 = F16(), b4 = F16(), b5 = F16()
                var b6 = F16(), b7 = F16(), b8 = F16(), b9 = F16(), b10 = F16(), b11 = F16()
                var p = x
                var j = panel * size
                let end = j + size
                var beside = weights
                while j < end {
                    beside.askNext()
                    let v = weights.load(j)
                    let u = weights.load(j + size)
                    fma(&a0, &b0, v, u, p[0])
                    fma(&a1, &b1, v, u, p[1])
                    fma(&a2, &b2, v, u, p[2])
                    fma(&a3, &b3, v, u, p[3])
                    fma(&a4, &b4, v, u, p[4])
                    fma(&a5, &b5, v, u, p[5])
                    fma(&a6, &b6, v, u, p[6])
                    fma(&a7, &b7, v, u, p[7])
                    fma(&a8, &b8, v, u, p[8])
                    fma(&a9, &b9, v, u, p[9])
                    fma(&a10, &b10, v, u, p[10])
                    fma(&a11, &b11, v, u, p[11])
                    p += 12
                    j += 16
                }
                results.put(a0, a1, a2, a3, a4, a5, 0, panel)
                results.put(a6, a7, a8, a9, a10, a11, 6, panel)
                results.put(b0, b1, b2, b3, b4, b5, 0, panel + 1)
                results.put(b6, b7, b8, b9, b10, b11, 6, panel + 1)
                panel += 2
            }
            while panel < panels {
                var a0 = F16(), a1 = F16(), a2 = F16(), a3 = F16(), a4 = F16(), a5 = F16()
                var a6 = F16(), a7 = F16(), a8 = F16(), a9 = F16(), a10 = F16(), a11 = F16()
                var p = x
                var j = panel * size
                let end = j + size
                while j < end {
                    let v = weights.load(j)
                    fma(&a0, v, splat(p[0]))
                    fma(&a1, v, splat(p[1]))
                    fma(&a2, v, splat(p[2]))
                    fma(&a3, v, splat(p[3]))
                    fma(&a4, v, splat(p[4]))
                    fma(&a5, v, splat(p[5]))
                    fma(&a6, v, splat(p[6]))
                    fma(&a7, v, splat(p[7]))
                    fma(&a8, v, splat(p[8]))
                    fma(&a9, v, splat(p[9]))
                    fma(&a10, v, splat(p[10]))
                    fma(&a11, v, splat(p[11]))
                    p += 12
                    j += 16
                }
                results.put(a0, a1, a2, a3, a4, a5, 0, panel)
                results.put(a6, a7, a8, a9, a10, a11, 6, panel)
                panel += 1
            }
        #endif
    default:
        break
    }
}
