import TensorKernelTable

/// The weights of one post-norm transformer layer with ReLU (PyTorch: `nn.TransformerEncoderLayer` with
/// `norm_first = false`): x ← LN(x + attention(x)); x ← LN(x + W₂·relu(W₁·x)).
public struct PostNormLayer: Sendable {
    /// Projections: `[3C, C]`, `[C, C]`, `[F, C]`, `[C, F]`, each with its bias.
    public let qkv: PackedMatrix, qkvBias: Tensor, output: PackedMatrix, outputBias: Tensor
    /// Feed-forward projections.
    public let up: PackedMatrix, upBias: Tensor, down: PackedMatrix, downBias: Tensor
    /// Normalisation after attention and after the feed-forward part.
    public let gain1: Tensor, bias1: Tensor, gain2: Tensor, bias2: Tensor

    /// Puts a layer together; shapes are checked where the weights are read.
    public init(
        qkv: PackedMatrix, qkvBias: Tensor, output: PackedMatrix, outputBias: Tensor, up: PackedMatrix,
        upBias: Tensor, down: PackedMatrix, downBias: Tensor, gain1: Tensor, bias1: Tensor, gain2: Tensor,
        bias2: Tensor
    ) {
        (self.qkv, self.qkvBias, self.output, self.outputBias) = (qkv, qkvBias, output, outputBias)
        (self.up, self.upBias, self.down, self.downBias) = (up, upBias, down, downBias)
        (self.gain1, self.bias1, self.gain2, self.bias2) = (gain1, bias1, gain2, bias2)
    }
}

/// One step of a stack of `PostNormLayer`s for several sequences at once, with all buffers kept between steps.
///
/// The projections stream each weight once for all sequences; a sequence's result does not depend on the others.
/// One parallel region covers the whole step, with barriers where a projection needs all of its input.
public final class CachedTransformer {
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
    /// Blocks of 1, 2, … `maximumRows` rows.
    private let blocks: [RowBlocks]
    private var scores: Storage
    private var scoreCapacity: Int

    /// A stack for at most `maximumRows` sequences at a time.
    public init(layers: [PostNormLayer], heads: Int, epsilon: Float, maximumRows: Int) {
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

    /// Bytes of weights that a step reads, whatever the number of sequences.
    public var weightBytesPerStep: Int {
        layers.reduce(0) {
            $0 + $1.qkv.byteCount + $1.output.byteCount + $1.up.byteCount + $1.down.byteCount
        }
    }

    /// Advances every sequence by one step: x `[B, C]` holds the new inputs, `caches[b]` the past of row b.
    /// Replaces x by the last layer's output and leaves the new keys and values in the caches.
    public func step(_ x: inout Tensor, caches: [KeyValueCache]) {
        let (B, C) = x.dims2("CachedTransformer.step", columns: channels)
        precondition(
            B == caches.count && B <= maximumRows, "CachedTransformer: \(B) rows, \(caches.count) caches")
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
            guard let rows = x.baseAddress else { return }
            ThreadPool.shared.run { member in
                let own = ownBuffers + member.index * ownCount
                own.update(from: rows, count: B * C)
                for index in layers.indices { layer(index, rows: B, own: own, caches: caches, member) }
                if member.index == 0 { rows.update(from: own, count: B * C) }
            }
        }
        for cache in caches { cache.advance() }
    }

    private func layer(
        _ index: Int, rows B: Int, own x: UnsafeMutablePointer<Float>, caches: [KeyValueCache],
        _ member: ThreadPool.Member
    ) {
        let weights = layers[index]
        let C = channels
        let normalised = x + maximumRows * C
        let interleaved = normalised + maximumRows * C
        func project(
            _ matrix: PackedMatrix, _ bias: Tensor, _ input: UnsafePointer<Float>,
            into out: UnsafeMutablePointer<Float>, _ activation: Activation
        ) {
            let columns = member.share(of: matrix.outputs, grain: PackedMatrix.grain)
            guard !columns.isEmpty else { return }
            let K = matrix.inputs
            for block in blocks[B].blocks {
                var rows = input + block.first * K
                if block.count > 1 {
                    RowBlocks.interleave(rows, rows: block.count, K, into: interleaved)
                    rows = UnsafePointer(interleaved)
                }
                matrix.multiply(
                    rows, rows: block.count, columns: columns, bias: bias.pointer, activation: activation,
                    out: out + block.first * matrix.outputs, outStride: matrix.outputs)
            }
        }
        project(weights.qkv, weights.qkvBias, x, into: qkv, .identity)
        member.barrier()
        attend(index, rows: B, caches: caches, member)
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
    private func attend(_ index: Int, rows B: Int, caches: [KeyValueCache], _ member: ThreadPool.Member) {
        let C = channels
        let D = C / heads
        let scale = 1 / Float(D).squareRoot()
        let scratch = scores.pointer + member.index * scoreCapacity
        for unit in member.share(of: B * heads) {
            let (b, head) = (unit / heads, unit % heads)
            let row = qkv + b * 3 * C + head * D
            caches[b].attend(
                layer: index, head: head, query: row, key: row + C, value: row + 2 * C, scale: scale,
                scores: scratch, out: attended + b * C + head * D)
        }
    }
}
