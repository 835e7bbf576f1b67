import TensorKernelTable

/// The weights of one post-norm transformer layer with ReLU (PyTorch: `nn.TransformerEncoderLayer` with
/// `norm_first = false`): x ← LN(x + attention(x)); x ← LN(x + W₂·relu(W₁·x)).
public struct PostNormLayer: Sendable {
    /// Projections: `[3C, C]`, `[C, C]`, `[F, C]`, `[C, F]`, each with its bias.
    public let qkv: WeightMatrix, qkvBias: Tensor, output: WeightMatrix, outputBias: Tensor
    /// Feed-forward projections.
    public let up: WeightMatrix, upBias: Tensor, down: WeightMatrix, downBias: Tensor
    /// Normalisation after attention and after the feed-forward part.
    public let gain1: Tensor, bias1: Tensor, gain2: Tensor, bias2: Tensor

    /// Puts a layer together; shapes are checked where the weights are read.
    public init(
        qkv: WeightMatrix, qkvBias: Tensor, output: WeightMatrix, outputBias: Tensor, up: WeightMatrix,
        upBias: Tensor, down: WeightMatrix, downBias: Tensor, gain1: Tensor, bias1: Tensor, gain2: Tensor,
        bias2: Tensor
    ) {
        (self.qkv, self.qkvBias, self.output, self.outputBias) = (qkv, qkvBias, output, outputBias)
        (self.up, self.upBias, self.down, self.downBias) = (up, upBias, down, downBias)
        (self.gain1, self.bias1, self.gain2, self.bias2) = (gain1, bias1, gain2, bias2)
    }
}

/// Keys and values of one sequence, one pair of `[capacity, C]` blocks per layer, written in place.
public final class KeyValueCache {
    /// Time steps held.
    public private(set) var count = 0
    let channels: Int
    private(set) var capacity: Int
    private var keys: [Storage]
    private var values: [Storage]

    /// Room for `capacity` steps of `layers` layers; more is made when it is needed.
    public init(layers: Int, channels: Int, capacity: Int) {
        self.channels = channels
        self.capacity = max(capacity, 1)
        keys = (0..<layers).map { _ in Storage(count: max(capacity, 1) * channels) }
        values = (0..<layers).map { _ in Storage(count: max(capacity, 1) * channels) }
    }

    /// Makes sure that one more step fits.
    func reserve() {
        guard count == capacity else { return }
        let larger = capacity + max(256, capacity / 2)
        func grown(_ block: Storage) -> Storage {
            let fresh = Storage(count: larger * channels)
            fresh.pointer.update(from: block.pointer, count: count * channels)
            return fresh
        }
        keys = keys.map(grown)
        values = values.map(grown)
        capacity = larger
    }

    func keyPointer(_ layer: Int) -> UnsafeMutablePointer<Float> { keys[layer].pointer }
    func valuePointer(_ layer: Int) -> UnsafeMutablePointer<Float> { values[layer].pointer }
    func advance() { count += 1 }

