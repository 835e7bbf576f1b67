/// Reads the fields of one protobuf message, which is a range of a file.
///
/// The wire format: a field is a varint of number · 8 + type, then a varint, four or eight bytes, or a length and that many
/// bytes. Every length is checked against the message's end. Groups, which are deprecated, are refused.
struct ProtobufReader {
    /// One field.
    struct Field {
        let number: Int
        let value: Value
    }

    /// The value of a field; bytes as their range in the file.
    enum Value {
        case varint(UInt64)
        case fixed32(UInt32)
        case fixed64(UInt64)
        case bytes(Range<Int>)
    }

    let path: String
    let part: String
    /// The whole file.
    let file: UnsafeRawBufferPointer
    private var position: Int
    private let end: Int

    /// - Parameter range: the message, inside the file.
    init(_ file: UnsafeRawBufferPointer, _ range: Range<Int>, path: String, part: String) {
        self.file = file
        self.path = path
        self.part = part
        position = range.lowerBound
        end = min(range.upperBound, file.count)
    }

    /// The next field, nil at the end.
    mutating func next() throws(CheckpointError) -> Field? {
        guard position < end else { return nil }
        let tag = try varint()
        guard tag >> 3 > 0, tag >> 3 < 1 << 29 else { throw malformed("field \(tag >> 3)") }
        let number = Int(tag >> 3)
        switch tag & 7 {
        case 0: return Field(number: number, value: .varint(try varint()))
        case 1: return Field(number: number, value: .fixed64(try fixed(UInt64.self)))
        case 2:
            let count = try varint()
            guard count <= UInt64(end - position) else {
                throw malformed("\(count) bytes wanted at offset \(position), \(end - position) are left")
            }
            defer { position += Int(count) }
            return Field(number: number, value: .bytes(position..<position + Int(count)))
        case 5: return Field(number: number, value: .fixed32(try fixed(UInt32.self)))
        default: throw malformed("a field of type \(tag & 7) at offset \(position)")
        }
    }

    /// A reader of a message inside this one.
    func message(_ range: Range<Int>, part: String) -> ProtobufReader {
        ProtobufReader(file, range, path: path, part: part)
    }

    /// A field's bytes as text of at most `limit` bytes.
    func text(_ value: Value, limit: Int = 1024) throws(CheckpointError) -> String {
        guard case .bytes(let range) = value else { throw malformed("a number where text should be") }
        guard range.count <= limit else {
            throw CheckpointError.limitExceeded(
                path: path, what: "bytes of a name in \(part)", found: range.count, limit: limit)
        }
        let slice = UnsafeRawBufferPointer(rebasing: file[range])
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw malformed("a name that is not UTF-8")
        }
        return text
    }

    /// Integers of a repeated field: one, or several packed into bytes.
    func integers(_ value: Value, limit: Int) throws(CheckpointError) -> [Int64] {
        switch value {
        case .varint(let number): return [Int64(bitPattern: number)]
        case .bytes(let range):
            var reader = message(range, part: part)
            var numbers: [Int64] = []
            while reader.position < reader.end {
                numbers.append(Int64(bitPattern: try reader.varint()))
                guard numbers.count <= limit else {
                    throw CheckpointError.limitExceeded(
                        path: path, what: "numbers in \(part)", found: numbers.count, limit: limit)
                }
            }
            return numbers
        case .fixed32, .fixed64: throw malformed("a fixed number where a variable one should be")
        }
    }

    /// A `malformed` error about this message.
    func malformed(_ reason: String) -> CheckpointError {
        .malformed(path: path, part: part, reason: reason)
    }

    private mutating func varint() throws(CheckpointError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard position < end else { throw malformed("it is cut short") }
            let byte = file[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 {
                guard shift < 63 || byte <= 1 else { break }
                return value
            }
        }
        throw malformed("a number of more than 64 bits at offset \(position)")
    }

    private mutating func fixed<T: FixedWidthInteger>(_ type: T.Type) throws(CheckpointError) -> T {
        guard end - position >= MemoryLayout<T>.size else { throw malformed("it is cut short") }
        defer { position += MemoryLayout<T>.size }
        return T(littleEndian: file.loadUnaligned(fromByteOffset: position, as: type))
    }
}
