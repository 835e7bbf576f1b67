package import Files

/// An opened weights file: its tensors by name, its configuration, and what tells its version.
///
/// Opening reads the table of contents only; the tensors stay in the mapped file.
public struct Checkpoint: Sendable {
    /// How the file is laid out.
    public enum Format: String, Sendable {
        /// `torch.save` since torch 1.6: a zip of storages and one pickle.
        case torchZip = "torch zip"
        /// `torch.save` before torch 1.6: pickles and storages in a row.
        case torchLegacy = "torch legacy"
        /// A JSON header and raw tensors.
        case safetensors
        /// A protobuf message with a graph, whose constants are the weights.
        case onnx
    }

    /// The mapped file that all tensors lie in.
    package let file: MappedFile
    /// How the file is laid out.
    public let format: Format
    /// The tensors by their key in the state dict, such as `model.h.layers.0.linear1.weight`.
    public let tensors: [String: StoredTensor]
    /// The value stored as `config`, or `.null`.
    public let config: ConfigValue
    /// Everything else beside the weights, such as `info` and `lora_rank`; for safetensors the metadata.
    public let metadata: ConfigValue
    /// The version number in the first two bytes, 0 to 6, where upstream wrote one in place of `PK`.
    public let headVersion: Int?
    /// MD5 of the first 8,192 bytes, 32 hexadecimal digits: how upstream knows its own base models.
    public let beginningMD5: String
    /// What a converted file says about the file that it was made of.
    let origin: Origin?
    /// What a converted file has prepared for layers, by the names in the file.
    let prepared: [String: PreparedIndex.Item]

    /// The path as given.
    public var path: String { file.path }

    /// Opens a torch, safetensors or ONNX file. Takes milliseconds, whatever its size; runs nothing the file contains.
    ///
    /// - Throws: any `CheckpointError` about the file itself. Every offset, size and stride has been checked when
    ///   this returns.
    public static func open(_ path: String) throws(CheckpointError) -> Checkpoint {
        try Checkpoint(mapped(path))
    }

    /// Maps a file, with the errors of this module.
    static func mapped(_ path: String) throws(CheckpointError) -> MappedFile {
        do { return try MappedFile(path: path) } catch { throw CheckpointError(error) }
    }

    init(_ file: MappedFile) throws(CheckpointError) {
        self.file = file
        let (format, head) = try FileHead.recognise(file)
        self.format = format
        headVersion = head
        beginningMD5 = file.withBytes { Digest.md5(UnsafeRawBufferPointer(rebasing: $0.prefix(8192))) }
        switch format {
        case .torchZip, .torchLegacy:
            let object = try format == .torchZip ? TorchZip.read(file) : TorchLegacy.read(file)
            (tensors, config, metadata) = try object.parts()
            (origin, prepared) = (nil, [:])
        case .onnx:
            (tensors, config) = try ONNXReader.read(file)
            metadata = .null
            (origin, prepared) = (nil, [:])
        case .safetensors:
            let (all, strings) = try SafetensorsReader.read(file)
            let (stored, found) = try PreparedIndex.split(
                strings[Origin.Name.prepared], all, path: file.path)
            prepared = found
            tensors =
                try strings[Origin.Name.panels].map { text throws(CheckpointError) in
                    try PanelIndex.apply(text, to: stored, path: file.path)
                } ?? stored
            origin = try Origin(strings, path: file.path)
            config = origin?.config ?? .null
            metadata =
                origin?.metadata
                ?? .dict(strings.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })
        }
    }

    /// SHA-256 of the whole file, 64 hexadecimal digits. Reads all of it (about a second per gigabyte).
    public func sha256() -> String {
        file.withBytes { Digest.sha256($0) }
    }

    /// The rank of a LoRA file's matrices, or nil. Upstream stores it as a number or as text.
    public var loraRank: Int? {
        let value = metadata["lora_rank"]
        return value?.int ?? value?.string.flatMap { Int($0) }
    }

    /// The weights as seen from the root, with a fresh record of which have been used.
    public var weights: WeightScope { WeightScope(self) }

    /// Refuses a file that holds another network than `expected`.
    ///
    /// - Throws: `CheckpointError.wrongKind`.
    public func require(_ expected: CheckpointKind) throws(CheckpointError) {
        guard kind == expected else {
            throw CheckpointError.wrongKind(path: path, expected: expected, found: kind)
        }
    }
}
