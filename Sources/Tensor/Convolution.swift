public import TensorKernelTable

/// The weights of a convolution over time, packed for the kernel: per group, panels of sixteen output channels,
/// each `[tap][input channel][16]`, the last one padded with zeros.
public struct PackedConvolution: Sendable {
    /// Channels in and out, kernel size in taps, and number of channel groups.
    public let inputChannels: Int, outputChannels: Int, taps: Int, groups: Int
    /// Empty when the weights are in the frequency domain.
    let packed: Tensor
    let spectral: SpectralConvolution?
    /// `[taps · inputs]`, for one output channel.
    let single: Tensor?
    private(set) var bias: Tensor?

    var groupInputs: Int { inputChannels / groups }
    var groupOutputs: Int { outputChannels / groups }
    var panelsPerGroup: Int { (groupOutputs + 15) / 16 }
    var panelFloats: Int { taps * groupInputs * 16 }

    /// Packs `weight`: `[outputs, inputs / groups, taps]` as PyTorch's `nn.Conv1d` stores it. A convolution of stride 1
    /// over long sequences may be made `spectral`: where it pays, its weights are kept in the frequency domain.
    public init(
        weight: [Float], inputs: Int, outputs: Int, taps: Int, groups: Int = 1, bias: Tensor?,
        spectral: Bool = false
    ) {
        let form = Form(inputs: inputs, outputs: outputs, taps: taps, groups: groups, spectral: spectral)
        self.init(form, bias: bias, prepared: form.packed(weight))
    }

