/// Keys and values of one sequence, per layer and head one run of `[capacity, D]`, written in place: a head reads its
/// past front to back.
public final class KeyValueCache {
    /// Time steps held.
    public private(set) var count = 0
    private let heads: Int, headSize: Int
    private var capacity: Int
    private var keys: [Storage]
    private var values: [Storage]

    /// Room for `capacity` steps of `layers` layers; more is made when it is needed.
    public init(layers: Int, channels: Int, heads: Int, capacity: Int) {
        precondition(channels % heads == 0, "KeyValueCache: \(channels) channels for \(heads) heads")
        self.heads = heads
        headSize = channels / heads
        self.capacity = max(capacity, 1)
        keys = []
        values = []
        keys = (0..<layers).map { _ in Storage(count: self.capacity * channels) }
        values = (0..<layers).map { _ in Storage(count: self.capacity * channels) }
    }

    /// Makes sure that `steps` more fit.
    func reserve(_ steps: Int = 1) {
        guard count + steps > capacity else { return }
        let larger = max(count + steps, capacity + max(256, capacity / 2))
        let (old, D) = (capacity, headSize)
        func grown(_ block: Storage) -> Storage {
            let fresh = Storage(count: larger * heads * D)
            for head in 0..<heads {
                (fresh.pointer + head * larger * D).update(
                    from: block.pointer + head * old * D, count: count * D)
            }
            return fresh
        }
        keys = keys.map(grown)
        values = values.map(grown)
        capacity = larger
    }

    func keys(layer: Int, head: Int) -> UnsafeMutablePointer<Float> {
        keys[layer].pointer + head * capacity * headSize
    }
    func values(layer: Int, head: Int) -> UnsafeMutablePointer<Float> {
        values[layer].pointer + head * capacity * headSize
    }
    func advance() { count += 1 }

    /// Stores the keys and values of a prompt: both `[T, C]`, for a layer of an empty cache.
    public func fill(layer: Int, keys k: Tensor, values v: Tensor) {
        let (T, _) = k.dims2("KeyValueCache.fill", columns: heads * headSize)
        precondition(T <= capacity && v.shape == k.shape, "KeyValueCache: \(k.shape) into \(capacity) steps")
        for head in 0..<heads {
            scatter(k, head: head, into: keys(layer: layer, head: head))
            scatter(v, head: head, into: values(layer: layer, head: head))
        }
        if layer == keys.count - 1 { count = T }
    }

    private func scatter(_ rows: Tensor, head: Int, into target: UnsafeMutablePointer<Float>) {
        let (T, C) = rows.dims2("KeyValueCache.fill")
        for t in 0..<T {
            (target + t * headSize).update(from: rows.pointer + t * C + head * headSize, count: headSize)
        }
    }
}