    /// Stores the keys and values of a prompt: both `[T, C]`, for a layer of an empty cache.
    public func fill(layer: Int, keys k: Tensor, values v: Tensor) {
        let (T, _) = k.dims2("KeyValueCache.fill", columns: channels)
        precondition(T <= capacity && v.shape == k.shape, "KeyValueCache: \(k.shape) into \(capacity) steps")
        keys[layer].pointer.update(from: k.pointer, count: k.count)
        values[layer].pointer.update(from: v.pointer, count: v.count)
        if layer == keys.count - 1 { count = T }
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
    /// Per worker: the running x and its normalised form, `[rows, C]` each, and attention scores.
    private let workers: Int
    private let privateX: UnsafeMutablePointer<Float>
    private var scores: Storage
    private var scoreCapacity: Int

    /// A stack for at most `maximumRows` sequences at a time.
    public init(layers: [PostNormLayer], heads: Int, epsilon: Float, maximumRows: Int) {
        self.layers = layers
        self.heads = heads
        self.epsilon = epsilon
        self.maximumRows = maximumRows
        channels = layers.first?.output.rows ?? 0
        hidden = layers.first?.up.rows ?? 0
        workers = ThreadPool.shared.width
        let (B, C) = (maximumRows, channels)
        buffers = Storage(count: B * (3 * C + C + C + hidden) + workers * 2 * B * C)
        qkv = buffers.pointer
        attended = qkv + B * 3 * C
        projected = attended + B * C
        expanded = projected + B * C
        privateX = expanded + B * hidden
        scoreCapacity = 512
        scores = Storage(count: workers * scoreCapacity)
    }

    /// Advances every sequence by one step: x `[B, C]` holds the new inputs, `caches[b]` the past of row b.
    /// Returns the last layer's output `[B, C]` and leaves the new keys and values in the caches.
    public func step(_ x: Tensor, caches: [KeyValueCache]) -> Tensor {
        let (B, C) = x.dims2("CachedTransformer.step", columns: channels)
        precondition(
            B == caches.count && B <= maximumRows, "CachedTransformer: \(B) rows, \(caches.count) caches")
        for cache in caches { cache.reserve() }
        let longest = caches.reduce(0) { max($0, $1.count + 1) }
        if longest > scoreCapacity {
            scoreCapacity = longest + 512
            scores = Storage(count: workers * scoreCapacity)
        }
        let result = Tensor(uninitialized: [B, C])
        ThreadPool.shared.run { member in
            let own = privateX + member.index * 2 * maximumRows * C
            own.update(from: x.pointer, count: B * C)
            for index in layers.indices {
                layer(index, rows: B, x: own, temporary: own + maximumRows * C, caches: caches, member)
            }
            if member.index == 0 { result.storage.pointer.update(from: own, count: B * C) }
        }
        for cache in caches { cache.advance() }
        return result
    }

    private func layer(
        _ index: Int, rows B: Int, x: UnsafeMutablePointer<Float>, temporary: UnsafeMutablePointer<Float>,
        caches: [KeyValueCache], _ member: ThreadPool.Member
    ) {
        let weights = layers[index]
        let C = channels
        project(weights.qkv, weights.qkvBias, x, B, into: qkv, relu: false, member)
        member.barrier()
        attend(index, rows: B, caches: caches, member)
        member.barrier()
        project(weights.output, weights.outputBias, attended, B, into: projected, relu: false, member)
        member.barrier()
        // Normalising a few rows costs less than another barrier: every worker does it for itself.
        Kernels.table.layerNorm(
            x, UnsafePointer(projected), weights.gain1.pointer, weights.bias1.pointer, epsilon, B, C,
            temporary)
        project(weights.up, weights.upBias, temporary, B, into: expanded, relu: true, member)
        member.barrier()
        project(weights.down, weights.downBias, expanded, B, into: projected, relu: false, member)
        member.barrier()
        Kernels.table.layerNorm(
            temporary, UnsafePointer(projected), weights.gain2.pointer, weights.bias2.pointer, epsilon, B, C,
            x)
    }

    /// This worker's columns of rows · Wᵀ + b.
    private func project(
        _ weights: WeightMatrix, _ bias: Tensor, _ x: UnsafePointer<Float>, _ B: Int,
        into out: UnsafeMutablePointer<Float>, relu: Bool, _ member: ThreadPool.Member
    ) {
        let N = weights.rows
        let columns = member.share(of: N, grain: 16)
        guard !columns.isEmpty else { return }
        weights.multiply(
            x, xStride: weights.columns, rows: B, columnRange: columns, out: out, outStride: N)
        for b in 0..<B {
            Kernels.table.biasActivation(
                out + b * N + columns.lowerBound, 1, columns.count, bias.pointer + columns.lowerBound,
                relu ? .relu : .identity, 0)
        }
    }

    /// This worker's (sequence, head) pairs: new key and value into their slot, then attention over the past.
    private func attend(_ index: Int, rows B: Int, caches: [KeyValueCache], _ member: ThreadPool.Member) {
        let C = channels
        let D = C / heads
        let scale = 1 / Float(D).squareRoot()
        let scratch = scores.pointer + member.index * scoreCapacity
        for unit in member.share(of: B * heads) {
            let (b, column) = (unit / heads, unit % heads * D)
            let cache = caches[b]
            let row = qkv + b * 3 * C + column
            let keys = cache.keyPointer(index) + column
            let values = cache.valuePointer(index) + column
            (keys + cache.count * C).update(from: row + C, count: D)
            (values + cache.count * C).update(from: row + 2 * C, count: D)
            Kernels.table.attendHead(
                UnsafePointer(row), UnsafePointer(keys), UnsafePointer(values), cache.count + 1, C, D, scale,
                scratch,
                attended + b * C + column)
        }
    }
}
