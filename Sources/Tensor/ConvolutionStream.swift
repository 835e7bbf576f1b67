package import TensorKernelTable

/// A convolution over a sequence that arrives in parts: rows are read from one window and written to another.
///
/// Every output row is computed once, as soon as its input rows are available, by the same operations as for the whole
/// sequence at once: the result does not depend on how the sequence is cut.
package struct ConvolutionStream {
    /// What is done with the computed rows.
    package enum Destination {
        /// They are stored as the output.
        case store
        /// The output is a sum of several convolutions' rows: this one's are added, and the sum is scaled. The last
        /// of the convolutions publishes the rows to the readers of the output.
        case add(scale: Float, publishes: Bool)
        /// The first of several: its rows are stored but not published.
        case begin
    }

    private let convolution: PackedConvolution
    private let options: ConvolutionOptions
    private let input: RowWindow, output: RowWindow
    private let residual: RowWindow?
    private let destination: Destination
    private let inputReader: Int
    private let residualReader: Int?

    /// Output rows computed so far.
    package private(set) var made = 0

    /// A stream from `input` to `output`, plus the rows of `residual`.
    package init(
        _ convolution: PackedConvolution, _ options: ConvolutionOptions, from input: RowWindow,
        to output: RowWindow,
        residual: RowWindow? = nil, _ destination: Destination = .store
    ) {
        precondition(
            input.columns == convolution.inputChannels
                && output.columns == convolution.outputChannels
                && output.total == options.outputRows(input.total, taps: convolution.taps)
                && residual.map { $0.columns == output.columns && $0.total == output.total } != false,
            "ConvolutionStream: [\(input.total), \(input.columns)] to [\(output.total), \(output.columns)]")
        (self.convolution, self.options, self.destination) = (convolution, options, destination)
        (self.input, self.output, self.residual) = (input, output, residual)
        inputReader = input.addReader()
        residualReader = residual?.addReader()
    }

    /// Computes the rows whose inputs are available, at most `count` of them and none from `limit` on (in whole blocks).
    package mutating func advance(count: Int = .max, limit: Int = .max) {
        let block = convolution.spectral.map { $0.blockRows(dilation: options.dilation) } ?? 1
        var end = output.total
        if !input.isComplete {
            let reach = (convolution.taps - 1) * options.dilation - options.padding.left
            let rows = input.high - reach
            end = min(end, rows > 0 ? (rows + options.stride - 1) / options.stride : 0)
        }
        if let residual { end = min(end, residual.high) }
        end = min(end, limit)
        if count < end - made { end = min(end, made + max(count, block)) }
        if end < output.total { end = end / block * block }
        guard end > made else { return }
        let origin = output.reserve(from: made, upTo: end)
        var target = ConvolutionOutput(
            origin: origin, stride: output.columns, residual: residual.map { $0.span.origin })
        if case .add(let scale, _) = destination {
            target.accumulates = true
            target.scale = scale
        }
        convolution.run(input.span, options, range: made..<end, to: target)
        made = end
        switch destination {
        case .store, .add(_, publishes: true): output.extend(to: end)
        case .begin, .add: break
        }
        input.release(inputReader, below: end * options.stride - options.padding.left)
        if let residual, let residualReader { residual.release(residualReader, below: end) }
    }
}

/// A transposed convolution over a sequence that arrives in parts.
package struct UpsamplingStream {
    private let convolution: PackedTransposedConvolution
    private let options: ConvolutionOptions
    private let input: RowWindow
    private let reader: Int
    /// Rows of the merged convolution computed so far; each is `stride` output rows.
    private var made = 0
    private let steps: Int

    /// The output rows.
    package let output: RowWindow

    /// A stream from `input`, to which `inputActivation` is applied.
    package init(
        _ convolution: PackedTransposedConvolution, inputActivation: InputActivation, from input: RowWindow
    ) {
        let rows = convolution.outputRows(input.total)
        self.convolution = convolution
        self.input = input
        reader = input.addReader()
        output = RowWindow(columns: convolution.outputChannels, total: rows, lead: convolution.padding)
        steps = (rows + convolution.padding + convolution.stride - 1) / convolution.stride
        options = convolution.options(inputActivation)
    }

    /// Computes about `count` of the rows whose inputs are available; returns whether there were any.
    package mutating func advance(count: Int = .max) -> Bool {
        let stride = convolution.stride
        var end = input.isComplete ? steps : min(input.high, steps)
        end = min(end, made + max(1, min(count, steps * stride) / stride))
        guard end > made else { return false }
        let lead = convolution.padding * convolution.outputChannels
        let origin = output.reserve(
            from: made * stride - convolution.padding, upTo: end * stride - convolution.padding)
        convolution.merged.run(
            input.span, options, range: made..<end,
            to: ConvolutionOutput(origin: origin - lead, stride: stride * convolution.outputChannels))
        made = end
        output.extend(to: end * stride - convolution.padding)
        input.release(reader, below: end - options.padding.left)
        return true
    }
}
