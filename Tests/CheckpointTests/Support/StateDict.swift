@testable import Checkpoint

/// A torch file of a few small tensors in single precision, one storage for all of them.
struct StateDict {
    /// Shapes and values by name; a single value stands for all elements.
    var tensors: [(name: String, shape: [Int], values: [Float])]
    /// The text stored as `config.model.version`.
    var version: String?
    /// The digits in place of `PK`.
    var head: Int?

    /// Adds a tensor.
    mutating func add(_ name: String, _ shape: [Int], _ values: [Float]) {
        tensors.append((name, shape, values))
    }

    /// The bytes of the file.
    func build() -> [UInt8] {
        let values = tensors.flatMap(\.values)
        let pickle = PickleBytes.make { pickle in
            pickle.op("}(")
            pickle.text("weight")
            pickle.op("}(")
            var offset = 0
            for tensor in tensors {
                pickle.text(tensor.name)
                let strides = tensor.shape.indices.map {
                    tensor.values.count == 1 ? 0 : tensor.shape[($0 + 1)...].reduce(1, *)
                }
                pickle.tensor(count: values.count, offset: offset, shape: tensor.shape, strides: strides)
                offset += tensor.values.count
            }
            pickle.op("u")
            pickle.text("config")
            pickle.op("}(")
            pickle.text("model")
            pickle.op("}(")
            if let version {
                pickle.text("version")
                pickle.text(version)
            }
            pickle.op("uuu")
        }
        let content = values.flatMap { bytes($0.bitPattern) }
        var file = ZipBytes(pickle: pickle, storages: ["0": content]).build()
        if let head { file.replaceSubrange(0..<2, with: Array("0\(head)".utf8)) }
        return file
    }

    /// The opened file.
    func open() throws -> Checkpoint { try CheckpointTests.open(build()) }
}
