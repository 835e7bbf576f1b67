import TensorKernelTable

/// One decoding step of a stack of `PostNormLayer`s for several sequences: x `[B, C]` → `[B, C]`, each row behind the
/// keys and values of its own sequence. All buffers are kept, so that a step allocates nothing.
///
/// The projections read each weight once for all sequences; a row's result does not depend on the other rows. One
/// parallel region covers the whole step, with barriers where a projection needs all of its input.
package final class CachedTransformer: ParallelOperation {
    let layers: [PostNormLayer]
    let channels: Int, hidden: Int, heads: Int
    let epsilon: Float
    let maximumRows: Int
    private let buffers: Storage
    private let qkv, attended, projected, expanded: UnsafeMutablePointer<Float>
    /// Per worker: the running x, its normalised form, and rows interleaved for the kernels.
    private let workers: Int
    private let ownBuffers: UnsafeMutablePointer<Float>
    private let ownCount: Int
    /// Blocks of 0, 1, … `maximumRows` rows.
    private let blocks: [RowBlocks]
    private var scores: Storage
    private var scoreCapacity: Int
    /// The arguments of the step that runs: rows `[rowCount, C]`, and a cache for each.
    private var rows: UnsafeMutablePointer<Float>?
    private var rowCount = 0
    private var caches: [KeyValueCache] = []

    /// A stack for at most `maximumRows` sequences at a time.
    package init(layers: [PostNormLayer], heads: Int, epsilon: Float, maximumRows: Int) {
        self.layers = layers
        self.heads = heads
        self.epsilon = epsilon
        self.maximumRows = maximumRows
        channels = layers.first?.output.outputs ?? 0
        hidden = layers.first?.up.outputs ?? 0
        workers = ThreadPool.shared.width
        let (B, C) = (maximumRows, channels)
        ownCount = B * (2 * C + max(C, hidden))
        buffers = Storage(count: B * (3 * C + C + C + hidden) + workers * ownCount)
        qkv = buffers.pointer
        attended = qkv + B * 3 * C
        projected = attended + B * C
        expanded = projected + B * C
        ownBuffers = expanded + B * hidden
        blocks = (0...maximumRows).map { RowBlocks(rows: $0) }
        scoreCapacity = 512
        scores = Storage(count: workers * scoreCapacity)
    }

    /// Advances a sequence per cache by one step: row b of x `[≥ caches.count, C]` holds the new input of sequence b, and
    /// `caches[b]` its past. Replaces these rows by the last layer's output and appends the new keys and values to the
    /// caches. Other rows stay as they are.
    package func step(_ x: inout Tensor, caches: [KeyValueCache]) {
        let (capacity, C) = x.dims2("CachedTransformer.step", columns: channels)
        let B = caches.count
        precondition(
            B <= capacity && B <= maximumRows,
            "CachedTransformer: \(B) caches for \(capacity) rows of at most \(maximumRows)")
        var longest = 0
        for cache in caches {
            cache.reserve()
            longest = max(longest, cache.count + 1)
        }
        if longest > scoreCapacity {
            scoreCapacity = longest + 512
            scores = Storage(count: workers * scoreCapacity)
        }
        x.mutate { x in
            precondition(x.count >= B * C, "CachedTransformer: \(x.count) elements for \(B) rows of \(C)")
            (rows, rowCount, self.caches) = (x.baseAddress, B, caches)
            ThreadPool.shared.run(self)
            (rows, rowCount, self.caches) = (nil, 0, [])
        }
        for cache in caches { cache.advance() }
    }

    /// One worker's share of a step; see `ParallelOperation`.
    package func run(_ member: ThreadPool.Member) {
        guard let rows, rowCount > 0 else { return }
        let own = ownBuffers + member.index * ownCount
        own.update(from: rows, count: rowCount * channels)
        for index in layers.indices { layer(index, own: own, member) }
        if member.index == 0 { rows.update(from: own, count: rowCount * channels) }
    }

    private func layer(_ index: Int, own x: UnsafeMutablePointer<Float>, _ member: ThreadPool.Member) {
        let weights = layers[index]
        let (B, C) = (rowCount, channels)
        let normalised = x + maximumRows * C
        let interleaved = normalised + maximumRows * C
        func project(
            _ matrix: PackedMatrix, _ bias: Tensor, _ input: UnsafePointer<Float>,
            into out: UnsafeMutablePointer<Float>, _ activation: Activation
        ) {
            matrix.multiply(
                input, blocks[B], columns: member.share(of: matrix.outputs, grain: PackedMatrix.grain),
                bias: bias.pointer, activation: activation, interleaved: interleaved, out: out)
        }
        project(weights.qkv, weights.qkvBias, x, into: qkv, .identity)
        member.barrier()
        attend(index, member)
        member.barrier()
        project(weights.output, weights.outputBias, attended, into: projected, .identity)
        member.barrier()
        // Normalising a few rows costs less than another barrier: every worker does it for itself.
        Kernels.table.layerNorm(
            LayerNormArguments(
                x: x, residual: projected, gain: weights.gain1.pointer, bias: weights.bias1.pointer,
                epsilon: epsilon, rows: B, columns: C, out: normalised))
        project(weights.up, weights.upBias, normalised, into: expanded, .relu)
        member.barrier()
        project(weights.down, weights.downBias, expanded, into: projected, .identity)
        member.barrier()
        Kernels.table.layerNorm(
            LayerNormArguments(
                x: normalised, residual: projected, gain: weights.gain2.pointer, bias: weights.bias2.pointer,
                epsilon: epsilon, rows: B, columns: C, out: x))
    }

    /// This worker's (sequence, head) pairs: new key and value into their slot, then attention over the past.
    private func attend(_ index: Int, _ member: ThreadPool.Member) {
        let C = channels
        let D = C / heads
        let scale = 1 / Float(D).squareRoot()
        let scratch = scores.pointer + member.index * scoreCapacity
        for unit in member.share(of: rowCount * heads) {
            let (b, head) = (unit / heads, unit % heads)
            let row = qkv + b * 3 * C + head * D
            caches[b].attend(
                layer: index, head: head, query: row, key: row + C, value: row + 2 * C, scale: scale,
                scores: scratch, out: attended + b * C + head * D)
        }
    }
}
