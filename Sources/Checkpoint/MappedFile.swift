import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A whole file mapped read-only into memory (`MAP_PRIVATE`), unmapped when the last reference goes.
///
/// Tensors point into it, so nothing is copied at load and untouched weights cost no memory. The price is
/// the operating system's: a file that another program cuts short while it is mapped makes the next read of
/// the lost pages a bus error. Replace model files by renaming, never by overwriting.
public final class MappedFile: Sendable {
    /// The path as given.
    public let path: String
    /// The file's length in bytes; at least 1.
    public let byteCount: Int

    nonisolated(unsafe) private let base: UnsafeRawPointer

    /// Maps a regular file.
    ///
    /// - Throws: `CheckpointError.cannotOpen` when the file is missing, unreadable, empty, not a regular file,
    ///   or cannot be mapped.
    public init(path: String) throws(CheckpointError) {
        guard !path.utf8.contains(0) else {
            throw CheckpointError.cannotOpen(path: path, reason: "the path contains a zero byte")
        }
        // O_NONBLOCK: opening a pipe must not wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw CheckpointError.cannotOpen(path: path, reason: Self.lastError())
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw CheckpointError.cannotOpen(path: path, reason: Self.lastError())
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw CheckpointError.cannotOpen(path: path, reason: "not a regular file")
        }
        let count = Int(status.st_size)
        guard count > 0 else {
            throw CheckpointError.cannotOpen(path: path, reason: "the file is empty")
        }
        guard let address = Self.map(descriptor, count) else {
            throw CheckpointError.cannotOpen(
                path: path, reason: "mapping \(count) bytes: \(Self.lastError())")
        }
        self.path = path
        byteCount = count
        base = UnsafeRawPointer(address)
    }

    /// Bytes of a huge page, and where mappings of large files begin at a multiple of it.
    static let hugePage = 2 << 20

    /// Maps a descriptor's first `count` bytes; nil with `errno` when that fails.
    ///
    /// A large file begins at a huge page's multiple, and huge pages are asked for: where the file system keeps the file
    /// in pieces of that size (ext4 since Linux 6.16, XFS; `AtomicFile` writes such pieces), a fault maps 2 MiB instead of
    /// 64 KiB, so that letting weights go and reading them again costs next to nothing. Elsewhere it changes nothing.
    private static func map(_ descriptor: Int32, _ count: Int) -> UnsafeMutableRawPointer? {
        #if os(Linux)
            if count >= 2 * hugePage {
                let reserved = count + hugePage
                let place = mmap(nil, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                guard let place, place != MAP_FAILED else { return nil }
                let lead = -Int(bitPattern: place) & (hugePage - 1)
                let start = place + lead
                guard mmap(start, count, PROT_READ, MAP_PRIVATE | MAP_FIXED, descriptor, 0) != MAP_FAILED
                else {
                    let reason = errno
                    munmap(place, reserved)
                    errno = reason
                    return nil
                }
                // What was reserved before and behind it.
                let page = Int(sysconf(Int32(_SC_PAGESIZE)))
                let mapped = (count + page - 1) / page * page
                if lead > 0 { munmap(place, lead) }
                if reserved > lead + mapped { munmap(start + mapped, reserved - lead - mapped) }
                madvise(start, count, Int32(MADV_HUGEPAGE))
                return start
            }
        #endif
        let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
        return address == MAP_FAILED ? nil : address
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: base), byteCount)
    }

    /// Gives the whole file's bytes to `body`; the pointer must not leave it.
    public func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: base, count: byteCount))
    }

    /// Lets go of the pages that were read so far; a later access brings them back from the file. For files whose
    /// weights have been copied into another layout, so that they don't count twice.
    public func releasePages() {
        madvise(UnsafeMutableRawPointer(mutating: base), byteCount, Int32(MADV_DONTNEED))
    }

    /// Lets go of the whole pages inside a range.
    func releasePages(of range: Range<Int>) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let first = (range.lowerBound + page - 1) / page * page
        let end = range.upperBound / page * page
        guard first < end, end <= byteCount else { return }
        madvise(UnsafeMutableRawPointer(mutating: base) + first, end - first, Int32(MADV_DONTNEED))
    }

    /// Runs `body`, which reads a little in many places, without the system reading ahead around each of them.
    /// A zip's member headers are such places: read ahead, they would bring in most of a file that is not cached.
    func withoutReadAhead<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
        let address = UnsafeMutableRawPointer(mutating: base)
        madvise(address, byteCount, Int32(MADV_RANDOM))
        defer { madvise(address, byteCount, Int32(MADV_NORMAL)) }
        return try body()
    }

    /// The bytes of a range that was checked before; valid as long as this object lives.
    func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= byteCount,
            "MappedFile.bytes: \(range) of \(byteCount)")
        return UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
    }

    private static func lastError() -> String {
        String(cString: strerror(errno))
    }
}
