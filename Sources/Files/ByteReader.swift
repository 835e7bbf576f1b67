/// A cursor over raw bytes that checks every step (the subscript of the standard library's buffer does not, in release
/// builds). All numbers are little-endian.
///
/// The reader does not own the bytes: it must not outlive the `withBytes` call that they come from. It is inlinable so
/// that it is specialised for the error type of the module that uses it.
@frozen
package struct ByteReader<Failure: FileFormatError> {
    /// The file's path and the part's name, for error messages.
    package let path: String
    package let part: String
    /// What is read. Offsets are relative to its start.
    package let bytes: UnsafeRawBufferPointer
    /// Offset of the next byte.
    package private(set) var position: Int

    /// A reader at `position`.
    @inlinable
    package init(_ bytes: UnsafeRawBufferPointer, path: String, part: String, at position: Int = 0) {
        self.bytes = bytes
        self.path = path
        self.part = part
        self.position = position
    }

    /// Bytes left.
    @inlinable
    package var remaining: Int { bytes.count - position }

    /// Moves to an absolute offset inside the bytes (the end included).
    @inlinable
    package mutating func seek(to offset: Int) throws(Failure) {
        guard offset >= 0, offset <= bytes.count else {
            throw malformed("offset \(offset) is outside its \(bytes.count) bytes")
        }
        position = offset
    }

    /// Steps over `count` bytes and returns them.
    @inlinable
    package mutating func take(_ count: Int) throws(Failure) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= remaining else {
            throw malformed("\(count) bytes wanted at offset \(position), \(remaining) are left")
        }
        let slice = UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
        position += count
        return slice
    }

    /// The next unsigned integer.
    @inlinable
    package mutating func u8() throws(Failure) -> UInt8 { try integer(UInt8.self) }
    /// The next unsigned integer.
    @inlinable
    package mutating func u16() throws(Failure) -> UInt16 { try integer(UInt16.self) }
    /// The next unsigned integer.
    @inlinable
    package mutating func u32() throws(Failure) -> UInt32 { try integer(UInt32.self) }
    /// The next unsigned integer.
    @inlinable
    package mutating func u64() throws(Failure) -> UInt64 { try integer(UInt64.self) }

    /// An unsigned 64-bit number that must fit an `Int`.
    @inlinable
    package mutating func size64(_ what: String) throws(Failure) -> Int {
        let value = try u64()
        guard let size = Int(exactly: value) else { throw malformed("\(what) \(value) is too large") }
        return size
    }

    /// `count` bytes that must be UTF-8.
    @inlinable
    package mutating func utf8(_ count: Int) throws(Failure) -> String {
        let slice = try take(count)
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw malformed("\(count) bytes before offset \(position) are not UTF-8")
        }
        return text
    }

    /// The text up to the next line feed, which is stepped over.
    @inlinable
    package mutating func line(limit: Int) throws(Failure) -> String {
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
    @inlinable
    package func malformed(_ reason: String) -> Failure {
        .malformed(path: path, part: part, reason: reason)
    }

    @inlinable
    mutating func integer<T: FixedWidthInteger>(_ type: T.Type) throws(Failure) -> T {
        let slice = try take(MemoryLayout<T>.size)
        return T(littleEndian: slice.loadUnaligned(as: T.self))
    }
}
