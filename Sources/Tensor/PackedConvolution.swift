/// The weights of a convolution over time, packed for the kernels (`Form` says how).
package struct PackedConvolution: Sendable {
    /// Channels in and out, kernel size in taps, and number of channel groups.
    package let inputChannels: Int, outputChannels: Int, taps: Int, groups: Int
    /// In the layout of `form.shape`; empty when the weights are in the frequency domain.
    let packed: Tensor
    let spectral: SpectralConvolution?
    /// `[taps · inputs]`, for one output channel.
    let single: Tensor?
    /// Whether every channel is convolved with a kernel of its own.
    let isDepthwise: Bool
    private(set) var bias: Tensor?

    var groupInputs: Int { inputChannels / groups }
    var groupOutputs: Int { outputChannels / groups }
    var panelsPerGroup: Int { (groupOutputs + 15) / 16 }
    var panelFloats: Int { taps * groupInputs * 16 }

    /// Packs `weight`: `[outputs, inputs / groups, taps]` as PyTorch's `nn.Conv1d` stores it. A convolution of stride 1
    /// over long sequences may be `spectral`: where that is faster, its weights are kept in the frequency domain.
    package init(
        weight: [Float], inputs: Int, outputs: Int, taps: Int, groups: Int = 1, bias: Tensor?,
        spectral: Bool = false
    ) {
        let form = Form(inputs: inputs, outputs: outputs, taps: taps, groups: groups, spectral: spectral)
        self.init(form, bias: bias, prepared: form.packed(weight))
    }

    /// A convolution whose weights are packed already, in the layout of `Form.shape`.
    package init(_ form: Form, bias: Tensor?, prepared: Tensor) {
        precondition(prepared.shape == form.shape, "PackedConvolution: \(prepared.shape) for \(form.shape)")
        (inputChannels, outputChannels, taps, groups) = (form.inputs, form.outputs, form.taps, form.groups)
        self.bias = bias
        isDepthwise = form.isDepthwise
        spectral = form.points.map {
            SpectralConvolution(
                points: $0, inputs: form.inputs, outputs: form.outputs, taps: form.taps, weights: prepared)
        }
        single =
            form.outputs == 1 && form.groups == 1
            ? Tensor(
                (0..<form.taps * form.inputs).map { prepared.pointer[$0 * 16] }, [form.taps * form.inputs])
            : nil
        packed = spectral == nil ? prepared : Tensor(uninitialized: [0])
    }

    /// Whether the weights are read where their file is mapped.
    var isMapped: Bool { (spectral?.weights ?? packed).isMapped }
}

extension PackedConvolution {
    /// How a convolution's weights are packed: decided by its dimensions alone.
    package struct Form: Sendable {
        /// Channels in and out, kernel size in taps, and number of channel groups.
        package let inputs: Int, outputs: Int, taps: Int, groups: Int
        /// Points of the Fourier transform of weights in the frequency domain; nil for weights by taps.
        let points: Int?

        /// The form for a convolution, which may be `spectral` where that is faster.
        package init(inputs: Int, outputs: Int, taps: Int, groups: Int = 1, spectral: Bool = false) {
            (self.inputs, self.outputs, self.taps, self.groups) = (inputs, outputs, taps, groups)
            points =
                spectral && groups == 1
                ? SpectralConvolution.points(inputs: inputs, outputs: outputs, taps: taps) : nil
        }

        /// One input channel per output channel: weights are vectorised over channels instead of outputs.
        var isDepthwise: Bool { groups > 1 && groups == inputs && groups == outputs }

        /// Layout identifier; change with the layout.
        package var name: String { points.map { "spectrum \($0)" } ?? (isDepthwise ? "depthwise" : "taps") }

        /// Packs `weight`: `[outputs, inputs / groups, taps]` as PyTorch's `nn.Conv1d` stores it.
        package func packed(_ weight: [Float]) -> Tensor {
            precondition(
                weight.count == outputs * (inputs / groups) * taps && inputs % groups == 0
                    && outputs % groups == 0,
                "PackedConvolution: \(weight.count) weights for \(outputs)×\(inputs)/\(groups)×\(taps)")
            return packed { output, input, tap in
                weight[(output * (inputs / groups) + input) * taps + tap]
            }
        }

        /// Packs the weights that `weight(output, input within its group, tap)` gives.
        func packed(_ weight: (Int, Int, Int) -> Float) -> Tensor {
            if isDepthwise {
                return Tensor(shape) { out in
                    out.update(repeating: 0)
                    let width = shape[1]
                    for tap in 0..<taps {
                        for channel in 0..<outputs { out[tap * width + channel] = weight(channel, 0, tap) }
                    }
                }
            }
            let (gi, go) = (inputs / groups, outputs / groups)
            let panels = (go + 15) / 16
            let direct = Tensor([groups * panels, taps, gi, 16]) { out in
                var position = 0
                for group in 0..<groups {
                    for panel in 0..<panels {
                        for tap in 0..<taps {
                            for input in 0..<gi {
                                for lane in 0..<16 {
                                    let output = panel * 16 + lane
                                    out[position] =
                                        output < go ? weight(group * go + output, input, tap) : 0
                                    position += 1
                                }
                            }
                        }
                    }
                }
            }
            guard let points else { return direct }
            return SpectralConvolution.weights(
                packed: direct, points: points, inputs: inputs, outputs: outputs, taps: taps)
        }

        /// `[planes, panels, inputs, 16]` in the frequency domain; `[taps, channels]` for a depthwise convolution, with the
        /// channels padded to a multiple of 16; else, per group, panels of sixteen output channels, the last one padded with
        /// zeros: `[groups · panels, taps, inputs / groups, 16]`.
        package var shape: [Int] {
            if isDepthwise { return [taps, (outputs + 15) / 16 * 16] }
            if let points { return [SpectralConvolution.planes(points), outputs / 16, inputs, 16] }
            return [groups * ((outputs / groups + 15) / 16), taps, inputs / groups, 16]
        }
    }
}

extension PackedConvolution {
    /// The same convolution with `row`, a value per output channel, added to its bias.
    package func addingBias(_ row: Tensor) -> PackedConvolution {
        precondition(
            row.count == outputChannels, "addingBias: \(row.count) values for \(outputChannels) channels")
        var copy = self
        let row = row.reshaped([outputChannels])
        copy.bias = bias.map { $0.reshaped([outputChannels]) + row } ?? row
        return copy
    }
}
