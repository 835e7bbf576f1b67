import Files
import StrictJSON

/// The safetensors format: an 8-byte length, a JSON header, the tensors' bytes.
///
/// Checks everything that the reference implementation checks: the header's size, UTF-8, JSON, that each tensor's
/// length is its shape times its type, and that the tensors fill the data exactly, without holes or overlaps.
enum SafetensorsReader {
    /// The reference implementation's limit.
    static let maximumHeaderBytes = 100_000_000

    /// Reads the header of a whole file.
    static func read(
        _ file: MappedFile
    ) throws(CheckpointError) -> (tensors: [String: StoredTensor], metadata: [String: String]) {
        let (header, dataStart) = try header(file)
        guard case .object(let entries) = header else { throw malformed(file, "no JSON object") }
        var metadata: [String: String] = [:]
        var infos: [Info] = []
        for entry in entries {
            if entry.name == "__metadata__" {
                guard case .object(let pairs) = entry.value else { continue }
                for pair in pairs {
                    guard let text = pair.value.string else {
                        throw malformed(file, "metadata \"\(pair.name)\" is no string")
                    }
                    metadata[pair.name] = text
                }
            } else {
                infos.append(try Info(entry, file))
            }
        }
        infos.sort { ($0.start, $0.end) < ($1.start, $1.end) }
        let dataCount = file.byteCount - dataStart
        var tensors: [String: StoredTensor] = [:]
        tensors.reserveCapacity(infos.count)
        var expected = 0
        for info in infos {
            guard info.start == expected, info.end >= info.start, info.end <= dataCount else {
                throw malformed(
                    file,
                    "tensor \"\(info.name)\" is at \(info.start)..<\(info.end), "
                        + "expected to begin at \(expected) and end before \(dataCount)")
            }
            expected = info.end
            tensors[info.name] = try info.tensor(in: dataStart + info.start..<dataStart + info.end, file)
        }
        guard expected == dataCount else {
            throw malformed(file, "its tensors take \(expected) bytes, the file has \(dataCount)")
        }
        return (tensors, metadata)
    }

    private static func header(_ file: MappedFile) throws(CheckpointError) -> (JSONValue, Int) {
        try file.withBytes { (bytes) throws(CheckpointError) in
            var reader = ByteReader<CheckpointError>(bytes, path: file.path, part: "safetensors header")
            let count = try reader.size64("its length")
            guard count <= maximumHeaderBytes else {
                throw CheckpointError.limitExceeded(
                    path: file.path, what: "bytes of the safetensors header", found: count,
                    limit: maximumHeaderBytes)
            }
            let text = try reader.take(count)
            let value = try JSONValue.inFile(Array(text), path: file.path, part: "safetensors header")
            return (value, reader.position)
        }
    }

    static func malformed(_ file: MappedFile, _ reason: String) -> CheckpointError {
        .malformed(path: file.path, part: "safetensors header", reason: reason)
    }
}

/// One tensor's entry in the header.
private struct Info {
    let name: String
    let elementType: ElementType
    let shape: [Int]
    let start: Int
    let end: Int

    init(_ entry: JSONValue.Member, _ file: MappedFile) throws(CheckpointError) {
        let value = entry.value
        guard let type = value["dtype"]?.string, let shape = value["shape"]?.items,
            let offsets = value["data_offsets"]?.items, offsets.count == 2,
            case .integer(let start) = offsets[0], case .integer(let end) = offsets[1], start >= 0, end >= 0
        else {
            throw SafetensorsReader.malformed(
                file, "tensor \"\(entry.name)\" lacks dtype, shape or data_offsets")
        }
        guard let elementType = ElementType.named(safetensors: type) else {
            throw CheckpointError.unsupported(
                path: file.path,
                reason: "tensor \"\(entry.name)\" has the element type \(type), which is not supported")
        }
        var sizes: [Int] = []
        for size in shape {
            guard case .integer(let size) = size, size >= 0 else {
                throw SafetensorsReader.malformed(
                    file, "tensor \"\(entry.name)\" has a size that is no integer")
            }
            sizes.append(Int(size))
        }
        name = entry.name
        self.elementType = elementType
        self.shape = sizes
        self.start = Int(start)
        self.end = Int(end)
    }

    /// The tensor, whose range was checked to be inside the file.
    func tensor(in place: Range<Int>, _ file: MappedFile) throws(CheckpointError) -> StoredTensor {
        var byteCount = elementType.byteWidth
        for size in shape {
            let (product, overflow) = byteCount.multipliedReportingOverflow(by: size)
            guard !overflow else {
                throw SafetensorsReader.malformed(file, "tensor \"\(name)\" has shape \(shape)")
            }
            byteCount = product
        }
        guard byteCount == place.count else {
            throw SafetensorsReader.malformed(
                file,
                "tensor \"\(name)\" of shape \(shape) takes \(byteCount) bytes, its place has \(place.count)")
        }
        var strides = [Int](repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() {
            strides[axis] =
                strides[axis + 1].multipliedReportingOverflow(by: max(shape[axis + 1], 1)).partialValue
        }
        return try StoredTensor(
            name: name, elementType: elementType, shape: shape, strides: strides, offset: 0, storage: place,
            file: file)
    }
}
