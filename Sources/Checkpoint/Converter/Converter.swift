/// The element type that a conversion gives the floating point tensors.
public enum WeightPrecision: String, Sendable, CaseIterable {
    /// IEEE binary16; refused when a value does not fit.
    case f16
    /// IEEE binary32.
    case f32

    var elementType: ElementType {
        switch self {
        case .f16: .float16
        case .f32: .float32
        }
    }
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
    /// What the file's metadata names as its maker.
    public let tool: String

    /// A conversion that has not begun.
    public init(_ source: Checkpoint, precision: WeightPrecision? = nil, tool: String = "gsv") {
        self.source = source
        self.precision = precision
        self.tool = tool
    }

    /// Writes the file; it appears under its name when it is complete, replacing one that is there.
    ///
    /// - Throws: `valuesDoNotFit` when a finite value would become infinite, `cannotWrite` for the file system's
    ///   errors.
    public func write(
        to path: String, progress: (Progress) -> Void = { _ in }
    ) throws(CheckpointError) {
        let entries = source.tensors.values.map { tensor in
            SafetensorsEntry(name: tensor.name, elementType: outputType(of: tensor), shape: tensor.shape)
        }
        let totalBytes = entries.reduce(0) { $0 + $1.byteCount }
        // Repeated elements take no room in the source but do in the output.
        let limit = 16 * source.file.byteCount + 1 << 30
        guard totalBytes <= limit else {
            throw CheckpointError.limitExceeded(
                path: source.path, what: "bytes of converted tensors", found: totalBytes, limit: limit)
        }
        var written = 0
        var writtenBytes = 0
        try SafetensorsWriter.write(to: path, entries: entries, metadata: metadata()) {
            (entry, give) throws(CheckpointError) in
            guard let tensor = source.tensors[entry.name] else { return }
            try convert(tensor, to: entry.elementType, give)
            written += 1
            writtenBytes += entry.byteCount
            progress(
                Progress(
                    tensor: entry.name, written: written, total: entries.count, writtenBytes: writtenBytes,
                    totalBytes: totalBytes))
        }
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
        return texts
    }

    private func outputType(of tensor: StoredTensor) -> ElementType {
        guard tensor.elementType.isFloat, let precision else { return tensor.elementType }
        return precision.elementType
    }

    private func convert(
        _ tensor: StoredTensor, to type: ElementType,
        _ give: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        if type == tensor.elementType {
            if tensor.isContiguous { return try give(tensor.unalignedBytes) }
            let count = tensor.elementCount * type.byteWidth
            let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
                let target = UnsafeMutableBufferPointer(rebasing: buffer[0..<count])
                tensor.copyElements(into: UnsafeMutableRawBufferPointer(target))
                written = count
            }
            return try Self.give(bytes, to: give)
        }
        let values = try tensor.floats()
        try checkRange(of: tensor, values, type)
        if type == .float16 {
            try Self.give(values.map { HalfPrecision.narrow($0).littleEndian }, to: give)
        } else {
            try Self.give(values.map { $0.bitPattern.littleEndian }, to: give)
        }
    }

    /// Refuses finite values that would become infinite. Infinities of the source stay what they are.
    private func checkRange(of tensor: StoredTensor, _ values: [Float], _ type: ElementType)
        throws(CheckpointError)
    {
        var count = 0
        var largest: Float = 0
        if tensor.elementType == .float64, values.contains(where: \.isInfinite) {
            count = tensor.finiteOverflows()
            largest = .infinity
        }
        if type == .float16 {
            // 65,520 is the first value that rounds to infinity.
            for value in values where value.magnitude >= 65_520 && value.isFinite {
                count += 1
                largest = max(largest, value.magnitude)
            }
        }
        guard count == 0 else {
            throw CheckpointError.valuesDoNotFit(
                path: source.path, key: tensor.name, count: count, largest: largest, type: type)
        }
    }

    private static func give<T: BitwiseCopyable>(
        _ values: [T], to give: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        let result = values.withUnsafeBytes { (bytes) -> Result<Void, CheckpointError> in
            Result { () throws(CheckpointError) in try give(bytes) }
        }
        try result.get()
    }
}
