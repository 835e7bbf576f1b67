import Files

/// Writes a checkpoint as a memory-mappable safetensors file that opens as the same `Checkpoint`: kind, version,
/// configuration and metadata come along.
///
/// What layers of the model have prepacked (`PrepackRecorder`) is written beside the tensors or instead of them; all
/// others are row-major.
package struct Converter: Sendable {
    /// How far a conversion is.
    package struct Progress: Sendable, Equatable {
        /// The tensor that was written last.
        package let tensor: String
        /// Tensors written and in all.
        package let written: Int, total: Int
        /// Bytes of tensors written and in all.
        package let writtenBytes: Int, totalBytes: Int
    }

    /// What is converted.
    package let source: Checkpoint
    /// The type for floating point tensors; nil keeps each as it is. Integers are never converted.
    package let precision: WeightPrecision?
    /// What layers of the model read instead of the tensors or beside them.
    package let prepacked: [PrepackedTensor]
    /// The program's name in the file's metadata.
    package let tool: String

    /// A conversion that has not begun.
    package init(
        _ source: Checkpoint, precision: WeightPrecision? = nil, prepacked: [PrepackedTensor] = [],
        tool: String = "gsv"
    ) {
        self.source = source
        self.precision = precision
        self.prepacked = prepacked
        self.tool = tool
    }

    /// Writes the file; it appears under its name when it is complete, replacing one that is there.
    ///
    /// - Throws: `malformed` when a checksum differs, `valuesDoNotFit` when a finite value would become infinite, `notQuantizable` for signed bytes of a
    ///   network other than text-to-semantic, `cannotWrite` for the file system's errors.
    package func write(
        to path: String, progress: (Progress) -> Void = { _ in }
    ) throws(CheckpointError) {
        let kind = source.kind
        if precision == .int8, kind != .textToSemantic {
            throw CheckpointError.notQuantizable(path: source.path, found: kind)
        }
        try source.checkAll()
        let prepackedByName = Dictionary(
            prepacked.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let scales = Dictionary(
            prepacked.compactMap { tensor in
                tensor.scales.map { (PrepackedIndex.scalesName(tensor.name), $0) }
            },
            uniquingKeysWith: { first, _ in first })
        let rows = source.tensors.values.filter { prepackedByName[$0.name] == nil }.map(entry)
        let entries = rows + prepackedByName.values.flatMap(\.entries)
        let totalBytes = try totalBytes(entries)
        var written = 0
        var writtenBytes = 0
        try SafetensorsWriter.write(to: path, entries: entries, metadata: metadata()) {
            (entry, give) throws(CheckpointError) in
            if let tensor = prepackedByName[entry.name] {
                try tensor.contents(give)
            } else if let scales = scales[entry.name] {
                try Self.give(scales.map { $0.bitPattern.littleEndian }, to: give)
            } else if let tensor = source.tensors[entry.name] {
                try Self.writeRows(tensor, entry.elementType, give)
            }
            written += 1
            writtenBytes += entry.byteCount
            progress(
                Progress(
                    tensor: entry.name, written: written, total: entries.count, writtenBytes: writtenBytes,
                    totalBytes: totalBytes))
        }
    }

    /// A tensor of the source in the file, row-major.
    private func entry(_ tensor: StoredTensor) -> SafetensorsEntry {
        let type =
            tensor.elementType.isFloat ? precision?.elementType ?? tensor.elementType : tensor.elementType
        return SafetensorsEntry(name: tensor.name, elementType: type, shape: tensor.shape)
    }

    /// Bytes of all tensors. Repeated elements take no room in the source but do in the output, so they have a limit.
    private func totalBytes(_ entries: [SafetensorsEntry]) throws(CheckpointError) -> Int {
        let total = entries.reduce(0) { $0 + $1.byteCount }
        let limit = 16 * source.file.byteCount + 1 << 30
        guard total <= limit else {
            throw CheckpointError.limitExceeded(
                path: source.path, what: "bytes of converted tensors", found: total, limit: limit)
        }
        return total
    }

    private typealias Give = (UnsafeRawBufferPointer) throws(CheckpointError) -> Void

    private static func writeRows(
        _ tensor: StoredTensor, _ type: ElementType, _ give: Give
    ) throws(CheckpointError) {
        if type == tensor.elementType, tensor.isContiguous { return try give(tensor.unalignedBytes) }
        try Self.give(try tensor.bytes(as: type), to: give)
    }

    private static func give<T: BitwiseCopyable>(_ values: [T], to give: Give) throws(CheckpointError) {
        let result = values.withUnsafeBytes { (bytes) -> Result<Void, CheckpointError> in
            Result { () throws(CheckpointError) in try give(bytes) }
        }
        try result.get()
    }

    /// The metadata of the written file.
    func metadata() -> [String: String] {
        var texts = [
            "format": "pt",
            Origin.Name.config: source.config.json(),
            Origin.Name.metadata: source.metadata.json(),
            Origin.Name.kind: source.kind.rawValue,
            Origin.Name.source: source.origin?.sourceSHA256 ?? source.sha256(),
            Origin.Name.tool: tool,
        ]
        if source.kind == .soVITS {
            let version = source.soVITSVersion
            texts[Origin.Name.modelVersion] = version.modelVersion.rawValue
            texts[Origin.Name.symbolsVersion] = version.symbolsVersion.rawValue
            texts[Origin.Name.isLoRA] = String(version.isLoRA)
        }
        if !prepacked.isEmpty { texts[Origin.Name.prepacked] = PrepackedIndex.text(prepacked) }
        return texts
    }
}