    /// A convolution whose weights are packed already; see `Form.shape`.
    public init(_ form: Form, bias: Tensor?, prepared: Tensor) {
        precondition(prepared.shape == form.shape, "PackedConvolution: \(prepared.shape) for \(form.shape)")
        (inputChannels, outputChannels, taps, groups) = (form.inputs, form.outputs, form.taps, form.groups)
        self.bias = bias
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
    public struct Form: Sendable {
        /// Channels in and out, kernel size in taps, and number of channel groups.
        public let inputs: Int, outputs: Int, taps: Int, groups: Int
        /// Points of the Fourier transform of weights in the frequency domain; nil for weights by taps.
        let points: Int?

        /// The form for a convolution, which may be `spectral` where that pays.
        public init(inputs: Int, outputs: Int, taps: Int, groups: Int = 1, spectral: Bool = false) {
            (self.inputs, self.outputs, self.taps, self.groups) = (inputs, outputs, taps, groups)
            points =
                spectral && groups == 1
                ? SpectralConvolution.points(inputs: inputs, outputs: outputs, taps: taps) : nil
        }

        /// Names the order of the elements; another name for every change of it.
        public var name: String { points.map { "spectrum \($0)" } ?? "taps" }

        /// Packs `weight`: `[outputs, inputs / groups, taps]` as PyTorch's `nn.Conv1d` stores it.
        public func packed(_ weight: [Float]) -> Tensor {
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

        /// `[planes, panels, inputs, 16]` in the frequency domain, else `[groups · panels, taps, inputs / groups, 16]`.
        public var shape: [Int] {
            if let points { return [SpectralConvolution.planes(points), outputs / 16, inputs, 16] }
            return [groups * ((outputs / groups + 15) / 16), taps, inputs / groups, 16]
        }
    }
}

extension PackedConvolution {
    /// The same convolution with `row`, a value per output channel, added to its bias.
    public func addingBias(_ row: Tensor) -> PackedConvolution {
        precondition(
            row.count == outputChannels, "addingBias: \(row.count) values for \(outputChannels) channels")
        var copy = self
        let row = row.reshaped([outputChannels])
        copy.bias = bias.map { $0.reshaped([outputChannels]) + row } ?? row
        return copy
    }
}

/// How a convolution walks over its input and what happens at its two ends.
public struct ConvolutionOptions: Sendable {
    /// Input rows per output row.
    public var stride = 1
    /// Input rows between taps.
    public var dilation = 1
    /// Zero rows before and after the input.
    public var padding = (left: 0, right: 0)
    /// Slope of a leaky ReLU applied to the input on its way in; nil for none.
    public var inputSlope: Float?
    /// Applied after the bias.
    public var activation = Activation.identity

    /// Options with PyTorch's defaults.
    public init(
        stride: Int = 1, dilation: Int = 1, padding: Int = 0, inputSlope: Float? = nil,
        activation: Activation = .identity
    ) {
        self.stride = stride
        self.dilation = dilation
        self.padding = (padding, padding)
        self.inputSlope = inputSlope
        self.activation = activation
    }
}

extension Tensor {
    /// Convolution over time: x `[T, Cin]` → `[T', Cout]` (PyTorch: `F.conv1d` on the transposed layout), plus
    /// `residual: [T', Cout]` when given.
    public func convolved(
        _ c: PackedConvolution, _ options: ConvolutionOptions = ConvolutionOptions(), residual: Tensor? = nil
    ) -> Tensor {
        let (T, _) = dims2("conv1d", columns: c.inputChannels)
        let rows = options.outputRows(T, taps: c.taps)
        precondition(
            residual?.shape ?? [rows, c.outputChannels] == [rows, c.outputChannels],
            "conv1d: residual \(residual?.shape ?? []) for [\(rows), \(c.outputChannels)]")
        let result = Tensor(uninitialized: [rows, c.outputChannels])
        c.run(
            RowSpan(origin: pointer, high: T), options, range: 0..<rows,
            to: ConvolutionOutput(
                origin: result.storage.pointer, stride: c.outputChannels, residual: residual?.pointer))
        return result
    }
}

extension ConvolutionOptions {
    /// Rows that `T` input rows give to a kernel of `taps`.
    public func outputRows(_ T: Int, taps: Int) -> Int {
        let span = (taps - 1) * dilation + 1
        let padded = T + padding.left + padding.right
        precondition(padded >= span, "conv1d: \(T) rows are fewer than the kernel's \(span)")
        return (padded - span) / stride + 1
    }
}

extension PackedConvolution {
    /// Floats of one input tile; with a panel of weights it fits a second-level cache of 512 KiB.
    private static let tileFloats = 32 * 1024

    /// Computes the output rows `range`; those before it exist already. In the frequency domain, the range begins and
    /// ends at blocks (or at the end of the sequence).
    func run(_ x: RowSpan, _ options: ConvolutionOptions, range: Range<Int>, to output: ConvolutionOutput) {
        guard !range.isEmpty else { return }
        if let single, options.stride == 1, options.dilation == 1 {
            runSingle(x, single, options, range: range, to: output)
        } else if let spectral, options.stride == 1 {
            spectral.run(x, options, bias: bias, range: range, to: output)
        } else {
            runDirectly(x, options, range: range, to: output)
        }
    }

    /// One output channel: a dot product per row, read where the input lies; at the ends of the sequence from a copy.
    private func runSingle(
        _ x: RowSpan, _ weights: Tensor, _ options: ConvolutionOptions, range: Range<Int>,
        to output: ConvolutionOutput
    ) {
        let C = inputChannels
        ThreadPool.shared.parallelFor(range.count, grain: 64) { share in
            func run(_ rows: Range<Int>, _ origin: UnsafePointer<Float>) {
                guard !rows.isEmpty else { return }
                Kernels.table.singleOutput(
                    origin + (rows.lowerBound - options.padding.left) * C, C, rows.count, taps * C,
                    weights.pointer,
                    bias?.pointer.pointee ?? 0, options.inputSlope ?? 1, options.activation,
                    output.origin + rows.lowerBound)
            }
            let rows = range.lowerBound + share.lowerBound..<range.lowerBound + share.upperBound
            let inner = max(rows.lowerBound, options.padding.left)
            let inside =
                min(
                    inner, rows.upperBound)..<max(
                    min(inner, rows.upperBound),
                    min(rows.upperBound, x.high + options.padding.left - taps + 1))
            run(inside, x.origin)
            for edge in [rows.lowerBound..<inside.lowerBound, inside.upperBound..<rows.upperBound]
            where !edge.isEmpty {
                let first = edge.lowerBound - options.padding.left
                let count = edge.count + taps - 1
                let copy = Storage(count: count * C)
                var plain = options
                plain.inputSlope = nil
                loadTile(x, plain, firstRow: first, rowCount: count, group: 0, into: copy.pointer)
                run(edge, UnsafePointer(copy.pointer) - first * C)
            }
        }
    }

    /// The input is cut into tiles of fixed size; each is copied once with its padding, activated, and multiplied by
    /// every panel while it is in cache. A row's result depends neither on the tile nor on the thread.
    private func runDirectly(
        _ x: RowSpan, _ options: ConvolutionOptions, range: Range<Int>, to output: ConvolutionOutput
    ) {
        let width = groupInputs
        let rows = range.count
        let span = (taps - 1) * options.dilation + 1
        let tileRows = max(12, min(rows, Self.tileFloats / max(width * options.stride, 1) / 12 * 12))
        let tiles = (rows + tileRows - 1) / tileRows
        // With few tiles the panels are dealt out as well, so that every thread has work.
        let pairs = (panelsPerGroup + 1) / 2
        let panelGroups = tiles >= 8 ? 1 : min(pairs, 8)
        let units = tiles * groups * panelGroups
        ThreadPool.shared.parallelFor(units) { share in
            let inputRows = (tileRows - 1) * options.stride + span
            let scratch = Storage(count: inputRows * width + 2 * tileRows * 16)
            let input = scratch.pointer
            let acc = scratch.pointer + inputRows * width
            var loaded = -1
            for unit in share {
                let tile = unit / (groups * panelGroups)
                let group = unit / panelGroups % groups
                let part = unit % panelGroups
                let first = range.lowerBound + tile * tileRows
                let m = min(tileRows, range.upperBound - first)
                if loaded != tile * groups + group {
                    loadTile(
                        x, options, firstRow: first * options.stride - options.padding.left,
                        rowCount: (m - 1) * options.stride + span, group: group, into: input)
                    loaded = tile * groups + group
                }
                for pair in pairs * part / panelGroups..<pairs * (part + 1) / panelGroups {
                    multiplyPanels(
                        input, options, panels: pair * 2..<min(pair * 2 + 2, panelsPerGroup), group: group,
                        first: first, rows: m, acc: acc, output)
                }
            }
        }
    }

    /// Copies the tile's input rows of one group, zero outside the input, through the input activation.
    private func loadTile(
        _ x: RowSpan, _ options: ConvolutionOptions, firstRow: Int, rowCount: Int, group: Int,
        into input: UnsafeMutablePointer<Float>
    ) {
        let width = groupInputs
        let low = max(0, min(rowCount, -firstRow))
        let high = max(low, min(rowCount, x.high - firstRow))
        if low > 0 { input.update(repeating: 0, count: low * width) }
        if high < rowCount { (input + high * width).update(repeating: 0, count: (rowCount - high) * width) }
        guard high > low else { return }
        let source = x.origin + (firstRow + low) * inputChannels + group * width
        let target = input + low * width
        if groups == 1 {
            if let slope = options.inputSlope {
                Kernels.table.leakyReLU(source, slope, target, (high - low) * width)
            } else {
                target.update(from: source, count: (high - low) * width)
            }
        } else {
            for row in 0..<(high - low) {
                (target + row * width).update(from: source + row * inputChannels, count: width)
            }
            if let slope = options.inputSlope {
                Kernels.table.leakyReLU(UnsafePointer(target), slope, target, (high - low) * width)
            }
        }
    }

    /// The output channels of one or two panels of one tile. The taps are taken a few at a time so that their weights
    /// stay in the first-level cache while all rows pass over them.
    private func multiplyPanels(
        _ input: UnsafeMutablePointer<Float>, _ options: ConvolutionOptions, panels: Range<Int>, group: Int,
        first: Int, rows: Int, acc: UnsafeMutablePointer<Float>, _ output: ConvolutionOutput
    ) {
        let width = groupInputs
        let weights = packed.pointer + (group * panelsPerGroup + panels.lowerBound) * panelFloats
        acc.update(repeating: 0, count: panels.count * rows * 16)
        let tapsAtOnce = max(1, 256 / max(width, 1))
        var tap = 0
        while tap < taps {
            let n = min(tapsAtOnce, taps - tap)
            Kernels.table.convolutionPanels(
                UnsafePointer(input) + tap * options.dilation * width, options.stride * width, rows, n, width,
                options.dilation * width, weights + tap * width * 16, panelFloats, panels.count, acc)
            tap += n
        }
        for (index, panel) in panels.enumerated() {
            let channel = group * groupOutputs + panel * 16
            Kernels.table.epilogue(
                UnsafePointer(acc) + index * rows * 16, rows, min(16, groupOutputs - panel * 16),
                bias.map { $0.pointer + channel }, options.activation, options.inputSlope ?? 0,
                output.residual.map { $0 + first * outputChannels + channel }, outputChannels,
                output.accumulates, output.scale, output.origin + first * output.stride + channel,
                output.stride)
        }
    }
}
