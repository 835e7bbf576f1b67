import Foundation
import TensorKernelTable

/// The weights of a convolution with stride 1 in the frequency domain.
///
/// The output is cut into tiles of m = N − taps + 1 rows; a tile's N input rows are transformed (N = 16 or 32), each
/// frequency's rows of all tiles are multiplied by that frequency's matrix, and the first m rows of the inverse are the
/// tile. A row costs (3N/2 − 1)/m products per pair of channels instead of `taps`: 2.1 instead of 11 with N = 32. With
/// dilation d, every d-th row forms a sequence of its own, and d of them together are a block of d·m output rows.
///
/// Tiles lie on a grid that begins at row 0 of the sequence, so results depend neither on how a sequence is cut into
/// parts nor on the number of threads. A Fourier transform is as accurate as the sums it replaces; Winograd (Toom–Cook)
/// convolutions need twice the products at this accuracy.
struct SpectralConvolution: Sendable {
    /// N, and output rows per tile.
    let points: Int, tileRows: Int
    let inputs: Int, outputs: Int
    /// `[planes, panels, inputs, 16]`
    let weights: Tensor

    var planes: Int { Self.planes(points) }
    var panels: Int { outputs / 16 }

    static func planes(_ points: Int) -> Int { points / 2 * 3 - 1 }

    /// Bytes that one layer's weights may take.
    private static let weightLimit = 8 << 20

    /// The best N for a convolution, or nil where the sums over taps are faster. Costs are vector operations per sixteen
    /// outputs, as measured.
    static func points(inputs: Int, outputs: Int, taps: Int) -> Int? {
        guard inputs % 16 == 0, outputs % 16 == 0, taps > 1 else { return nil }
        var best: (cost: Double, points: Int?) = (Double(taps * inputs) * 1.15, nil)
        for (points, transform) in [(16, 130.0), (32, 330.0)] {
            let rows = points - taps + 1
            guard rows >= points / 4, planes(points) * inputs * outputs * 4 <= weightLimit else { continue }
            let products = Double(planes(points) * inputs)
            let transforms = transform * (1 + Double(inputs) / Double(outputs))
            let cost = (products + transforms) / Double(rows)
            if cost < best.cost { best = (cost, points) }
        }
        return best.points
    }

    /// A convolution with weights in the frequency domain.
    init(points: Int, inputs: Int, outputs: Int, taps: Int, weights: Tensor) {
        (self.points, self.inputs, self.outputs, self.weights) = (points, inputs, outputs, weights)
        tileRows = points - taps + 1
    }

    /// Transforms packed weights `[panel, tap, input, 16]` to `[planes, panels, inputs, 16]`.
    static func weights(packed: Tensor, points: Int, inputs: Int, outputs: Int, taps: Int) -> Tensor {
        let N = points
        // Σ w[tap]·e^(+2πi·k·tap/N), as an output row sees the tap's input ahead of it. The transforms leave out these
        // factors (see FourierTransforms.swift).
        var table: [Double] = []
        for k in 0...N / 2 {
            let scale = k % (N / 2) == 0 ? 1 / Double(N) : k == N / 4 ? 2 / Double(N) : 0.5 / Double(N)
            for tap in 0..<taps {
                let angle = 2 * Double.pi * Double(k * tap % N) / Double(N)
                table += [scale * cos(angle), scale * sin(angle)]
            }
        }
        let panels = outputs / 16
        let panelFloats = inputs * 16
        let result = Tensor(uninitialized: [planes(N), panels, inputs, 16])
        table.withUnsafeBufferPointer { table in
            guard let table = table.baseAddress else { return }
            ThreadPool.shared.parallelFor(panels) { range in
                for panel in range {
                    Kernels.table.fourierWeights(
                        FourierWeightsArguments(
                            points: N, w: packed.pointer + panel * taps * panelFloats, taps: taps,
                            channels: inputs, table: table,
                            out: result.storage.pointer + panel * panelFloats,
                            planeStride: panels * panelFloats))
                }
            }
        }
        return result
    }

    /// Output rows that are computed together: a tile of each phase of the dilation.
    func blockRows(dilation: Int) -> Int { tileRows * dilation }

    /// Floats of transformed tiles and sums of one thread: every additional tile is one more product for each weight that
    /// was read.
    private static let workingFloats = 448 * 1024

