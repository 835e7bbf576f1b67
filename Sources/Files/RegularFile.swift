#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Opening and reading of regular files only: a path that leads to a pipe, device, socket or directory is refused
/// without blocking, and the kind is determined on the open descriptor, so that the path cannot be exchanged between
/// the check and the use.
package enum RegularFile {
    /// What happens to a symbolic link as the last component of a path.
    package enum Links: Sendable {
        /// It is followed; what it leads to must be a regular file.
        case followed
        /// It is refused: for folders that other users can write to.
        case refused
    }

    /// Opens `path` for reading and returns a descriptor that the caller owns.
    ///
    /// - Throws: `notFound`, `notRegular`, `cannotRead`.
    package static func open(_ path: String, links: Links = .followed) throws(FileError) -> Int32 {
        // A C string ends at its first NUL: "a.wav\0b" would open another file than it names.
        guard !path.isEmpty, !path.utf8.contains(0) else { throw .notFound(path: path) }
        // O_NONBLOCK: opening a pipe must not wait for its writer.
        var flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY
        if links == .refused { flags |= O_NOFOLLOW }
        let descriptor = SystemCalls.open(path, flags)
        guard descriptor >= 0 else {
            if errno == ELOOP, links == .refused { throw .notRegular(path: path, kind: "symbolic link") }
            throw failure(errno, path)
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let failure = errno
            SystemCalls.close(descriptor)
            throw .cannotRead(path: path, reason: SystemCalls.message(failure))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            SystemCalls.close(descriptor)
            throw .notRegular(path: path, kind: kind(of: status.st_mode))
        }
        return descriptor
    }

    /// All bytes of the file at `path`, at most `limitBytes`.
    ///
    /// - Throws: as `open`, and `tooLarge`; a file that grows while it is read is cut off by the same limit.
    package static func read(
        _ path: String, limitBytes: Int, links: Links = .followed
    ) throws(FileError) -> [UInt8] {
        let descriptor = try open(path, links: links)
        defer { SystemCalls.close(descriptor) }
        return try readAll(descriptor, path, limitBytes: limitBytes)
    }

    /// All bytes of a file of any kind but a folder, at most `limitBytes`. Blocks until the writer of a pipe closes it: only
    /// for files that the operator names, such as `<(pass show key)`.
    ///
    /// - Throws: `notFound`, `notRegular` for a folder, `tooLarge`, `cannotRead`.
    package static func readAnyKind(_ path: String, limitBytes: Int) throws(FileError) -> [UInt8] {
        guard !path.isEmpty, !path.utf8.contains(0) else { throw .notFound(path: path) }
        let descriptor = SystemCalls.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw failure(errno, path) }
        defer { SystemCalls.close(descriptor) }
        return try readAll(descriptor, path, limitBytes: limitBytes)
    }

    private static func readAll(
        _ descriptor: Int32, _ path: String, limitBytes: Int
    ) throws(FileError) -> [UInt8] {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(errno, path) }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw failure(EISDIR, path) }
        guard Int(status.st_size) <= limitBytes else { throw .tooLarge(path: path, limitBytes: limitBytes) }
        // One byte more than expected, to notice growth. Pipes and files of /proc have a size of 0.
        let capacity = min(max(Int(status.st_size), 1 << 16), limitBytes) + 1
        var error: Int32 = 0
        var bytes: [UInt8] = []
        while true {
            let part = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                count = SystemCalls.read(descriptor, into: UnsafeMutableRawBufferPointer(buffer)) ?? -1
                if count < 0 { (error, count) = (errno, 0) }
            }
            guard error == 0 else { throw failure(error, path) }
            bytes = bytes.isEmpty ? part : bytes + part
            guard bytes.count <= limitBytes else { throw .tooLarge(path: path, limitBytes: limitBytes) }
            if part.count < capacity { return bytes }
        }
    }

    private static func failure(_ error: Int32, _ path: String) -> FileError {
        switch error {
        case ENOENT, ENOTDIR: .notFound(path: path)
        case ENXIO: .notRegular(path: path, kind: "device or socket")
        case EISDIR: .notRegular(path: path, kind: "directory")
        default: .cannotRead(path: path, reason: SystemCalls.message(error))
        }
    }

    /// Size in bytes of the regular file at `path`; nil where there is none. A symbolic link is none.
    package static func size(_ path: String) -> Int? {
        var status = stat()
        guard !path.utf8.contains(0), lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        return Int(status.st_size)
    }

    /// The kind of a file that is not a regular one, for messages.
    static func kind(of mode: mode_t) -> String {
        switch mode & S_IFMT {
        case S_IFDIR: "directory"
        case S_IFIFO: "pipe"
        case S_IFCHR, S_IFBLK: "device"
        case S_IFSOCK: "socket"
        case S_IFLNK: "symbolic link"
        default: "special file"
        }
    }
}
