import Synchronization

/// A layer's weights in the form that its kernels read, made once from the tensors of a checkpoint: what loading would
/// otherwise do every time, and keep in memory beside the file.
public struct PreparedTensor: Sendable {
    /// The layer's path in the checkpoint, such as `dec.resblocks.0.convs1.0`.
    public let layer: String
    /// Names the form, such as `spectrum 16`.
    public let form: String
    /// Sizes of the axes; `values` are row-major.
    public let shape: [Int]
    /// The contents.
    public let values: [Float]

    /// A layer's tensor.
    public init(layer: String, form: String, shape: [Int], values: [Float]) {
        (self.layer, self.form, self.shape, self.values) = (layer, form, shape, values)
    }

    var entry: SafetensorsEntry {
        SafetensorsEntry(name: PreparedIndex.name(layer), elementType: .float32, shape: shape)
    }
}

/// Takes down what layers prepare while a model is loaded, so that a converted file can hold it.
public final class PreparationRecord: Sendable {
    private let prepared = Mutex<[PreparedTensor]>([])

    /// An empty record.
    public init() {}

    func add(_ tensor: PreparedTensor) { prepared.withLock { $0.append(tensor) } }

    /// What was prepared, in the order of the layers' paths.
    public var tensors: [PreparedTensor] { prepared.withLock { $0 }.sorted { $0.layer < $1.layer } }
}

/// Which tensors of a safetensors file are prepared ones: metadata `gsv.prepared`, a JSON object from names to forms.
/// They stand beside the tensors that they were made of, and are no weights of their own.
enum PreparedIndex {
    /// A prepared tensor of a file.
    struct Item: Sendable {
        let form: String
        let tensor: StoredTensor
    }

    /// The name of a layer's prepared tensor. They share a beginning so that they lie together in the file, which is in the
    /// order of names: reading them doesn't bring in weights that lie between, a huge page at a time.
    static func name(_ layer: String) -> String { "prepared." + layer }

    /// Takes the prepared tensors out of a file's tensors.
    ///
    /// - Throws: `malformed` for metadata that are no such object, or name a tensor that is not there or no binary32.
    static func split(
        _ text: String?, _ tensors: [String: StoredTensor], path: String
    ) throws(CheckpointError) -> (weights: [String: StoredTensor], prepared: [String: Item]) {
        guard let text else { return (tensors, [:]) }
        func malformed(_ reason: String) -> CheckpointError {
            .malformed(path: path, part: Origin.Name.prepared, reason: reason)
        }
        guard case .dict(let entries) = try ConfigValue(json: text, path: path, part: Origin.Name.prepared)
        else { throw malformed("no JSON object") }
        var (weights, prepared) = (tensors, [String: Item]())
        for entry in entries {
            guard let stored = weights.removeValue(forKey: entry.key) else {
                throw malformed("tensor \"\(entry.key)\" is not in the file")
            }
            guard let form = entry.value.string, stored.elementType == .float32 else {
                throw malformed("\"\(entry.key)\" has no form, or is no binary32")
            }
            prepared[entry.key] = Item(form: form, tensor: stored)
        }
        return (weights, prepared)
    }

    /// The metadata for prepared tensors.
    static func text(_ tensors: [PreparedTensor]) -> String {
        ConfigValue.dict(tensors.map { .init(name($0.layer), .string($0.form)) }).json()
    }
}

extension WeightScope {
    /// What this layer has prepared in the file, if it is of the form and shape that the caller reads. Then the weights
    /// themselves count as used.
    ///
    /// A file that was converted for another form, by another version, loads as if nothing were prepared.
    public func prepared(form: String, shape: [Int]) -> StoredTensor? {
        guard record == nil, let item = checkpoint.prepared[PreparedIndex.name(prefix)], item.form == form,
            item.tensor.shape == shape
        else { return nil }
        markUsed(
            "weight", "weight_g", "weight_v", "parametrizations.weight.original0",
            "parametrizations.weight.original1")
        return item.tensor
    }

    /// Takes down what this layer has prepared, where somebody keeps a record.
    public func note(form: String, shape: [Int], values: () -> [Float]) {
        record?.add(PreparedTensor(layer: prefix, form: form, shape: shape, values: values()))
    }
}
