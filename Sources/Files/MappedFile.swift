#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A whole regular file mapped read-only into memory (`MAP_PRIVATE`), unmapped with the last reference.
///
/// Nothing is copied, and pages that are not touched cost no memory. A file that another program shortens while it is
/// mapped makes the next read of the lost pages a bus error, which cannot be caught: replace such files by renaming
/// (`AtomicFile`), never by overwriting.
package final class MappedFile: Sendable {
    /// How the mapping will be read, which decides the size of its pages.
    package enum Access: Sendable {
        /// Long runs, such as weights: huge pages where the file system has them.
        case sequential
        /// Scattered table look-ups: small pages, because a huge one per look-up would make most of the file resident.
        case scattered
    }

    /// The path as given.
    package let path: String
    /// The file's length in bytes; at least 1.
    package let byteCount: Int

    nonisolated(unsafe) private let base: UnsafeRawPointer

    /// Maps a regular file.
    ///
    /// - Throws: `FileError`: `notFound`, `notRegular`, `empty`, or `cannotRead` where the system refuses.
    package init(path: String, access: Access = .sequential) throws(FileError) {
        let descriptor = try RegularFile.open(path)
        defer { SystemCalls.close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .cannotRead(path: path, reason: SystemCalls.message(errno))
        }
        let count = Int(status.st_size)
        guard count > 0 else { throw .empty(path: path) }
        guard let address = Self.map(descriptor, count, access) else {
            throw .cannotRead(path: path, reason: "mapping \(count) bytes: \(SystemCalls.message(errno))")
        }
        self.path = path
        byteCount = count
        base = UnsafeRawPointer(address)
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: base), byteCount)
    }

    /// Bytes of a huge page; mappings of large files begin at a multiple of it.
    package static let hugePageBytes = 2 << 20

    /// Maps a descriptor's first `count` bytes; nil with `errno` set when that fails.
    private static func map(_ descriptor: Int32, _ count: Int, _ access: Access) -> UnsafeMutableRawPointer? {
        #if os(Linux)
            if access == .sequential, count >= 2 * hugePageBytes { return mapAligned(descriptor, count) }
        #endif
        guard let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED
        else { return nil }
        #if os(Linux)
            if access == .scattered { madvise(address, count, Int32(MADV_NOHUGEPAGE)) }
        #endif
        return address
    }

    #if os(Linux)
        /// Maps a large file at a multiple of the huge page size and requests huge pages. Where the file system keeps
        /// the file in pieces of that size (ext4 since Linux 6.16, XFS; `AtomicFile` writes such pieces), a page fault
        /// maps 2 MiB instead of 64 KiB, so that releasing weights and reading them again is cheap. Elsewhere it
        /// changes nothing.
        private static func mapAligned(_ descriptor: Int32, _ count: Int) -> UnsafeMutableRawPointer? {
            let reserved = count + hugePageBytes
            let area = mmap(nil, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            guard let area, area != MAP_FAILED else { return nil }
            let lead = -Int(bitPattern: area) & (hugePageBytes - 1)
            let start = area + lead
            guard mmap(start, count, PROT_READ, MAP_PRIVATE | MAP_FIXED, descriptor, 0) != MAP_FAILED else {
                let reason = errno
                munmap(area, reserved)
                errno = reason
                return nil
            }
            // The parts of the reservation before and behind the file.
            let mapped = (count + pageBytes - 1) / pageBytes * pageBytes
            if lead > 0 { munmap(area, lead) }
            if reserved > lead + mapped { munmap(start + mapped, reserved - lead - mapped) }
            madvise(start, count, Int32(MADV_HUGEPAGE))
            return start
        }
    #endif

    private static let pageBytes = Int(sysconf(Int32(_SC_PAGESIZE)))

    // MARK: - Reading

    /// Passes the whole file's bytes to `body`; the pointer must not escape it.
    package func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: base, count: byteCount))
    }

    /// The bytes of a range, valid as long as this object lives.
    ///
    /// - Precondition: the range is inside the file.
    package func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= byteCount,
            "MappedFile.bytes: \(range) of \(byteCount)")
        return UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
    }

    /// Passes a range to `body` in pieces, in order, and releases the pages of each piece after it: for checksums, which
    /// must not make the whole file resident. Pieces end at multiples of `pieceBytes` in the file.
    package func readInPieces<E: Error>(
        _ range: Range<Int>, of pieceBytes: Int = 1 << 18, _ body: (UnsafeRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        var first = range.lowerBound
        while first < range.upperBound {
            let end = min((first / pieceBytes + 1) * pieceBytes, range.upperBound)
            try body(bytes(first..<end))
            releasePages(of: first..<end)
            first = end
        }
    }

    /// Runs `body`, which reads a few bytes at many offsets, with read-ahead switched off. The headers of a zip's members
    /// are such reads: with read-ahead they would bring in most of a file that is not cached.
    package func withoutReadAhead<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
        let address = UnsafeMutableRawPointer(mutating: base)
        madvise(address, byteCount, Int32(MADV_RANDOM))
        defer { madvise(address, byteCount, Int32(MADV_NORMAL)) }
        return try body()
    }

    // MARK: - Residency

    /// Releases the resident pages; a later access reads them from the file again. For files whose contents have been
    /// copied into another layout, so that they do not count twice.
    package func releasePages() {
        madvise(UnsafeMutableRawPointer(mutating: base), byteCount, Int32(MADV_DONTNEED))
    }

    /// Releases the whole pages inside a range.
    package func releasePages(of range: Range<Int>) {
        let first = (range.lowerBound + Self.pageBytes - 1) / Self.pageBytes * Self.pageBytes
        let end = range.upperBound / Self.pageBytes * Self.pageBytes
        guard first < end, end <= byteCount else { return }
        madvise(UnsafeMutableRawPointer(mutating: base) + first, end - first, Int32(MADV_DONTNEED))
    }
}
