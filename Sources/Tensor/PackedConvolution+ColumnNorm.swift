extension PackedConvolution {
    /// The convolution of x `[T, 1]`, followed by the normalisation of every output column over time, as one convolution for
    /// this x (PyTorch: `nn.Conv1d`, then `nn.GroupNorm` with one channel per group); gain and bias of C values.
    ///
    /// The columns' means and variances follow from x without convolving it: with the mean m and the covariance R of the
    /// windows of x that the taps see, they are w·m and wᵀRw. Sums are in double precision: T can be long.
    package func columnNormed(
        over x: Tensor, _ options: ConvolutionOptions, gain: Tensor, bias shift: Tensor, epsilon: Float
    ) -> PackedConvolution {
        let (T, _) = x.dims2("columnNormed", columns: 1)
        precondition(
            inputChannels == 1 && spectral == nil && !isDepthwise && options.dilation == 1
                && options.padding == (0, 0)
                && gain.count == outputChannels && shift.count == outputChannels,
            "columnNormed: \(inputChannels) input channels, \(outputChannels) output channels")
        let (means, covariance) = Self.windowMoments(
            x.pointer, count: options.outputRows(T, taps: taps), stride: options.stride, taps: taps)
        let fused = Tensor(uninitialized: packed.shape)
        let (from, to) = (packed.pointer, fused.storage.pointer)
        to.update(repeating: 0, count: fused.count)
        let constant = Tensor([outputChannels]) { constants in
            for c in 0..<outputChannels {
                let first = c / 16 * panelFloats + c % 16
                var (mean, variance) = (Double(bias?.pointer[c] ?? 0), 0.0)
                for j in 0..<taps {
                    let weight = Double(from[first + j * 16])
                    mean += weight * means[j]
                    for k in 0..<taps {
                        variance += weight * covariance[j * taps + k] * Double(from[first + k * 16])
                    }
                }
                let scale = Double(gain.pointer[c]) / (max(variance, 0) + Double(epsilon)).squareRoot()
                for j in 0..<taps { to[first + j * 16] = Float(Double(from[first + j * 16]) * scale) }
                constants[c] = Float(
                    Double(shift.pointer[c]) + (Double(bias?.pointer[c] ?? 0) - mean) * scale)
            }
        }
        let form = Form(inputs: 1, outputs: outputChannels, taps: taps)
        return PackedConvolution(form, bias: constant, prepared: fused)
    }

    /// Mean `[taps]` and covariance `[taps · taps]` of `count` windows of x, each `stride` after the one before.
    private static func windowMoments(
        _ x: UnsafePointer<Float>, count: Int, stride: Int, taps: Int
    ) -> (means: [Double], covariance: [Double]) {
        var means = [Double](repeating: 0, count: taps)
        for j in 0..<taps {
            for t in 0..<count { means[j] += Double(x[t * stride + j]) }
            means[j] /= Double(count)
        }
        var covariance = [Double](repeating: 0, count: taps * taps)
        var centred = [Double](repeating: 0, count: taps)
        for t in 0..<count {
            for j in 0..<taps { centred[j] = Double(x[t * stride + j]) - means[j] }
            for j in 0..<taps {
                for k in j..<taps { covariance[j * taps + k] += centred[j] * centred[k] }
            }
        }
        for j in 0..<taps {
            for k in j..<taps {
                covariance[j * taps + k] /= Double(count)
                covariance[k * taps + j] = covariance[j * taps + k]
            }
        }
        return (means, covariance)
    }
}
