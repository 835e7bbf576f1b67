/// A cursor over raw bytes that checks every step itself (the standard buffer's subscript does not, in release
/// builds). All numbers are little-endian.
///
/// The reader does not own the bytes: it lives inside one `withBytes` call.
struct ByteReader {
    /// The file's path and the part's name, for error messages.
    let path: String
    let part: String
    /// What is read. Offsets are relative to its start.
    let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer, path: String, part: String, at position: Int = 0) {
        self.bytes = bytes
        self.path = path
        self.part = part
        self.position = position
    }

    /// Bytes left.
    var remaining: Int { bytes.count - position }

    /// Moves to an absolute offset inside the bytes (the end included).
    mutating func seek(to offset: Int) throws(CheckpointError) {
        guard offset >= 0, offset <= bytes.count else {
            throw malformed("offset \(offset) is outside its \(bytes.count) bytes")
        }
        position = offset
    }

    /// Steps over `count` bytes and returns them.
    mutating func take(_ count: Int) throws(CheckpointError) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= remaining else {
            throw malformed("\(count) bytes wanted at offset \(position), \(remaining) are left")
        }
        let slice = UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
        position += count
        return slice
    }

    mutating func u8() throws(CheckpointError) -> UInt8 { try integer(UInt8.self) }
    mutating func u16() throws(CheckpointError) -> UInt16 { try integer(UInt16.self) }
    mutating func u32() throws(CheckpointError) -> UInt32 { try integer(UInt32.self) }
    mutating func u64() throws(CheckpointError) -> UInt64 { try integer(UInt64.self) }

    /// An unsigned 64-bit number that must fit an `Int`.
    mutating func size64(_ what: String) throws(CheckpointError) -> Int {
        let value = try u64()
        guard let size = Int(exactly: value) else { throw malformed("\(what) \(value) is too large") }
        return size
    }

    /// `count` bytes that must be UTF-8.
    mutating func utf8(_ count: Int) throws(CheckpointError) -> String {
        let slice = try take(count)
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw malformed("\(count) bytes before offset \(position) are not UTF-8")
        }
        return text
    }

    /// The text up to the next line feed, which is stepped over.
    mutating func line(limit: Int) throws(CheckpointError) -> String {
        var count = 0
        while count < remaining, bytes[position + count] != 0x0A {
            count += 1
            guard count <= limit else { throw malformed("a name longer than \(limit) bytes") }
        }
        guard count < remaining else { throw malformed("a name without end") }
        let text = try utf8(count)
        position += 1
        return text
    }

    /// A `malformed` error at this reader's part.
    func malformed(_ reason: String) -> CheckpointError {
        .malformed(path: path, part: part, reason: reason)
    }

    private mutating func integer<T: FixedWidthInteger>(_ type: T.Type) throws(CheckpointError) -> T {
        let slice = try take(MemoryLayout<T>.size)
        return T(littleEndian: slice.loadUnaligned(as: T.self))
    }
}
