import TensorKernelTable

/// The kernels of `TensorKernels` on panels of sixteen outputs.
struct PackedGEMM: GEMMBackend {
    func linear(_ arguments: LinearArguments) -> any LinearProduct { PackedLinear(arguments) }

    func attentionHead(steps: Int, size: Int) -> any AttentionProducts {
        PackedAttention(steps: steps, size: size)
    }
}

/// Blocks of interleaved rows, multiplied by panels that the members divide among them.
private struct PackedLinear: LinearProduct {
    private let arguments: LinearArguments
    private let blocks: [RowBlock]
    private let interleaved: Storage
    let result: Tensor

    init(_ arguments: LinearArguments) {
        self.arguments = arguments
        let cut = RowBlocks.covering(arguments.rows)
        blocks = cut.blocks
        interleaved = Storage(count: cut.rowCount * arguments.inputs)
        result = Tensor(uninitialized: [arguments.rows, arguments.outputs])
    }

    func run(_ member: ThreadPool.Member) {
        let (weights, activation) = (arguments.weights, arguments.activation)
        // The kernels apply no other activation; others are a second pass.
        let fused: Activation = activation == .relu ? .relu : .identity
        for index in member.share(of: blocks.count) {
            blocks[index].interleave(arguments.x.pointer, arguments.inputs, into: interleaved.pointer)
        }
        member.barrier()
        weights.multiply(
            UnsafePointer(interleaved.pointer), blocks: blocks,
            columns: member.share(of: arguments.outputs, grain: arguments.rows < 8 ? PackedMatrix.grain : 16),
            bias: arguments.bias?.pointer, activation: fused, out: result.storage.pointer)
        if activation != fused {
            member.barrier()
            activate(activation, member)
        }
    }
}

/// Keys and values of a head in panels, as weights are.
private final class PackedAttention: AttentionProducts {
    private let steps: Int, size: Int
    let scores: Storage
    private let keys: Storage, values: Storage, queries: Storage, sums: Storage

    private var keyPanels: Int { PackedMatrix.panels(steps) }
    private var valuePanels: Int { PackedMatrix.panels(size) }

    init(steps: Int, size: Int) {
        (self.steps, self.size) = (steps, size)
        scores = Storage(count: attentionRows * steps)
        keys = Storage(count: PackedMatrix.panels(steps) * size * 16)
        values = Storage(count: PackedMatrix.panels(size) * steps * 16)
        queries = Storage(count: attentionRows * size)
        sums = Storage(count: PackedMatrix.panels(size) * attentionRows * 16)
    }

    func take(keys k: UnsafePointer<Float>, values v: UnsafePointer<Float>, stride: Int) {
        for panel in 0..<keyPanels {
            let out = keys.pointer + panel * size * 16
            let source = k + panel * 16 * stride
            let count = min(16, steps - panel * 16)
            if count == 16 {
                Kernels.table.packPanelF32(
                    PackPanelArguments(rows: source, rowStride: stride, k: size, panel: out))
                continue
            }
            out.update(repeating: 0, count: size * 16)
            for row in 0..<count {
                for i in 0..<size { out[i * 16 + row] = source[row * stride + i] }
            }
        }
        for panel in 0..<valuePanels {
            let out = values.pointer + panel * steps * 16
            let count = min(16, size - panel * 16)
            if count < 16 { out.update(repeating: 0, count: steps * 16) }
            for step in 0..<steps {
                (out + step * 16).update(from: v + step * stride + panel * 16, count: count)
            }
        }
    }

    /// scores = scale · q · keysᵀ for q: `rows` rows, `stride` apart.
    func score(_ q: UnsafePointer<Float>, stride: Int, rows: Int, scale: Float) {
        var first = 0
        for count in Kernels.table.rowBlocks {
            while rows - first >= count {
                let block = queries.pointer
                for row in 0..<count {
                    let line = q + (first + row) * stride
                    for i in 0..<size { block[i * count + row] = line[i] * scale }
                }
                Kernels.table.gemmF32(
                    GEMMArguments(
                        m: count, n: steps, k: size, a: block, w: UnsafePointer(keys.pointer),
                        c: scores.pointer + first * steps, ldc: steps))
                first += count
            }
        }
    }

    /// out = scores · values, in rows `stride` apart.
    func weigh(rows: Int, into out: UnsafeMutablePointer<Float>, stride: Int) {
        Kernels.table.batchedGemm(
            BatchedGEMMArguments(
                m: rows, k: steps, a: scores.pointer, lda: steps, w: values.pointer, panels: valuePanels,
                c: sums.pointer, panelStride: rows * 16))
        for panel in 0..<valuePanels {
            let count = min(16, size - panel * 16)
            for row in 0..<rows {
                (out + row * stride + panel * 16).update(
                    from: sums.pointer + (panel * rows + row) * 16, count: count)
            }
        }
    }
}
