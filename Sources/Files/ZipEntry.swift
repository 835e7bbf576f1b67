/// One record of the central directory.
struct ZipEntry<Failure: FileFormatError> {
    let name: String
    /// Length of the data, the same stored and unpacked.
    let byteCount: Int
    /// Offset of the local header.
    let headerOffset: Int
    /// CRC-32 of the data as the directory has it; 0 where the writer left it out.
    let checksum: UInt32

    /// Reads the record at the reader's position.
    init(_ reader: inout ByteReader<Failure>) throws(Failure) {
        guard try reader.u32() == 0x0201_4B50 else { throw reader.malformed("a member's record is damaged") }
        _ = try reader.take(4)  // versions
        let flags = try reader.u16()
        let method = try reader.u16()
        _ = try reader.take(4)  // time, date
        checksum = try reader.u32()
        var stored = UInt64(try reader.u32())
        var unpacked = UInt64(try reader.u32())
        let nameCount = Int(try reader.u16())
        let extraCount = Int(try reader.u16())
        let commentCount = Int(try reader.u16())
        _ = try reader.take(8)  // disk, attributes
        var offset = UInt64(try reader.u32())
        let name = try reader.utf8(nameCount)
        var extra = ByteReader<Failure>(try reader.take(extraCount), path: reader.path, part: reader.part)
        _ = try reader.take(commentCount)

        guard flags & 0x2041 == 0 else {
            throw Failure.unsupported(
                path: reader.path, reason: "zip member \"\(name)\" is encrypted")
        }
        guard method == 0 else {
            throw Failure.unsupported(
                path: reader.path,
                reason: "zip member \"\(name)\" is compressed (method \(method)); torch stores its members "
                    + "as they are. Was the file packed again by another program? Use the original.")
        }
        try Self.widen(&extra, &unpacked, &stored, &offset)
        guard stored == unpacked else {
            throw reader.malformed("member \"\(name)\" has \(stored) bytes stored and \(unpacked) unpacked")
        }
        guard let byteCount = Int(exactly: unpacked), let headerOffset = Int(exactly: offset) else {
            throw reader.malformed("member \"\(name)\" has \(unpacked) bytes at \(offset)")
        }
        self.name = name
        self.byteCount = byteCount
        self.headerOffset = headerOffset
    }

    /// Replaces saturated 32-bit fields by those of the zip64 extra field, which holds only what is saturated.
    private static func widen(
        _ extra: inout ByteReader<Failure>, _ unpacked: inout UInt64, _ stored: inout UInt64,
        _ offset: inout UInt64
    ) throws(Failure) {
        let saturated = UInt64(UInt32.max)
        while extra.remaining >= 4 {
            let id = try extra.u16()
            let count = Int(try extra.u16())
            var field = ByteReader<Failure>(try extra.take(count), path: extra.path, part: extra.part)
            guard id == 1 else { continue }
            if unpacked == saturated { unpacked = try field.u64() }
            if stored == saturated { stored = try field.u64() }
            if offset == saturated { offset = try field.u64() }
            return
        }
    }

    /// Reads the local header.
    ///
    /// - Parameter end: the offset that the data must not pass, the central directory's.
    /// - Returns: the range of the member with its header, and of its data alone.
    func locate(
        in bytes: UnsafeRawBufferPointer, before end: Int, path: String
    ) throws(Failure) -> (whole: Range<Int>, data: Range<Int>) {
        var reader = ByteReader<Failure>(bytes, path: path, part: "zip member \"\(name)\"")
        guard headerOffset <= end else {
            throw reader.malformed("it begins at \(headerOffset), behind the directory")
        }
        try reader.seek(to: headerOffset)
        let signature = try reader.u32()
        // At the file's start the first two bytes may be upstream's version number.
        guard signature == 0x0403_4B50 || (headerOffset == 0 && signature >> 16 == 0x0403) else {
            throw reader.malformed("its header is damaged")
        }
        _ = try reader.take(22)
        let nameCount = Int(try reader.u16())
        let extraCount = Int(try reader.u16())
        guard try reader.take(nameCount).elementsEqual(name.utf8) else {
            throw reader.malformed("its header has another name")
        }
        _ = try reader.take(extraCount)
        let start = reader.position
        guard start <= end, byteCount <= end - start else {
            throw reader.malformed("its \(byteCount) bytes at \(start) do not end before offset \(end)")
        }
        return (headerOffset..<start + byteCount, start..<start + byteCount)
    }
}
