/// A convolution over a sequence that is there in parts: rows come into one window and go out to another.
///
/// Every output row is computed once, when its input rows are there, by the same operations as for the whole sequence at
/// once: how the sequence is cut does not show in the result.
public struct ConvolutionStream {
    /// What becomes of the rows that are made.
    public enum Destination {
        /// They are the output.
        case store
        /// The output is a sum of several convolutions' rows: this one's are added, and the sum is scaled. Rows are
        /// published, for readers of the output, by the last of them.
        case add(scale: Float, publishes: Bool)
        /// The first of several: its rows are stored, and not published.
        case begin
    }

    private let convolution: PackedConvolution
    private let options: ConvolutionOptions
    private let input: RowWindow, output: RowWindow
    private let residual: RowWindow?
    private let destination: Destination
    private let inputReader: Int
    private let residualReader: Int?

    /// Output rows made so far.
    public private(set) var made = 0

    /// A stream from `input` to `output`, plus the rows of `residual`.
    public init(
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

    /// Makes the rows that can be made, at most `count` of them and none from `limit` on (in whole blocks).
    public mutating func advance(count: Int = .max, limit: Int = .max) {
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

/// A transposed convolution over a sequence that is there in parts.
public struct UpsamplingStream {
    private let convolution: PackedTransposedConvolution
    private let options: ConvolutionOptions
    private let input: RowWindow
    private let reader: Int
    /// Rows of the convolution behind it, of which each makes `stride` output rows.
    private var made = 0
    private let steps: Int

    /// Where the rows go.
    public let output: RowWindow

    /// A stream from `input` with a leaky ReLU on the way in.
    public init(_ convolution: PackedTransposedConvolution, inputSlope: Float?, from input: RowWindow) {
        let rows = convolution.outputRows(input.total)
        self.convolution = convolution
        self.input = input
        reader = input.addReader()
        output = RowWindow(columns: convolution.outputChannels, total: rows, lead: convolution.padding)
        steps = (rows + convolution.padding + convolution.stride - 1) / convolution.stride
        options = convolution.options(inputSlope: inputSlope)
    }

    /// Makes about `count` of the rows that can be made; tells whether there were any.
    public mutating func advance(count: Int = .max) -> Bool {
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
