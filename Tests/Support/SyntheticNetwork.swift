package import Checkpoint
import Foundation
import Synchronization

/// A complete set of synthetic weights in the layout of one of upstream's files, with a few dozen
/// channels.
package struct SyntheticNetwork: Sendable {
    /// A tensor by key and shape.
    package struct Entry: Sendable {
        /// The key in the file.
        package var name: String
        /// The size of every axis.
        package var shape: [Int]
    }

    /// Begins the names of the value streams, such as `gpt-v2`.
    package let tag: String
    /// The tensors.
    package var tensors: [Entry]
    /// Configuration as JSON: beside the weights in `config.json` (`isFolder`) or in the file's metadata.
    package var config: String
    /// Whether the network lies in a folder of its own, as the Hugging Face models do.
    package let isFolder: Bool
    /// Further files of the folder.
    package var files: [String: String] = [:]
    /// The SoVITS release that the metadata name.
    package var version: String?
    /// The stream of the row that ends speech.
    let end: Int

    init(tag: String, _ tensors: [(String, [Int])], config: String, isFolder: Bool, end: Int = 0) {
        self.tag = tag
        self.tensors = tensors.map { Entry(name: $0.0, shape: $0.1) }
        self.config = config
        self.isFolder = isFolder
        self.end = end
    }

    /// The keys, in order.
    package var keys: [String] { tensors.map(\.name).sorted() }

    /// Whether the tensor can be damaged without any effect on results. A bias of attention keys adds the
    /// same number to all logits of a query, which softmax ignores; the others are training statistics.
    package static func isWithoutEffect(_ key: String) -> Bool {
        let suffixes = [
            "k_proj.bias", "key.bias", "conv_k.bias", "w_ks.bias", ".inited", ".cluster_size", ".embed_avg",
            "masked_spec_embed",
        ]
        return suffixes.contains { key.hasSuffix($0) }
            || ["enc_q.", "cls.", "bert.pooler."].contains { key.hasPrefix($0) }
    }

    /// Writes the network under `path`, the file itself or its folder.
    ///
    /// - Parameters:
    ///   - precision: `.float16` or `.float32`; the values are the same.
    ///   - salt: added to the tag of the values, for another voice of the same shape.
    package func write(
        to path: String, damage: WeightDamage? = nil, precision: ElementType = .float16, salt: String = ""
    ) throws {
        var metadata: [String: String] = [:]
        var file = path
        if isFolder {
            file = path + "/model.safetensors"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            for (name, text) in files.merging(["config.json": config], uniquingKeysWith: { a, _ in a }) {
                try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
            }
        } else {
            metadata = ["gsv.config": config, "gsv.metadata": "{}"]
            if let version {
                metadata["gsv.model_version"] = version
                metadata["gsv.symbols_version"] = version
                metadata["gsv.is_lora"] = "false"
            }
        }
        let entries = tensors.map { SafetensorsEntry(name: $0.name, elementType: precision, shape: $0.shape) }
        try SafetensorsWriter.write(to: file, entries: entries, metadata: metadata) {
            (entry, give) throws(CheckpointError) in
            if let damage, damage.tensor == entry.name {
                var values = SyntheticWeights.values(
                    tag: tag + salt, key: entry.name, shape: entry.shape, end: end)
                SyntheticWeights.damage(&values, shape: entry.shape, damage)
                try Self.give(Self.bytes(values, precision), to: give)
            } else {
                try Self.give(stored(entry, precision, salt), to: give)
            }
        }
    }

    /// Bytes of undamaged tensors: the same ones are written again for every damage.
    private static let known = Mutex<[String: [UInt8]]>([:])

    private func stored(_ entry: SafetensorsEntry, _ precision: ElementType, _ salt: String) -> [UInt8] {
        let name = "\(tag)\(salt)/\(entry.name)/\(entry.shape)/\(precision)"
        if let bytes = Self.known.withLock({ $0[name] }) { return bytes }
        let bytes = Self.bytes(
            SyntheticWeights.values(tag: tag + salt, key: entry.name, shape: entry.shape, end: end), precision
        )
        Self.known.withLock { $0[name] = bytes }
        return bytes
    }

    private static func bytes(_ values: [Float], _ precision: ElementType) -> [UInt8] {
        precision == .float16
            ? values.map { Float16($0).bitPattern.littleEndian }.withUnsafeBytes { Array($0) }
            : values.map(\.bitPattern.littleEndian).withUnsafeBytes { Array($0) }
    }

    private static func give(
        _ bytes: [UInt8], to give: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(CheckpointError) in try give(buffer) }
        }
        try result.get()
    }

    /// Writes the network into a temporary folder and calls `load` with its path (a loaded model keeps
    /// the mapped file alive).
    package func loaded<Model>(
        damage: WeightDamage? = nil, precision: ElementType = .float16, salt: String = "",
        _ load: (String) throws -> Model
    ) throws -> Model {
        let folder = try TemporaryPlace()
        let path = folder.path + "/" + tag
        try write(to: path, damage: damage, precision: precision, salt: salt)
        return try load(path)
    }
}

/// A folder that is removed with its contents when the last reference is released.
package final class TemporaryPlace: Sendable {
    /// The folder's path.
    package let path: String

    /// Makes an empty folder.
    package init() throws {
        path = NSTemporaryDirectory() + "gsv-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { remove() }

    /// Removes the folder and its contents.
    package func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and returns its path.
    package func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
        return path + "/" + name
    }
}
