import TensorKernelTable

/// An anti-aliased Snake activation over time: x `[T, C]` → `[T, C]`. Rows are interpolated to twice the rate, where
/// u becomes u + sin²(α·u) / β, and decimated again; outside of the sequence, the nearest row counts.
///
/// PyTorch: BigVGAN's `TorchActivation1d` with `SnakeBeta` (or `Snake`, whose β is α), with filters of twelve taps.
package struct AliasFreeSnake: Sendable {
    /// α and 1 / β, padded to a multiple of 16.
    private let alpha: Tensor, inverseBeta: Tensor
    private let up: Tensor, down: Tensor
    private let channels: Int

    /// Input rows that an output row depends on, before it and behind it.
    static let reach = (before: 5, behind: 6)
    /// Output rows of a tile: its values at twice the rate stay in a first-level cache.
    private static let tileRows = 96

    /// An activation of C channels.
    ///
    /// - Parameters:
    ///   - alpha: frequencies, C values.
    ///   - inverseBeta: amplitudes, C values.
    ///   - up: filter of the interpolation, twelve taps.
    ///   - down: filter of the decimation, twelve taps.
    package init(alpha: [Float], inverseBeta: [Float], up: [Float], down: [Float]) {
        precondition(
            alpha.count == inverseBeta.count && up.count == SnakeArguments.taps
                && down.count == SnakeArguments.taps,
            "AliasFreeSnake: \(alpha.count) and \(inverseBeta.count) channels, \(up.count) and \(down.count) taps"
        )
        channels = alpha.count
        func padded(_ values: [Float]) -> Tensor {
            let width = (values.count + 15) / 16 * 16
            return Tensor(values + [Float](repeating: 0, count: width - values.count), [width])
        }
        (self.alpha, self.inverseBeta) = (padded(alpha), padded(inverseBeta))
        (self.up, self.down) = (Tensor(up, [up.count]), Tensor(down, [down.count]))
    }

    /// x `[T, C]` → `[T, C]`
    package func callAsFunction(_ x: Tensor) -> Tensor {
        let (T, _) = x.dims2("AliasFreeSnake", columns: channels)
        let result = Tensor(uninitialized: [T, channels])
        run(x.pointer, total: T, range: 0..<T, to: result.storage.pointer)
        return result
    }

    /// Rows `range` of a sequence of `total` rows: row r of the input is at `x + r · C`, of the output at `out + r · C`.
    /// A row's result depends neither on the range nor on the thread.
    func run(_ x: Floats, total: Int, range: Range<Int>, to out: MutableFloats) {
        let C = channels
        let groups = (C + 15) / 16
        let tiles = (range.count + Self.tileRows - 1) / Self.tileRows
        ThreadPool.shared.parallelFor(tiles * groups) { share in
            let rows = Self.tileRows
            let scratch = Storage(count: (rows + 11 + 2 * rows + 11 + rows) * 16)
            let input = scratch.pointer
            let values = input + (rows + 11) * 16
            let output = values + (2 * rows + 11) * 16
            for unit in share {
                let channel = unit % groups * 16
                let columns = min(16, C - channel)
                let first = range.lowerBound + unit / groups * rows
                let count = min(rows, range.upperBound - first)
                for row in 0..<count + 11 {
                    let source = x + min(max(first + row - Self.reach.before, 0), total - 1) * C + channel
                    let target = input + row * 16
                    target.update(from: source, count: columns)
                    if columns < 16 { (target + columns).update(repeating: 0, count: 16 - columns) }
                }
                Kernels.table.snake(
                    SnakeArguments(
                        x: input, rows: count, alpha: alpha.pointer + channel,
                        inverseBeta: inverseBeta.pointer + channel, up: up.pointer, down: down.pointer,
                        before: max(0, Self.reach.before - 2 * first),
                        behind: max(0, 2 * (first + count) + 6 - 2 * total), scratch: values, out: output))
                for row in 0..<count {
                    (out + (first + row) * C + channel).update(from: output + row * 16, count: columns)
                }
            }
        }
    }
}

/// An anti-aliased Snake activation of a sequence that arrives in parts.
package struct SnakeStream {
    private let activation: AliasFreeSnake
    private let input: RowWindow, output: RowWindow
    private let reader: Int
    private var made = 0

    /// A stream from `input` to `output`.
    package init(_ activation: AliasFreeSnake, from input: RowWindow, to output: RowWindow) {
        precondition(
            input.columns == output.columns && input.total == output.total,
            "SnakeStream: [\(input.total), \(input.columns)] to [\(output.total), \(output.columns)]")
        (self.activation, self.input, self.output) = (activation, input, output)
        reader = input.addReader()
    }

    /// Computes the rows whose inputs are available.
    package mutating func advance() {
        let end = input.isComplete ? input.total : input.high - AliasFreeSnake.reach.behind
        guard end > made else { return }
        let origin = output.reserve(from: made, upTo: end)
        activation.run(input.span.origin, total: input.total, range: made..<end, to: origin)
        made = end
        output.extend(to: end)
        input.release(reader, below: end - AliasFreeSnake.reach.before)
    }
}
