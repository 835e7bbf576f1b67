package import TensorKernelTable

/// The weights of a transposed convolution, as those of an ordinary one whose output channels are the channels of all
/// phases: output row t·stride + p − padding sums x[t − j] · w[p + j·stride] over j, so row t of a convolution with
/// stride · outputs channels is `stride` consecutive output rows. No products with inserted zeros are computed; where
/// the taps are not a multiple of the stride, the last phases have a tap of zeros.
package struct PackedTransposedConvolution: Sendable {
    /// Channels in and out, kernel size in taps, stride and padding as in PyTorch's `nn.ConvTranspose1d`.
    package let inputChannels: Int, outputChannels: Int, taps: Int, stride: Int, padding: Int
    let merged: PackedConvolution

    /// Packs `weight`: `[inputs, outputs, taps]` as PyTorch stores it.
    package init(
        weight: [Float], inputs: Int, outputs: Int, taps: Int, stride: Int, padding: Int, bias: Tensor?
    ) {
        self.init(
            prepared: Self.packed(weight, inputs: inputs, outputs: outputs, taps: taps, stride: stride),
            inputs: inputs, outputs: outputs, taps: taps, stride: stride, padding: padding, bias: bias)
    }

    /// Packs `weight`, in the form of `form(…)`.
    package static func packed(
        _ weight: [Float], inputs: Int, outputs: Int, taps: Int, stride: Int
    ) -> Tensor {
        precondition(
            weight.count == inputs * outputs * taps, "PackedTransposedConvolution: \(weight.count) weights")
        let form = form(inputs: inputs, outputs: outputs, taps: taps, stride: stride)
        // The convolution reads x[t − n + 1 … t]; its tap i meets x[t − (n − 1 − i)].
        return form.packed { column, input, i in
            let tap = column / outputs + (form.taps - 1 - i) * stride
            return tap < taps ? weight[(input * outputs + column % outputs) * taps + tap] : 0
        }
    }

    /// A transposed convolution whose weights are packed already, in the form of `form(…)`.
    package init(
        prepared: Tensor, inputs: Int, outputs: Int, taps: Int, stride: Int, padding: Int, bias: Tensor?
    ) {
        (inputChannels, outputChannels, self.taps) = (inputs, outputs, taps)
        (self.stride, self.padding) = (stride, padding)
        let repeated = bias.map { bias in
            Tensor((0..<stride).flatMap { _ in bias.values }, [stride * outputs])
        }
        merged = PackedConvolution(
            Self.form(inputs: inputs, outputs: outputs, taps: taps, stride: stride), bias: repeated,
            prepared: prepared)
    }

    /// How the weights are packed: as those of the merged convolution.
    package static func form(inputs: Int, outputs: Int, taps: Int, stride: Int) -> PackedConvolution.Form {
        PackedConvolution.Form(
            inputs: inputs, outputs: stride * outputs, taps: max(1, (taps + stride - 1) / stride))
    }

    /// Whether the weights are read where their file is mapped.
    package var isMapped: Bool { merged.isMapped }

    /// Rows that `T` input rows give.
    func outputRows(_ T: Int) -> Int {
        let rows = (T - 1) * stride - 2 * padding + taps
        precondition(T > 0 && rows > 0, "conv_transpose1d: \(T) rows give \(rows)")
        return rows
    }

    func options(_ inputActivation: InputActivation) -> ConvolutionOptions {
        var options = ConvolutionOptions(inputActivation: inputActivation)
        options.padding = (merged.taps - 1, merged.taps - 1)
        return options
    }
}

extension Tensor {
    /// Transposed convolution: x `[T, Cin]` → `[(T − 1)·stride − 2·padding + taps, Cout]`, with
    /// `inputActivation` applied to x (PyTorch: `F.conv_transpose1d`).
    package func transposeConvolved(
        _ c: PackedTransposedConvolution, inputActivation: InputActivation = .identity
    ) -> Tensor {
        _ = dims2("conv_transpose1d", columns: c.inputChannels)
        var stream = UpsamplingStream(c, inputActivation: inputActivation, from: RowWindow(self))
        _ = stream.advance()
        return stream.output.whole()
    }
}
