import Files

/// The element type that a conversion gives the floating point tensors.
public enum WeightPrecision: String, Sendable, CaseIterable {
    /// IEEE binary16; refused when a value does not fit.
    case f16
    /// IEEE binary32.
    case f32
    /// Signed bytes with a scale per output for the matrices of a text-to-semantic model's stack, binary16 for the
    /// rest. Other networks are refused.
    case int8

    var elementType: ElementType {
        switch self {
        case .f16, .int8: .float16
        case .f32: .float32
        }
    }
}

/// How a conversion lays the weights of layers out.
public enum WeightLayout: String, Sendable, CaseIterable {
    /// As the kernels read them in place: panels of sixteen outputs for linear layers (`StoredPanels`).
    case panels
    /// Row-major, as in the checkpoint.
    case rows
}

/// Writes a checkpoint as a memory-mappable safetensors file that opens as the same `Checkpoint`: kind, version,
/// configuration and metadata come along.
public struct Converter: Sendable {
    /// How far a conversion is.
    public struct Progress: Sendable, Equatable {
        /// The tensor that was written last.
        public let tensor: String
        /// Tensors written and in all.
        public let written: Int, total: Int
        /// Bytes of tensors written and in all.
        public let writtenBytes: Int, totalBytes: Int
    }

    /// What is converted.
    public let source: Checkpoint
    /// The type for floating point tensors; nil keeps each as it is. Whole numbers always stay.
    public let precision: WeightPrecision?
    /// The layout of linear layers' matrices.
    public let layout: WeightLayout
    /// What layers of the model read beside the weights; see `PreparedTensor`.
    public let prepared: [PreparedTensor]
    /// What the file's metadata names as its maker.
    public let tool: String

    /// A conversion that has not begun.
    public init(
        _ source: Checkpoint, precision: WeightPrecision? = nil, layout: WeightLayout = .panels,
        prepared: [PreparedTensor] = [], tool: String = "gsv"
    ) {
        self.prepared = prepared
        self.source = source
        self.precision = precision
        self.layout = layout
        self.tool = tool
    }

    /// Writes the file; it appears under its name when it is complete, replacing one that is there.
    ///
    /// - Throws: `valuesDoNotFit` when a finite value would become infinite, `notQuantizable` for signed bytes of a
    ///   network other than text-to-semantic, `cannotWrite` for the file system's errors.
    public func write(
        to path: String, progress: (Progress) -> Void = { _ in }
    ) throws(CheckpointError) {
        let plan = try plan()
        let entries = plan.map(\.entry) + prepared.map(\.entry)
        let totalBytes = entries.reduce(0) { $0 + $1.byteCount }
        // Repeated elements take no room in the source but do in the output.
        let limit = 16 * source.file.byteCount + 1 << 30
        guard totalBytes <= limit else {
            throw CheckpointError.limitExceeded(
                path: source.path, what: "bytes of converted tensors", found: totalBytes, limit: limit)
        }
        let byName = Dictionary(plan.map { ($0.entry.name, $0) }, uniquingKeysWith: { first, _ in first })
        let preparedByName = Dictionary(
            prepared.map { ($0.entry.name, $0) }, uniquingKeysWith: { first, _ in first })
        var written = 0
        var writtenBytes = 0
        try SafetensorsWriter.write(to: path, entries: entries, metadata: metadata(plan)) {
            (entry, give) throws(CheckpointError) in
            if let item = byName[entry.name] {
                try write(item, give)
            } else if let item = preparedByName[entry.name] {
                try Self.give(item.values.map { $0.bitPattern.littleEndian }, to: give)
            }
            written += 1
            writtenBytes += entry.byteCount
            progress(
                Progress(
                    tensor: entry.name, written: written, total: entries.count, writtenBytes: writtenBytes,
                    totalBytes: totalBytes))
        }
    }

    /// The metadata of the written file.
    func metadata(_ plan: [PlannedTensor] = []) -> [String: String] {
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
        let panels = plan.filter { $0.form == .panels || $0.form == .bytes }
        if !panels.isEmpty {
            texts[Origin.Name.panels] = PanelIndex.text(
                Dictionary(
                    panels.map { ($0.entry.name, $0.tensor.shape) }, uniquingKeysWith: { first, _ in first }))
        }
        if !prepared.isEmpty { texts[Origin.Name.prepared] = PreparedIndex.text(prepared) }
        return texts
    }
}
