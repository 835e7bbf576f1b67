import TensorKernelTable

/// Dense products by `cblas_sgemm`, single-threaded, in pieces of a shape that the number of threads does not change: what
/// OpenBLAS makes of an element depends on its place in the call (kernels for Haswell sum the first six rows of twelve in
/// another order than the others).
struct OpenBLASGEMM: GEMMBackend {
    let functions: BLASFunctions
    /// Whether a row's result is the same in every place of a product, as far as the self-test saw.
    let rowsAreIndependent: Bool

    func linear(_ arguments: LinearArguments) -> any LinearProduct {
        OpenBLASLinear(arguments, functions)
    }

    func attentionHead(steps: Int, size: Int) -> any AttentionProducts {
        OpenBLASAttention(steps: steps, size: size, functions)
    }
}

/// Units of work are blocks of rows times chunks of columns. The weights of a chunk are copied from their panels (widened,
/// where they are halves) once for the blocks of a worker: 1/(2 · rows) of the product's operations. Rows are padded
/// with zeros to whole blocks of the library's kernels, whose remainders are summed in another order.
private struct OpenBLASLinear: LinearProduct {
    private static let rowMultiple = 16, largestRowBlock = 512
    private let arguments: LinearArguments
    private let functions: BLASFunctions
    /// Rows to a multiple of `rowMultiple`, x with as many, and the result's memory.
    private let paddedRows: Int
    private let padded: Storage?
    let result: Tensor
    /// Rows and columns of a unit; the last of each may be smaller.
    private let rowBlock: Int, chunk: Int

    init(_ arguments: LinearArguments, _ functions: BLASFunctions) {
        (self.arguments, self.functions) = (arguments, functions)
        let (rows, N) = (arguments.rows, arguments.outputs)
        paddedRows = Self.roundUp(rows, Self.rowMultiple)
        padded = paddedRows == rows ? nil : Storage(count: paddedRows * arguments.inputs)
        result = Tensor(shape: [rows, N], storage: Storage(count: paddedRows * N))
        let blocks = (paddedRows + Self.largestRowBlock - 1) / Self.largestRowBlock
        rowBlock = Self.roundUp((paddedRows + blocks - 1) / max(blocks, 1), Self.rowMultiple)
        chunk = min(512, max(64, Self.roundUp((N + 3) / 4, 16)))
    }

    private static func roundUp(_ count: Int, _ unit: Int) -> Int { (count + unit - 1) / unit * unit }

    func run(_ member: ThreadPool.Member) {
        let (K, N) = (arguments.inputs, arguments.outputs)
        if let padded {
            for row in member.share(of: paddedRows) {
                let line = padded.pointer + row * K
                if row < arguments.rows {
                    line.update(from: arguments.x.pointer + row * K, count: K)
                } else {
                    line.update(repeating: 0, count: K)
                }
            }
            member.barrier()
        }
        let blocks = (paddedRows + rowBlock - 1) / rowBlock
        let units = member.share(of: (N + chunk - 1) / chunk * blocks)
        if !units.isEmpty {
            let weights = Storage(count: chunk * K)
            var unpacked = -1
            for unit in units {
                let first = unit / blocks * chunk
                let columns = first..<min(first + chunk, N)
                if unpacked != first {
                    arguments.weights.unpack(columns, into: weights.pointer)
                    unpacked = first
                }
                let row = unit % blocks * rowBlock
                multiply(row..<min(row + rowBlock, paddedRows), columns, weights)
            }
        }
        if arguments.activation != .identity {
            member.barrier()
            activate(arguments.activation, member)
        }
    }

    private func multiply(_ rows: Range<Int>, _ columns: Range<Int>, _ weights: Storage) {
        let (K, N) = (arguments.inputs, arguments.outputs)
        let out = result.storage.pointer + rows.lowerBound * N + columns.lowerBound
        if let bias = arguments.bias {
            for row in 0..<rows.count {
                (out + row * N).update(from: bias.pointer + columns.lowerBound, count: columns.count)
            }
        }
        let input = padded.map { UnsafePointer($0.pointer) } ?? arguments.x.pointer
        functions.sgemm(
            SGEMMArguments(
                m: rows.count, n: columns.count, k: K, a: input + rows.lowerBound * K, lda: K,
                b: UnsafePointer(weights.pointer), ldb: (columns.count + 15) / 16 * 16,
                beta: arguments.bias == nil ? 0 : 1, c: out, ldc: N))
    }
}

/// A head's keys and values where they are.
private final class OpenBLASAttention: AttentionProducts {
    private let steps: Int, size: Int
    private let functions: BLASFunctions
    let scores: Storage
    private var head: (keys: UnsafePointer<Float>, values: UnsafePointer<Float>, stride: Int)?

    init(steps: Int, size: Int, _ functions: BLASFunctions) {
        (self.steps, self.size, self.functions) = (steps, size, functions)
        scores = Storage(count: attentionRows * steps)
    }

    func take(keys: UnsafePointer<Float>, values: UnsafePointer<Float>, stride: Int) {
        head = (keys, values, stride)
    }

    func score(_ q: UnsafePointer<Float>, stride: Int, rows: Int, scale: Float) {
        guard let head else { preconditionFailure("attention: no keys") }
        functions.sgemm(
            SGEMMArguments(
                m: rows, n: steps, k: size, alpha: scale, a: q, lda: stride, b: head.keys, ldb: head.stride,
                transposesB: true, c: scores.pointer, ldc: steps))
    }

    func weigh(rows: Int, into out: UnsafeMutablePointer<Float>, stride: Int) {
        guard let head else { preconditionFailure("attention: no values") }
        functions.sgemm(
            SGEMMArguments(
                m: rows, n: size, k: steps, a: UnsafePointer(scores.pointer), lda: steps, b: head.values,
                ldb: head.stride, c: out, ldc: stride))
    }
}

extension PackedMatrix {
    /// Writes the weights of some outputs, which begin at a multiple of 16, as a matrix `[K, outputs to a multiple of 16]`
    /// in single precision.
    fileprivate func unpack(_ columns: Range<Int>, into out: UnsafeMutablePointer<Float>) {
        let panels = Self.panels(columns.count)
        let width = panels * 16
        let first = columns.lowerBound * inputs
        Kernels.counters.addWeightBytes(byteCount(outputs: columns.count))
        for panel in 0..<panels {
            let target = out + panel * 16
            switch elements {
            case .half(let base, _):
                let source = base + first + panel * inputs * 16
                for k in 0..<inputs { Kernels.table.convertF16ToF32(source + k * 16, target + k * width, 16) }
            case .float(let base, _):
                let source = base + first + panel * inputs * 16
                for k in 0..<inputs { (target + k * width).update(from: source + k * 16, count: 16) }
            case .byte: preconditionFailure("OpenBLAS: signed bytes are multiplied by the packed kernels")
            }
        }
    }
}
