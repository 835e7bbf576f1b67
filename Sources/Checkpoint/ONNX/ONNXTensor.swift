/// A tensor of an ONNX file (`TensorProto`): its type, its shape and the location of its elements.
struct ONNXTensor {
    /// The location of the elements.
    enum Place {
        /// Raw little-endian bytes, or packed 32-bit floats, of the file itself.
        case inside(Range<Int>)
        /// In another file of the same folder.
        case beside(name: String, offset: Int, count: Int?)
        /// Written out as integers.
        case numbers([Int64])
        /// No elements.
        case nowhere
    }

    private(set) var name = ""
    private(set) var shape: [Int] = []
    /// ONNX's number for the element type.
    private(set) var type = 0
    private(set) var place = Place.nowhere

    /// Most elements written out as numbers that are kept: shapes and axes have a few.
    private static let maximumNumbers = 1 << 16

    init(_ reader: ProtobufReader) throws(CheckpointError) {
        var reader = reader
        var external: [String: String] = [:]
        var isExternal = false
        while let field = try reader.next() {
            switch field.number {
            case 1:
                for size in try reader.integers(field.value, limit: 16) {
                    guard let size = Int(exactly: size), size >= 0, shape.count < 16 else {
                        throw reader.malformed("an axis of \(size), or more than 16 axes")
                    }
                    shape.append(size)
                }
            case 2: type = Int(truncatingIfNeeded: try reader.integers(field.value, limit: 1).first ?? 0)
            case 4, 9: if case .bytes(let range) = field.value { place = .inside(range) }
            case 7:
                var numbers: [Int64] = []
                if case .numbers(let earlier) = place { numbers = earlier }
                numbers += try reader.integers(field.value, limit: Self.maximumNumbers)
                guard numbers.count <= Self.maximumNumbers else {
                    throw reader.malformed("\(numbers.count) elements written out one by one")
                }
                place = .numbers(numbers)
            case 8: name = try reader.text(field.value)
            case 13:
                guard case .bytes(let range) = field.value else { throw reader.malformed("external data") }
                let (key, value) = try Self.pair(reader.message(range, part: reader.part))
                external[key] = value
            case 14: isExternal = try reader.integers(field.value, limit: 1).first == 1
            default: break
            }
        }
        if isExternal { place = try Self.beside(external, reader) }
    }

    private static func pair(_ reader: ProtobufReader) throws(CheckpointError) -> (String, String) {
        var reader = reader
        var pair = ("", "")
        while let field = try reader.next() {
            if field.number == 1 { pair.0 = try reader.text(field.value) }
            if field.number == 2 { pair.1 = try reader.text(field.value) }
        }
        return pair
    }

    /// Data outside the file may only be in a file beside it: a path could lead anywhere.
    private static func beside(_ entries: [String: String], _ reader: ProtobufReader) throws(CheckpointError)
        -> Place
    {
        let name = entries["location"] ?? ""
        guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(UInt8(ascii: "/")),
            !name.utf8.contains(UInt8(ascii: "\\"))
        else {
            throw CheckpointError.unsupported(
                path: reader.path,
                reason: "its data is said to be in \"\(name)\"; only a file in the same folder is read")
        }
        guard let offset = Int(entries["offset"] ?? "0"), offset >= 0,
            let count = Int(entries["length"] ?? "-1")
        else { throw reader.malformed("external data at \(entries["offset"] ?? "0")") }
        return .beside(name: name, offset: offset, count: count < 0 ? nil : count)
    }

    /// The type of the elements, nil for one that no weights have.
    var elementType: ElementType? {
        switch type {
        case 1: .float32
        case 2: .uint8
        case 3: .int8
        case 5: .int16
        case 6: .int32
        case 7: .int64
        case 9: .bool
        case 10: .float16
        case 11: .float64
        case 16: .bfloat16
        default: nil
        }
    }

    /// A few integers, such as a shape; nil for anything else.
    func smallIntegers(_ file: UnsafeRawBufferPointer) -> [Int64]? {
        if case .numbers(let numbers) = place { return numbers }
        guard case .inside(let range) = place, type == 7, range.count % 8 == 0, range.count <= 1 << 10 else {
            return nil
        }
        return stride(from: range.lowerBound, to: range.upperBound, by: 8).map {
            Int64(littleEndian: file.loadUnaligned(fromByteOffset: $0, as: Int64.self))
        }
    }

    /// A single floating point number; nil for anything else.
    func smallFloat(_ file: UnsafeRawBufferPointer) -> Float? {
        guard case .inside(let range) = place, type == 1, range.count == 4 else { return nil }
        return Float(
            bitPattern: UInt32(
                littleEndian: file.loadUnaligned(fromByteOffset: range.lowerBound, as: UInt32.self)))
    }
}
