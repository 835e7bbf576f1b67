// Feature maps over time and frequency: `[T, F · C]`, a row holding the C channels of band 0, then those of band 1, and so
// on. The same memory is `[T · F, C]`, which pointwise layers read.

extension Tensor {
    /// Convolution over time and frequency of x `[T, F · Cin]` → `[T', F' · Cout]`, zero outside the map
    /// (PyTorch: `F.conv2d` on `[Cin, F, T]` with an odd square kernel, `padding = kernel / 2`).
    ///
    /// Every output band is a convolution over time whose input channels are those of the bands that the kernel covers.
    ///
    /// - Parameters:
    ///   - c: weights over `kernel · Cin` inputs, the lowest band's first.
    ///   - bands: F.
    ///   - kernel: bands and time steps that the kernel covers.
    ///   - stride: over both axes.
    package func convolved2d(_ c: PackedConvolution, bands F: Int, kernel: Int, stride: Int = 1) -> Tensor {
        let C = c.inputChannels / kernel
        let (T, _) = dims2("conv2d", columns: F * C)
        let options = ConvolutionOptions(stride: stride, padding: kernel / 2)
        let rows = options.outputRows(T, taps: c.taps)
        let outputBands = (F - 1) / stride + 1
        let padded = paddingColumns(kernel / 2 * C)
        let columns = padded.shape[1]
        let result = Tensor(uninitialized: [rows, outputBands * c.outputChannels])
        ThreadPool.shared.parallelFor(outputBands) { share in
            for band in share {
                c.run(
                    RowSpan(origin: padded.pointer + band * stride * C, high: T, stride: columns), options,
                    range: 0..<rows,
                    to: ConvolutionOutput(
                        origin: result.storage.pointer + band * c.outputChannels,
                        stride: outputBands * c.outputChannels))
            }
        }
        return result
    }

    /// Zero columns before and after x `[T, C]` → `[T, count + C + count]`.
    private func paddingColumns(_ count: Int) -> Tensor {
        let (T, C) = dims2("paddingColumns")
        let width = C + 2 * count
        let result = Tensor(uninitialized: [T, width])
        ThreadPool.shared.parallelFor(T, grain: 16) { rows in
            for t in rows {
                let row = result.storage.pointer + t * width
                row.update(repeating: 0, count: count)
                (row + count).update(from: pointer + t * C, count: C)
                (row + count + C).update(repeating: 0, count: count)
            }
        }
        return result
    }

    /// Every `step`-th band of every `step`-th row: x `[T, F · C]` → `[⌈T / step⌉, ⌈F / step⌉ · C]`.
    package func subsampled(bands F: Int, by step: Int) -> Tensor {
        let (T, columns) = dims2("subsampled")
        precondition(columns % F == 0, "subsampled: \(columns) columns of \(F) bands")
        let C = columns / F
        let (rows, bands) = ((T - 1) / step + 1, (F - 1) / step + 1)
        let result = Tensor(uninitialized: [rows, bands * C])
        for row in 0..<rows {
            for band in 0..<bands {
                (result.storage.pointer + (row * bands + band) * C).update(
                    from: pointer + (row * step * F + band * step) * C, count: C)
            }
        }
        return result
    }

    /// min(max(x, low), high) (PyTorch: `nn.Hardtanh`), of the sum with `other` where it is given.
    package mutating func clamp(_ low: Float, _ high: Float, adding other: Tensor? = nil) {
        precondition(other?.shape ?? shape == shape, "clamp: \(shape) and \(other?.shape ?? [])")
        mutate { out in
            guard let base = out.baseAddress else { return }
            ThreadPool.shared.parallelFor(out.count, grain: 16 * 1024) { range in
                if let other {
                    for i in range { base[i] = min(max(base[i] + other.pointer[i], low), high) }
                } else {
                    for i in range { base[i] = min(max(base[i], low), high) }
                }
            }
        }
    }

    /// x · (1 + g) + y · (1 − g): two maps weighted by a gate of the same shape.
    package static func blend(_ x: Tensor, _ y: Tensor, gate: Tensor) -> Tensor {
        precondition(
            x.shape == y.shape && x.shape == gate.shape, "blend: \(x.shape), \(y.shape), \(gate.shape)")
        let result = Tensor(uninitialized: x.shape)
        let out = result.storage.pointer
        ThreadPool.shared.parallelFor(x.count, grain: 16 * 1024) { range in
            for i in range {
                let attention = 1 + gate.pointer[i]
                out[i] = x.pointer[i] * attention + y.pointer[i] * (2 - attention)
            }
        }
        return result
    }
}
