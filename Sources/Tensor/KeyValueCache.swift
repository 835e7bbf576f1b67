import TensorKernelTable

/// Keys and values of one sequence: per layer and head a block `[capacity, D]` that is written in place, so that a head
/// reads its past sequentially.
package final class KeyValueCache {
    /// Element type of keys and values.
    package enum Precision: Sendable {
        /// Float32, as they are computed.
        case single
        /// Float16: half as much to read per step, for models whose weights are rounded more coarsely.
        case half

        var byteWidth: Int { self == .half ? 2 : 4 }
    }

    /// Time steps held.
    package private(set) var count = 0
    /// Element type of keys and values.
    package let precision: Precision
    private let heads: Int, headSize: Int
    private var capacity: Int
    private var keys: [Storage]
    private var values: [Storage]

    /// Capacity for so many steps of `layers` layers; it grows when it is exceeded.
    package init(
        layers: Int, channels: Int, heads: Int, capacity wanted: Int, precision: Precision = .single
    ) {
        precondition(channels % heads == 0, "KeyValueCache: \(channels) channels for \(heads) heads")
        self.heads = heads
        self.precision = precision
        headSize = channels / heads
        capacity = max(wanted, 1)
        let count = Self.floats(capacity * channels, precision)
        keys = (0..<layers).map { _ in Storage(count: count) }
        values = (0..<layers).map { _ in Storage(count: count) }
    }

    /// Floats that hold a number of values.
    private static func floats(_ values: Int, _ precision: Precision) -> Int {
        (values * precision.byteWidth + 3) / 4
    }

    /// Grows the blocks so that `steps` more fit: the only allocation of a decode step.
    func reserve(_ steps: Int = 1) {
        guard count + steps > capacity else { return }
        let larger = max(count + steps, capacity + max(256, capacity / 2))
        let bytesPerStep = headSize * precision.byteWidth
        func grown(_ block: Storage) -> Storage {
            let fresh = Storage(count: Self.floats(larger * heads * headSize, precision))
            let (source, target) = (UnsafeRawPointer(block.pointer), UnsafeMutableRawPointer(fresh.pointer))
            for head in 0..<heads {
                (target + head * larger * bytesPerStep).copyMemory(
                    from: source + head * capacity * bytesPerStep, byteCount: count * bytesPerStep)
            }
            return fresh
        }
        // One after the other, so that only one of them is in memory twice.
        for layer in keys.indices {
            keys[layer] = grown(keys[layer])
            values[layer] = grown(values[layer])
        }
        capacity = larger
    }

    func advance() { count += 1 }

    /// A head's rows.
    private func rows<Element>(_ block: Storage, head: Int, as type: Element.Type)
        -> UnsafeMutablePointer<Element>
    {
        UnsafeMutableRawPointer(block.pointer).assumingMemoryBound(to: type) + head * capacity * headSize
    }

    private func store(_ row: UnsafePointer<Float>, in block: Storage, head: Int, step: Int) {
        switch precision {
        case .single:
            (rows(block, head: head, as: Float.self) + step * headSize).update(from: row, count: headSize)
        case .half:
            Kernels.table.convertF32ToF16(
                row, rows(block, head: head, as: UInt16.self) + step * headSize, headSize)
        }
    }

    /// Attention of one head's new query, behind its new key and value (D floats each), which go into their slot:
    /// out = softmax(q · Kᵀ · scale) · V.
    ///
    /// - Parameter scores: scratch for `count + 1` floats.
    func attend(
        layer: Int, head: Int, query: UnsafePointer<Float>, key: UnsafePointer<Float>,
        value: UnsafePointer<Float>, scale: Float, scores: UnsafeMutablePointer<Float>,
        out: UnsafeMutablePointer<Float>
    ) {
        let (k, v, D) = (keys[layer], values[layer], headSize)
        store(key, in: k, head: head, step: count)
        store(value, in: v, head: head, step: count)
        switch precision {
        case .single:
            Kernels.table.attentionHeadF32(
                AttentionHeadArguments(
                    q: query, k: rows(k, head: head, as: Float.self), v: rows(v, head: head, as: Float.self),
                    stride: D, steps: count + 1, headSize: D, scale: scale, scratch: scores, out: out))
        case .half:
            Kernels.table.attentionHeadF16(
                AttentionHeadArguments(
                    q: query, k: rows(k, head: head, as: UInt16.self),
                    v: rows(v, head: head, as: UInt16.self), stride: D, steps: count + 1, headSize: D,
                    scale: scale, scratch: scores, out: out))
        }
    }

    /// Stores the keys and values of a prompt: both `[T, C]`, for a layer of an empty cache.
    package func fill(layer: Int, keys k: Tensor, values v: Tensor) {
        let (T, C) = k.dims2("KeyValueCache.fill", columns: heads * headSize)
        precondition(T <= capacity && v.shape == k.shape, "KeyValueCache: \(k.shape) into \(capacity) steps")
        for (source, block) in [(k, keys[layer]), (v, values[layer])] {
            for head in 0..<heads {
                for t in 0..<T {
                    store(source.pointer + t * C + head * headSize, in: block, head: head, step: t)
                }
            }
        }
        if layer == keys.count - 1 { count = T }
    }
}
