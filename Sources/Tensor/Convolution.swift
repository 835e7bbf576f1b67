package import TensorKernelTable

/// Stride, dilation, padding and activations of a convolution.
package struct ConvolutionOptions: Sendable {
    /// Input rows per output row.
    package var stride = 1
    /// Input rows between taps.
    package var dilation = 1
    /// Zero rows before and after the input.
    package var padding = (left: 0, right: 0)
    /// Applied to the input as it is read.
    package var inputActivation = InputActivation.identity
    /// Applied after the bias.
    package var activation = Activation.identity

    /// Options with PyTorch's defaults.
    package init(
        stride: Int = 1, dilation: Int = 1, padding: Int = 0, inputActivation: InputActivation = .identity,
        activation: Activation = .identity
    ) {
        self.stride = stride
        self.dilation = dilation
        self.padding = (padding, padding)
        self.inputActivation = inputActivation
        self.activation = activation
    }
}

extension Tensor {
    /// Convolution over time: x `[T, Cin]` → `[T', Cout]` (PyTorch: `F.conv1d` on the transposed layout), plus
    /// `residual: [T', Cout]` when given.
    package func convolved(
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
    package func outputRows(_ T: Int, taps: Int) -> Int {
        let span = (taps - 1) * dilation + 1
        let padded = T + padding.left + padding.right
        precondition(padded >= span, "conv1d: \(T) rows are fewer than the kernel's \(span)")
        return (padded - span) / stride + 1
    }
}

extension PackedConvolution {
    /// Floats of one input tile; with a panel of weights it fits a second-level cache of 512 KiB.
    private static let tileFloats = 32 * 1024

    /// Computes the output rows `range`. In the frequency domain, the range begins and ends at blocks (or at the end of the
    /// sequence).
    func run(_ x: RowSpan, _ options: ConvolutionOptions, range: Range<Int>, to output: ConvolutionOutput) {
        guard !range.isEmpty else { return }
        if let single, options.stride == 1, options.dilation == 1 {
            runSingle(x, single, options, range: range, to: output)
        } else if let spectral {
            precondition(options.stride == 1, "conv1d: stride \(options.stride) of a spectral convolution")
            spectral.run(x, options, bias: bias, range: range, to: output)
        } else if isDepthwise {
            runDepthwise(x, options, range: range, to: output)
        } else {
            runDirectly(x, options, range: range, to: output)
        }
    }

    /// One output channel: a dot product per row, read from the input itself; at the ends of the sequence from a padded
    /// copy.
    private func runSingle(
        _ x: RowSpan, _ weights: Tensor, _ options: ConvolutionOptions, range: Range<Int>,
        to output: ConvolutionOutput
    ) {
        let C = inputChannels
        ThreadPool.shared.parallelFor(range.count, grain: 64) { share in
            func run(_ rows: Range<Int>, _ origin: UnsafePointer<Float>) {
                guard !rows.isEmpty else { return }
                Kernels.table.singleOutput(
                    SingleOutputArguments(
                        x: origin + (rows.lowerBound - options.padding.left) * C, rowStride: C,
                        rows: rows.count, length: taps * C, w: weights.pointer,
                        inputActivation: options.inputActivation,
                        epilogue: output.epilogue(
                            row: rows.lowerBound, channels: 1, bias: bias?.pointer, options.activation)))
            }
            let rows = range.lowerBound + share.lowerBound..<range.lowerBound + share.upperBound
            let inner = max(rows.lowerBound, options.padding.left)
            let low = min(inner, rows.upperBound)
            let inside = low..<max(low, min(rows.upperBound, x.high + options.padding.left - taps + 1))
            run(inside, x.origin)
            for edge in [rows.lowerBound..<inside.lowerBound, inside.upperBound..<rows.upperBound]
            where !edge.isEmpty {
                let first = edge.lowerBound - options.padding.left
                let count = edge.count + taps - 1
                let copy = Storage(count: count * C)
                loadTile(x, .identity, firstRow: first, rowCount: count, channels: 0..<C, into: copy.pointer)
                run(edge, UnsafePointer(copy.pointer) - first * C)
            }
        }
    }

