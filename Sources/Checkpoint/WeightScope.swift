import Synchronization

/// The weights of one part of a model: a prefix into a checkpoint's keys.
///
/// `scope["encoder"]["layers"][0]` stands for `encoder.layers.0.`. Copies share one set of the keys that have been used,
/// so that unused tensors can be reported at the end.
package struct WeightScope: Sendable {
    /// The checkpoint that the tensors come from.
    package let checkpoint: Checkpoint
    /// The path so far, without a dot at its end; empty at the root.
    package let prefix: String

    /// Elements of a tensor that is checked at every start: biases, norms, small matrices.
    private static let smallElements = 1 << 14

    private let used: UsedKeys
    /// Records what layers prepack, while a file is converted; nil otherwise.
    package let recorder: PrepackRecorder?

    /// The root of a checkpoint, nothing marked as used. With a `recorder`, layers ignore what the file holds prepacked,
    /// and record what they prepack.
    package init(_ checkpoint: Checkpoint, recorder: PrepackRecorder? = nil) {
        self.checkpoint = checkpoint
        self.recorder = recorder
        prefix = ""
        used = UsedKeys()
    }

    private init(_ parent: WeightScope, prefix: String) {
        checkpoint = parent.checkpoint
        used = parent.used
        recorder = parent.recorder
        self.prefix = prefix
    }

    /// The part `name` of this part; `name` may contain dots.
    package subscript(name: String) -> WeightScope {
        WeightScope(self, prefix: key(name))
    }

    /// The part with a number, as in a list of layers.
    package subscript(index: Int) -> WeightScope {
        self[String(index)]
    }

    /// The full key of a tensor in this scope.
    package func key(_ name: String) -> String {
        prefix.isEmpty ? name : "\(prefix).\(name)"
    }

    /// Whether a tensor is there. Does not count as use.
    package func has(_ name: String) -> Bool {
        checkpoint.tensors[key(name)] != nil
    }

    /// Whether no tensor is under this scope: the part does not exist.
    package var isEmpty: Bool {
        !checkpoint.tensors.keys.contains { $0.hasPrefix(prefix.isEmpty ? "" : prefix + ".") }
    }

    /// The shape of a tensor, or nil when it is missing. Does not count as use.
    package func shape(of name: String) -> [Int]? {
        checkpoint.tensors[key(name)]?.shape
    }

    /// The tensor `name` of this part, which must have `shape`. Counts as use.
    ///
    /// Its checksum is compared and its elements are refused unless all are finite; of converted files, which were checked
    /// when they were made and stay mapped, only small tensors are.
    ///
    /// - Throws: `missingTensor` or `wrongShape`, with the file, the full key and the shapes; `malformed`, `notFinite`.
    package func tensor(_ name: String, _ shape: [Int]) throws(CheckpointError) -> StoredTensor {
        let key = key(name)
        guard let tensor = checkpoint.tensors[key] else {
            throw CheckpointError.missingTensor(path: checkpoint.path, key: key, expected: shape)
        }
        guard tensor.shape == shape else {
            throw CheckpointError.wrongShape(
                path: checkpoint.path, key: key, expected: shape, found: tensor.shape)
        }
        if !checkpoint.isConverted || tensor.elementCount <= Self.smallElements { try tensor.check() }
        used.insert(key)
        return tensor
    }

    /// The elements of the tensor `name` as 32-bit floats, row-major. Counts as use. While a file is converted, they are
    /// rounded as the file will hold them.
    package func floats(_ name: String, _ shape: [Int]) throws(CheckpointError) -> [Float] {
        let values = try tensor(name, shape).floats()
        guard recorder?.precision?.elementType == .float16 else { return values }
        return values.map { HalfPrecision.widen(HalfPrecision.narrow($0)) }
    }

    /// Counts tensors of this scope as used without reading them, for parts that inference does not need.
    package func markUsed(_ names: String...) {
        for name in names { used.insert(key(name)) }
    }

    /// Refuses tensors under this scope that have not been used.
    ///
    /// - Parameter prefixes: keys that begin with one of these, counted from this scope, may stay unused.
    /// - Throws: `unusedTensors` with the file, the first eight keys in order, and their number.
    package func assertAllUsed(ignoring prefixes: [String] = []) throws(CheckpointError) {
        let start = prefix.isEmpty ? "" : prefix + "."
        let ignored = prefixes.map { start + $0 }
        let used = used.all
        let unused = checkpoint.tensors.keys.filter { key in
            key.hasPrefix(start) && !used.contains(key) && !ignored.contains { key.hasPrefix($0) }
        }
        guard unused.isEmpty else {
            throw CheckpointError.unusedTensors(
                path: checkpoint.path, keys: Array(unused.sorted().prefix(8)), count: unused.count)
        }
    }
}

/// The keys that have been used; safe to share between threads.
private final class UsedKeys: Sendable {
    private let keys = Mutex<Set<String>>([])

    func insert(_ key: String) {
        _ = keys.withLock { $0.insert(key) }
    }

    var all: Set<String> { keys.withLock { $0 } }
}
