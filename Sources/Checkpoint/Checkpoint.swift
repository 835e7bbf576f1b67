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
            let parts = try object.parts()
            tensors = try Self.withoutWrappers(parts.tensors, path: file.path)
            (config, metadata) = (parts.config, parts.rest)
            (origin, prepacked) = (nil, [:])
        case .onnx:
            (tensors, config) = try ONNXReader.read(file)
            metadata = .null
            (origin, prepacked) = (nil, [:])
        case .safetensors:
            let (all, strings) = try SafetensorsReader.read(file)
            let contents = try PrepackedIndex.apply(strings, to: all, path: file.path)
            origin = try Origin(strings, path: file.path)
            prepacked = contents.prepacked
            tensors =
                origin == nil
                ? try Self.withoutWrappers(contents.weights, path: file.path) : contents.weights
            config = origin?.config ?? .null
            metadata =
                origin?.metadata
                ?? .dict(strings.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })
        }
        try Self.checkTotal(tensors, file)
    }

    /// Names without the components that PyTorch's wrappers add: `module` (DataParallel) and `_orig_mod` (compile).
    private static func withoutWrappers(
        _ tensors: [String: StoredTensor], path: String
    ) throws(CheckpointError) -> [String: StoredTensor] {
        let wrappers: Set<Substring> = ["module", "_orig_mod"]
        func plain(_ name: String) -> String {
            name.split(separator: ".", omittingEmptySubsequences: false).filter { !wrappers.contains($0) }
                .joined(separator: ".")
        }
        guard tensors.keys.contains(where: { $0.contains("module.") || $0.contains("_orig_mod.") }) else {
            return tensors
        }
        var result: [String: StoredTensor] = [:]
        for (name, tensor) in tensors {
            let short = plain(name)
            guard result.updateValue(tensor.renamed(short), forKey: short) == nil else {
                throw CheckpointError.malformed(
                    path: path, part: "object", reason: "tensor \"\(short)\" comes twice, once in a wrapper")
            }
        }
        return result
    }

    /// Refuses tensors that together are much larger than their file. Repeated elements take no room in the file, and each
    /// such tensor has a limit of its own, but a file may hold many.
    private static func checkTotal(
        _ tensors: [String: StoredTensor], _ file: MappedFile
    ) throws(CheckpointError) {
        let total = tensors.values.reduce(0) { $0 + $1.elementCount * $1.elementType.byteWidth }
        let limit = 16 * file.byteCount + 1 << 30
        guard total <= limit else {
            throw CheckpointError.limitExceeded(
                path: file.path, what: "bytes of all tensors, which repeat stored ones", found: total,
                limit: limit)
        }
    }

    /// The model that results from `update`, a LoRA file, and the model that it was trained on.
    init(merging update: Checkpoint, onto base: Checkpoint, tensors: [String: StoredTensor]) {
        (file, format, self.tensors) = (update.file, update.format, tensors)
        (config, metadata) = (update.config, update.metadata)
        (prefixVersion, prefixMD5) = (update.prefixVersion, update.prefixMD5)
        let version = update.soVITSVersion
        origin = Origin(
            config: config, metadata: metadata,
            version: SoVITSVersion(
                symbolsVersion: version.symbolsVersion, modelVersion: version.modelVersion, isLoRA: false),
            sourceSHA256: update.origin?.sourceSHA256)
        // A layer's packed form in the base's file is that of the base's weights.
        let changed = Set(tensors.values.filter { $0.file !== base.file || $0.update != nil }.map(\.name))
        prepacked = base.prepacked.filter { item in
            let layer = item.key.dropFirst(PrepackedIndex.name("").count)
            return !changed.contains { $0.hasPrefix(layer + ".") }
        }
    }

    /// Compares all checksums that the file has.
    ///
    /// - Throws: `malformed`.
    package func checkAll() throws(CheckpointError) {
        for tensor in tensors.values { try tensor.checksums?.check(at: tensor.byteOffset) }
    }

    /// Whether elements were checked when this file was made, so that reading all of them again at every start would only
    /// make their pages resident.
    var isConverted: Bool { format == .safetensors && origin != nil }

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