    /// Computes the output rows `range`, which begins at a multiple of the block and ends at one or at the last row.
    func run(
        _ x: RowSpan, _ options: ConvolutionOptions, bias: Tensor?, range: Range<Int>,
        to output: ConvolutionOutput
    ) {
        let dilation = options.dilation
        let block = blockRows(dilation: dilation)
        let firstBlock = range.lowerBound / block
        let tiles = ((range.upperBound + block - 1) / block - firstBlock) * dilation
        let perTile = planes * (inputs + outputs)
        let together = min(max(Self.workingFloats / perTile / 12 * 12, 12), 96)
        ThreadPool.shared.parallelFor(tiles, grain: 6) { share in
            // One more cache line between planes keeps them from sharing cache sets.
            let n = min(together, share.count)
            let tileFloats = planes * (n * inputs + 16)
            let sumFloats = planes * (n * outputs + 16)
            let scratch = Storage(count: tileFloats + sumFloats + 1024 + points * inputs)
            let worker = Worker(
                layer: self, x: x, options: options, bias: bias, range: range, output: output,
                firstBlock: firstBlock, spectra: scratch.pointer, sums: scratch.pointer + tileFloats,
                scratch: scratch.pointer + tileFloats + sumFloats)
            var first = share.lowerBound
            while first < share.upperBound {
                worker.run(first..<min(first + n, share.upperBound))
                first += n
            }
        }
    }

    /// One thread's share of a convolution.
    private struct Worker {
        let layer: SpectralConvolution
        let x: RowSpan
        let options: ConvolutionOptions
        let bias: Tensor?
        let range: Range<Int>
        let output: ConvolutionOutput
        let firstBlock: Int
        let spectra: UnsafeMutablePointer<Float>
        let sums: UnsafeMutablePointer<Float>
        let scratch: UnsafeMutablePointer<Float>

        /// The first output row of a tile.
        private func row(of tile: Int) -> Int {
            (firstBlock + tile / options.dilation) * layer.blockRows(dilation: options.dilation)
                + tile % options.dilation
        }

        func run(_ tiles: Range<Int>) {
            let inputStride = tiles.count * layer.inputs + 16
            let sumStride = tiles.count * layer.outputs + 16
            for tile in tiles {
                transform(tile, into: spectra + (tile - tiles.lowerBound) * layer.inputs, stride: inputStride)
            }
            let matrix = layer.panels * layer.inputs * 16
            for plane in 0..<layer.planes {
                Kernels.table.batchedGemm(
                    BatchedGEMMArguments(
                        m: tiles.count, k: layer.inputs, a: spectra + plane * inputStride, lda: layer.inputs,
                        w: layer.weights.pointer + plane * matrix, panels: layer.panels,
                        c: sums + plane * sumStride, panelStride: tiles.count * 16))
            }
            for tile in tiles {
                let first = row(of: tile)
                let rows = min(
                    layer.tileRows, (range.upperBound - first + options.dilation - 1) / options.dilation)
                guard rows > 0 else { continue }
                Kernels.table.fourierInverse(
                    FourierInverseArguments(
                        points: layer.points, sums: sums + (tile - tiles.lowerBound) * 16,
                        planeStride: sumStride, panels: layer.panels, panelStride: tiles.count * 16,
                        rows: rows,
                        epilogue: output.epilogue(
                            row: first, rowStep: options.dilation, channels: layer.outputs,
                            bias: bias?.pointer, options.activation),
                        scratch: scratch))
            }
        }

        /// The spectrum of a tile's input rows; at the ends of the sequence, of a copy with zeros outside.
        private func transform(_ tile: Int, into spectrum: UnsafeMutablePointer<Float>, stride: Int) {
            let (C, N, d) = (layer.inputs, layer.points, options.dilation)
            let first = row(of: tile) - options.padding.left
            func transform(_ rows: UnsafePointer<Float>, stride rowStride: Int) {
                Kernels.table.fourierForward(
                    FourierForwardArguments(
                        points: N, x: rows, rowStride: rowStride, channels: C,
                        inputActivation: options.inputActivation, out: spectrum, planeStride: stride,
                        scratch: scratch))
            }
            if first >= 0, first + (N - 1) * d < x.high {
                return transform(x.origin + first * C, stride: d * C)
            }
            let copy = scratch + 1024
            for i in 0..<N {
                let r = first + i * d
                if r >= 0, r < x.high {
                    (copy + i * C).update(from: x.origin + r * C, count: C)
                } else {
                    (copy + i * C).update(repeating: 0, count: C)
                }
            }
            transform(copy, stride: C)
        }
    }
}
