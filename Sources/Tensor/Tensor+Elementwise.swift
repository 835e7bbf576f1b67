package import TensorKernelTable

extension Tensor {
    /// Elements per share of a parallel elementwise operation.
    private static let grain = 16 * 1024

    private func elementwise(
        _ other: Tensor, _ name: String, _ kernel: (Floats, Floats, MutableFloats, Int) -> Void
    ) -> Tensor {
        precondition(shape == other.shape, "\(name): \(shape) and \(other.shape)")
        let result = Tensor(uninitialized: shape)
        ThreadPool.shared.parallelFor(count, grain: Tensor.grain) { range in
            let i = range.lowerBound
            kernel(pointer + i, other.pointer + i, result.storage.pointer + i, range.count)
        }
        return result
    }

    private func scaledSum(_ scaleA: Float, _ b: Tensor, _ scaleB: Float, _ name: String) -> Tensor {
        elementwise(b, name) { a, b, out, count in
            Kernels.table.scaledSum(
                ScaledSumArguments(a: a, scaleA: scaleA, b: b, scaleB: scaleB, out: out, count: count))
        }
    }

    /// Elementwise sum of equal shapes.
    package static func + (a: Tensor, b: Tensor) -> Tensor { a.elementwise(b, "+", Kernels.table.add) }

    /// Elementwise difference of equal shapes.
    package static func - (a: Tensor, b: Tensor) -> Tensor {
        a.scaledSum(1, b, -1, "-")
    }

    /// Every element times a number.
    package static func * (a: Tensor, scale: Float) -> Tensor {
        a.scaledSum(scale, a, 0, "*")
    }

    /// A row added to every row: x `[T, C]` + row (C values), through an activation.
    package func addingRow(_ row: Tensor?, activation: Activation = .identity) -> Tensor {
        let (T, C) = dims2("addingRow")
        precondition(row?.count ?? C == C, "addingRow: \(row?.count ?? 0) values for \(C) columns")
        var result = self
        result.mutate { out in
            guard let base = out.baseAddress else { return }
            ThreadPool.shared.parallelFor(T, grain: max(1, Tensor.grain / max(C, 1))) { range in
                Kernels.table.biasActivation(
                    BiasActivationArguments(
                        x: base + range.lowerBound * C, rows: range.count, columns: C, bias: row?.pointer,
                        activation: activation))
            }
        }
        return result
    }

    /// An activation of every element.
    package func activated(_ activation: Activation) -> Tensor {
        reshaped([1, count]).addingRow(nil, activation: activation).reshaped(shape)
    }

    /// x · tanh(softplus(x)) (PyTorch: `nn.Mish`).
    package func mish() -> Tensor {
        var result = self
        result.mutate { out in
            guard let base = out.baseAddress else { return }
            ThreadPool.shared.parallelFor(count, grain: Tensor.grain) { range in
                Kernels.table.mish(base + range.lowerBound, range.count)
            }
        }
        return result
    }

    /// x · σ(x) (PyTorch: `nn.SiLU`).
    package func silu() -> Tensor {
        let (T, C) = dims2("silu")
        // σ(x) = (1 + tanh(x / 2)) / 2
        let half = (self * 0.5).activated(.tanh)
        let result = Tensor(uninitialized: [T, C])
        let out = result.storage.pointer
        ThreadPool.shared.parallelFor(count, grain: Tensor.grain) { range in
            for i in range { out[i] = pointer[i] * (0.5 + 0.5 * half.pointer[i]) }
        }
        return result
    }

    /// x > 0 ? x : slope · x with a slope per column: x `[T, C]`, C slopes (PyTorch: `nn.PReLU`).
    package func parametricReLU(slopes: Tensor) -> Tensor {
        let (T, C) = dims2("PReLU", columns: slopes.count)
        var result = self
        result.mutate { out in
            for t in 0..<T {
                for c in 0..<C where out[t * C + c] < 0 { out[t * C + c] *= slopes.pointer[c] }
            }
        }
        return result
    }

    /// The two halves of the columns combined row by row by `kernel`: x `[T, 2C]` → `[T, C]`.
    private func halves(_ name: String, _ kernel: (Floats, Floats, MutableFloats, Int) -> Void) -> Tensor {
        let (T, C2) = dims2(name)
        precondition(C2 % 2 == 0, "\(name): odd number of columns \(C2)")
        let C = C2 / 2
        let result = Tensor(uninitialized: [T, C])
        ThreadPool.shared.parallelFor(T, grain: 16) { range in
            for t in range {
                kernel(pointer + t * C2, pointer + t * C2 + C, result.storage.pointer + t * C, C)
            }
        }
        return result
    }

    /// tanh(first half) · sigmoid(second half) of the columns: WaveNet's gate (VITS:
    /// `commons.fused_add_tanh_sigmoid_multiply`).
    package func gatedTanh() -> Tensor { halves("gatedTanh", Kernels.table.gatedTanh) }

    /// first half · sigmoid(second half) of the columns (PyTorch: `F.glu`).
    package func glu() -> Tensor { halves("glu", Kernels.table.sigmoidMultiply) }

    /// mean + noise · exp(log deviation) · scale, where self holds `[mean | log deviation]` in its columns:
    /// self `[T, 2C]`, noise `[T, C]` → `[T, C]`.
    package func reparameterized(noise: Tensor, scale: Float) -> Tensor {
        let (T, C2) = dims2("reparameterized")
        let (Tn, C) = noise.dims2("reparameterized.noise")
        precondition(Tn == T && C2 == 2 * C, "reparameterized: \(shape) with noise \(noise.shape)")
        let result = Tensor(uninitialized: [T, C])
        for t in 0..<T {
            Kernels.table.reparameterize(
                ReparameterizeArguments(
                    mean: pointer + t * C2, logDeviation: pointer + t * C2 + C, noise: noise.pointer + t * C,
                    scale: scale, out: result.storage.pointer + t * C, count: C))
        }
        return result
    }
}
