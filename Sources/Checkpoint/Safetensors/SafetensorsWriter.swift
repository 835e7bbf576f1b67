import Files
import StrictJSON

/// The header entry of a tensor that is written.
package struct SafetensorsEntry: Sendable, Equatable {
    /// The key.
    package let name: String
    /// The type the elements will have in the file.
    package let elementType: ElementType
    /// The size of every axis.
    package let shape: [Int]

    /// Entries of the same section are adjacent in the file, so that reading them does not make pages of others resident.
    let section: Int

    /// An entry for the header.
    package init(name: String, elementType: ElementType, shape: [Int]) {
        self.init(name: name, elementType: elementType, shape: shape, section: 0)
    }

    init(name: String, elementType: ElementType, shape: [Int], section: Int) {
        self.name = name
        self.elementType = elementType
        self.shape = shape
        self.section = section
    }

    /// The length of the tensor's bytes.
    package var byteCount: Int { shape.contains(0) ? 0 : shape.reduce(elementType.byteWidth, *) }
}

/// Writes a safetensors file tensor by tensor, never holding more than one.
///
/// The header is padded so that the data begin at a multiple of 64 bytes. Tensors whose length is one come first, so
/// that they begin at one too (the format has no room for gaps); among the others wide elements do, so that every
/// tensor is aligned to its element. The file appears under its name only when it is complete.
package enum SafetensorsWriter {
    /// Writes a file.
    ///
    /// - Parameters:
    ///   - path: where the file will be; an existing file is replaced at the end.
    ///   - entries: the tensors, in any order.
    ///   - metadata: strings by name, written in the order of the names.
    ///   - content: gives one tensor's bytes, row-major and little-endian, exactly `entry.byteCount` of them, to
    ///     its second argument. Called once per entry in the order of the file.
    /// - Throws: `cannotWrite` for the file system's errors, and whatever `content` throws.
    package static func write(
        to path: String, entries: [SafetensorsEntry], metadata: [String: String],
        content: (
            _ entry: SafetensorsEntry,
            _ give: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
        ) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        func rank(_ entry: SafetensorsEntry) -> Int {
            entry.byteCount % 64 == 0 ? 0 : 1 + 8 / entry.elementType.byteWidth
        }
        let ordered = entries.sorted { (rank($0), $0.section, $0.name) < (rank($1), $1.section, $1.name) }
        let names = Set(entries.map(\.name))
        guard names.count == entries.count, !names.contains("__metadata__") else {
            throw CheckpointError.cannotWrite(path: path, reason: "tensor names must differ from each other")
        }
        let output = try written { () throws(FileError) in
            let output = try AtomicFile(path: path, .init(durability: .contents))
            try output.write(header(ordered, metadata))
            return output
        }
        for entry in ordered {
            var given = 0
            try content(entry) { (bytes) throws(CheckpointError) in
                given += bytes.count
                try written { () throws(FileError) in try output.write(bytes) }
            }
            precondition(
                given == entry.byteCount, "\(entry.name): \(given) bytes given, \(entry.byteCount) announced")
        }
        try written { () throws(FileError) in try output.commit() }
    }

    /// Runs `body` with the errors of this module.
    private static func written<R>(_ body: () throws(FileError) -> R) throws(CheckpointError) -> R {
        do { return try body() } catch { throw CheckpointError(error) }
    }

    private static func header(_ entries: [SafetensorsEntry], _ metadata: [String: String]) -> [UInt8] {
        var fields: [JSONValue.Member] = []
        if !metadata.isEmpty {
            let texts = metadata.sorted { $0.key < $1.key }.map {
                JSONValue.Member($0.key, .string($0.value))
            }
            fields.append(JSONValue.Member("__metadata__", .object(texts)))
        }
        var position = 0
        for entry in entries {
            let end = position + entry.byteCount
            fields.append(
                JSONValue.Member(
                    entry.name,
                    .object([
                        JSONValue.Member("dtype", .string(entry.elementType.safetensorsName)),
                        JSONValue.Member("shape", .array(entry.shape.map { .integer(Int64($0)) })),
                        JSONValue.Member(
                            "data_offsets", .array([.integer(Int64(position)), .integer(Int64(end))])),
                    ])))
            position = end
        }
        var text = Array(JSONWriter.text(of: .object(fields)).utf8)
        let padding = (64 - (8 + text.count) % 64) % 64
        text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: padding))
        let count = UInt64(text.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + text
    }
}