    /// A kernel per channel: tiles of rows are copied once with their padding and multiplied sixteen channels at a time.
    private func runDepthwise(
        _ x: RowSpan, _ options: ConvolutionOptions, range: Range<Int>, to output: ConvolutionOutput
    ) {
        let C = outputChannels
        let width = packed.shape[1]
        let span = (taps - 1) * options.dilation + 1
        let tileRows = max(16, min(range.count, Self.tileFloats / (C * options.stride)))
        ThreadPool.shared.parallelFor(range.count, grain: 16) { share in
            let inputRows = (min(tileRows, share.count) - 1) * options.stride + span
            let scratch = Storage(count: inputRows * C + tileRows * 16 + 16)
            let (input, acc) = (scratch.pointer, scratch.pointer + inputRows * C + 16)
            for first in stride(
                from: range.lowerBound + share.lowerBound, to: range.lowerBound + share.upperBound,
                by: tileRows)
            {
                let m = min(tileRows, range.lowerBound + share.upperBound - first)
                loadTile(
                    x, options.inputActivation, firstRow: first * options.stride - options.padding.left,
                    rowCount: (m - 1) * options.stride + span, channels: 0..<C, into: input)
                for channel in stride(from: 0, to: C, by: 16) {
                    Kernels.table.depthwiseConvolution(
                        DepthwiseArguments(
                            x: input + channel, rowStride: options.stride * C, rows: m, taps: taps,
                            tapStride: options.dilation * C, w: packed.pointer + channel, weightStride: width,
                            acc: acc))
                    finish(
                        acc, rows: m, first: first, channel: channel, columns: C - channel, options, output)
                }
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
        // With few tiles the panels are distributed as well, so that every thread has work.
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
                        x, options.inputActivation,
                        firstRow: first * options.stride - options.padding.left,
                        rowCount: (m - 1) * options.stride + span,
                        channels: group * width..<(group + 1) * width, into: input)
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

    /// Copies a tile's input rows of some channels, zero outside the input, through the input activation.
    private func loadTile(
        _ x: RowSpan, _ activation: InputActivation, firstRow: Int, rowCount: Int, channels: Range<Int>,
        into input: UnsafeMutablePointer<Float>
    ) {
        let width = channels.count
        let low = max(0, min(rowCount, -firstRow))
        let high = max(low, min(rowCount, x.high - firstRow))
        if low > 0 { input.update(repeating: 0, count: low * width) }
        if high < rowCount { (input + high * width).update(repeating: 0, count: (rowCount - high) * width) }
        guard high > low else { return }
        let stride = x.stride ?? inputChannels
        let source = x.origin + (firstRow + low) * stride + channels.lowerBound
        let target = input + low * width
        if width == stride {
            if case .leakyReLU(let slope) = activation {
                Kernels.table.leakyReLU(source, slope, target, (high - low) * width)
            } else {
                target.update(from: source, count: (high - low) * width)
            }
        } else {
            for row in 0..<(high - low) {
                (target + row * width).update(from: source + row * stride, count: width)
            }
            if case .leakyReLU(let slope) = activation {
                Kernels.table.leakyReLU(UnsafePointer(target), slope, target, (high - low) * width)
            }
        }
    }

    /// Bias, activation, residual and accumulation of the sums `[rows][16]` of sixteen channels, of which `columns` exist.
    private func finish(
        _ acc: UnsafePointer<Float>, rows: Int, first: Int, channel: Int, columns: Int,
        _ options: ConvolutionOptions, _ output: ConvolutionOutput
    ) {
        let epilogue = output.epilogue(
            row: first, channels: outputChannels, bias: bias?.pointer, options.activation)
        Kernels.table.epilogue(
            EpilogueArguments(
                acc: acc, rows: rows, columns: min(16, columns), epilogue: epilogue.channels(from: channel)))
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
            Kernels.table.convolution(
                ConvolutionArguments(
                    x: input + tap * options.dilation * width, rowStride: options.stride * width, rows: rows,
                    taps: n, tapStride: options.dilation * width, channels: width,
                    w: weights + tap * width * 16, panelStride: panelFloats, panels: panels.count, acc: acc))
            tap += n
        }
        for (index, panel) in panels.enumerated() {
            finish(
                acc + index * rows * 16, rows: rows, first: first, channel: group * groupOutputs + panel * 16,
                columns: groupOutputs - panel * 16, options, output)
        }
    }
}
