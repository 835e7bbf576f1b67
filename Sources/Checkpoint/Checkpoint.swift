package import Files

/// An opened weights file: its tensors by name, its configuration, and what determines its version.
///
/// Opening reads the table of contents only; the tensors stay in the mapped file.
package struct Checkpoint: Sendable {
    /// How the file is laid out.
    package enum Format: String, Sendable {
        /// `torch.save` since torch 1.6: a zip of storages and one pickle.
        case torchZip = "torch zip"
        /// `torch.save` before torch 1.6: pickles and storages in a row.
        case torchLegacy = "torch legacy"
        /// A JSON header and raw tensors.
        case safetensors
        /// A protobuf message with a graph, whose constants are the weights.
        case onnx
    }

    /// The mapped file that holds all tensors.
    package let file: MappedFile
    /// How the file is laid out.
    package let format: Format
    /// The tensors by their key in the state dict, such as `model.h.layers.0.linear1.weight`.
    package let tensors: [String: StoredTensor]
    /// The value stored as `config`, or `.null`.
    package let config: ConfigValue
    /// Everything else beside the weights, such as `info` and `lora_rank`; for safetensors the metadata.
    package let metadata: ConfigValue
    /// The version number in the first two bytes, 0 to 6, where upstream wrote one in place of `PK`.
    package let prefixVersion: Int?
    /// MD5 of the first 8,192 bytes, 32 hexadecimal digits: how upstream recognises its own base models.
    package let prefixMD5: String
    /// In a converted file, the description of its source.
    let origin: Origin?
    /// In a converted file, the prepacked forms of layers by their names in the file.
    let prepacked: [String: PrepackedIndex.Item]

    /// The path as given.
    package var path: String { file.path }

    /// Opens a torch, safetensors or ONNX file. Takes milliseconds, whatever its size; runs nothing the file contains.
    ///
    /// - Throws: any `CheckpointError` about the file itself. Every offset, size and stride has been checked when
    ///   this returns.
    package static func open(_ path: String) throws(CheckpointError) -> Checkpoint {
        try Checkpoint(mapped(path))
    }

    /// Maps a file, with the errors of this module.
    static func mapped(_ path: String) throws(CheckpointError) -> MappedFile {
        do { return try MappedFile(path: path) } catch { throw CheckpointError(error) }
    }

    init(_ file: MappedFile) throws(CheckpointError) {
        self.file = file
        let (format, version) = try FileSignature.recognise(file)
        self.format = format
        prefixVersion = version
        prefixMD5 = file.withBytes { Digest.md5(UnsafeRawBufferPointer(rebasing: $0.prefix(8192))) }
        switch format {
        case .torchZip, .torchLegacy:
            let object = try format == .torchZip ? TorchZip.read(file) : TorchLegacy.read(file)
            (tensors, config, metadata) = try object.parts()
            (origin, prepacked) = (nil, [:])
        case .onnx:
            (tensors, config) = try ONNXReader.read(file)
            metadata = .null
            (origin, prepacked) = (nil, [:])
        case .safetensors:
            let (all, strings) = try SafetensorsReader.read(file)
            let contents = try PrepackedIndex.apply(strings, to: all, path: file.path)
            (tensors, prepacked) = (contents.weights, contents.prepacked)
            origin = try Origin(strings, path: file.path)
            config = origin?.config ?? .null
            metadata =
                origin?.metadata
                ?? .dict(strings.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })
        }
    }

    /// SHA-256 of the whole file, 64 hexadecimal digits. Reads all of it (about a second per gigabyte).
    package func sha256() -> String {
        Digest.sha256(of: file)
    }

    /// The rank of a LoRA file's matrices, or nil. Upstream stores it as a number or as text.
    package var loraRank: Int? {
        let value = metadata["lora_rank"]
        return value?.int ?? value?.string.flatMap { Int($0) }
    }

    /// The weights from the root, none of them marked as used.
    package var weights: WeightScope { WeightScope(self) }

    /// Refuses a file that holds another network than `expected`.
    ///
    /// - Throws: `CheckpointError.wrongKind`.
    package func require(_ expected: CheckpointKind) throws(CheckpointError) {
        guard kind == expected else {
            throw CheckpointError.wrongKind(path: path, expected: expected, found: kind)
        }
    }
}
