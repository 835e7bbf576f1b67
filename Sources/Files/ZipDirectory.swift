/// The table of contents of a zip file whose members are stored uncompressed, as torch writes it (zip64 included).
///
/// The central directory is the authority; every local header is checked against it. Members must not overlap. The
/// archive's first two bytes are not checked, because GPT-SoVITS overwrites them with a version number.
package struct ZipDirectory {
    /// Most members. The largest supported model has about 2,000.
    package static let maximumEntries = 65_536

    /// Ranges of the members' bytes in the file, by name.
    package let members: [String: Range<Int>]
    /// CRC-32 of the members' bytes by name, as the directory has them; 0 where the writer left it out.
    package let checksums: [String: UInt32]

    /// Reads the directory of a whole file.
    ///
    /// - Throws: `malformed`, `unsupported` (compressed or encrypted members), `limitExceeded`.
    package init<Failure: FileFormatError>(
        _ bytes: UnsafeRawBufferPointer, path: String, throwing: Failure.Type
    ) throws(Failure) {
        var reader = ByteReader<Failure>(bytes, path: path, part: "zip directory")
        let end = try ZipEnd<Failure>(&reader)
        guard end.count <= Self.maximumEntries else {
            throw Failure.limitExceeded(
                path: path, what: "zip members", found: end.count, limit: Self.maximumEntries)
        }
        guard end.count * 46 <= end.directory.count else {
            throw reader.malformed("\(end.count) members in \(end.directory.count) bytes")
        }
        var members: [String: Range<Int>] = [:]
        members.reserveCapacity(end.count)
        var checksums: [String: UInt32] = [:]
        checksums.reserveCapacity(end.count)
        var places: [Range<Int>] = []
        places.reserveCapacity(end.count)
        try reader.seek(to: end.directory.lowerBound)
        for _ in 0..<end.count {
            let entry = try ZipEntry<Failure>(&reader)
            let place = try entry.locate(in: bytes, before: end.directory.lowerBound, path: path)
            guard members.updateValue(place.data, forKey: entry.name) == nil else {
                throw reader.malformed("member \"\(entry.name)\" comes twice")
            }
            checksums[entry.name] = entry.checksum
            places.append(place.whole)
        }
        guard reader.position == end.directory.upperBound else {
            throw reader.malformed(
                "its members take \(reader.position - end.directory.lowerBound) bytes, "
                    + "it has \(end.directory.count)")
        }
        // Overlapping members let a small archive unpack to a large one.
        places.sort { $0.lowerBound < $1.lowerBound }
        for (first, second) in zip(places, places.dropFirst()) where second.lowerBound < first.upperBound {
            throw reader.malformed("two members overlap at offset \(second.lowerBound)")
        }
        self.members = members
        self.checksums = checksums
    }
}

/// The range of the central directory, from the records at the file's end.
private struct ZipEnd<Failure: FileFormatError> {
    let count: Int
    let directory: Range<Int>

    init(_ reader: inout ByteReader<Failure>) throws(Failure) {
        let position = try Self.find(&reader)
        try reader.seek(to: position + 4)
        let disks = try (reader.u16(), reader.u16())
        let counts = try (reader.u16(), reader.u16())
        let size = try reader.u32()
        let offset = try reader.u32()
        let isSaturated = counts.1 == .max || size == .max || offset == .max
        var record = (count: Int(counts.1), size: Int(size), offset: Int(offset), end: position)
        if isSaturated {
            record = try Self.zip64(&reader, before: position)
        } else {
            guard disks == (0, 0), counts.0 == counts.1 else {
                throw reader.malformed("split over several disks")
            }
        }
        guard record.offset <= record.end, record.size <= record.end - record.offset else {
            throw reader.malformed(
                "\(record.size) bytes at \(record.offset) do not end before offset \(record.end)")
        }
        count = record.count
        directory = record.offset..<record.offset + record.size
    }

    /// Finds the end record: 22 bytes and a comment that reaches exactly to the file's end.
    private static func find(_ reader: inout ByteReader<Failure>) throws(Failure) -> Int {
        let count = reader.bytes.count
        guard count >= 22 else { throw reader.malformed("the file has only \(count) bytes") }
        for position in stride(from: count - 22, through: max(0, count - 22 - 65_535), by: -1)
        where reader.bytes[position] == 0x50 {
            try reader.seek(to: position)
            guard try reader.u32() == 0x0605_4B50 else { continue }
            try reader.seek(to: position + 20)
            if try reader.u16() == count - 22 - position { return position }
        }
        throw reader.malformed("it is missing, as if the end of the file were cut off")
    }

    private static func zip64(
        _ reader: inout ByteReader<Failure>, before position: Int
    ) throws(Failure) -> (count: Int, size: Int, offset: Int, end: Int) {
        try reader.seek(to: max(0, position - 20))
        guard position >= 20, try reader.u32() == 0x0706_4B50 else {
            throw reader.malformed("the zip64 locator is missing")
        }
        _ = try reader.u32()
        let start = try reader.size64("the zip64 record's offset")
        try reader.seek(to: start)
        guard start < position, try reader.u32() == 0x0606_4B50 else {
            throw reader.malformed("the zip64 record is missing")
        }
        _ = try reader.take(12)  // its size and two version numbers
        let disks = try (reader.u32(), reader.u32())
        let counts = try (reader.u64(), reader.u64())
        guard disks == (0, 0), counts.0 == counts.1 else {
            throw reader.malformed("split over several disks")
        }
        guard let count = Int(exactly: counts.1), count <= ZipDirectory.maximumEntries else {
            throw reader.malformed("\(counts.1) members")
        }
        return (count, try reader.size64("its size"), try reader.size64("its offset"), start)
    }
}
