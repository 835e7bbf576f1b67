#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Opening files by path without being led to pipes, devices or directories, and writing them atomically.
package enum RegularFile {
    /// Opens `path` for reading and returns a descriptor that the caller owns.
    ///
    /// Non-blocking, because opening a pipe would otherwise wait for its writer before the kind of file is known;
    /// the kind is asked of the open descriptor, so the path cannot be swapped in between.
    package static func openForReading(_ path: String) throws(AudioError) -> Int32 {
        // A C string ends at its first NUL: "a.wav\0b" would open another file than it names.
        guard !path.utf8.contains(0), !path.isEmpty else { throw .fileNotFound(path: path) }
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else {
            let failure = errno
            if failure == ENOENT || failure == ENOTDIR { throw .fileNotFound(path: path) }
            if failure == ENXIO { throw .notARegularFile(path: path, kind: "device or socket") }
            throw .cannotOpen(path: path, reason: message(of: failure))
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let failure = errno
            close(descriptor)
            throw .cannotOpen(path: path, reason: message(of: failure))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .notARegularFile(path: path, kind: kind(ofMode: status.st_mode))
        }
        return descriptor
    }

    /// Writes `bytes` to `path` so that readers see the old content or all of the new, never a part.
    static func writeAtomically(_ bytes: [UInt8], to path: String) throws(AudioError) {
        guard !path.utf8.contains(0), !path.isEmpty else {
            throw .writeFailed(path: path, reason: "not a file name")
        }
        let (descriptor, temporary) = try createNeighbour(of: path)
        var failure = writeAll(bytes, to: descriptor)
        if close(descriptor) != 0, failure == nil { failure = errno }
        if failure == nil, rename(temporary, path) != 0 { failure = errno }
        if let failure {
            unlink(temporary)
            throw .writeFailed(path: path, reason: message(of: failure))
        }
    }

    /// A new, empty file beside `path`: renaming is atomic only within one file system.
    private static func createNeighbour(of path: String) throws(AudioError) -> (Int32, String) {
        var failure = EEXIST
        for _ in 0..<16 {
            let suffix = String(UInt64.random(in: 0...UInt64.max), radix: 36)
            let temporary = "\(path).\(suffix).partial"
            let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            if descriptor >= 0 { return (descriptor, temporary) }
            failure = errno
            guard failure == EEXIST else { break }
        }
        throw .writeFailed(path: path, reason: message(of: failure))
    }

    /// The error number of a failed write, nil when every byte went out.
    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
        bytes.withUnsafeBytes { all in
            var done = 0
            while done < all.count {
                let rest = UnsafeRawBufferPointer(rebasing: all[done...])
                let count = write(descriptor, rest.baseAddress, rest.count)
                if count > 0 {
                    done += count
                } else if count == 0 || errno != EINTR {
                    return count == 0 ? ENOSPC : errno
                }
            }
            return nil
        }
    }

    private static func kind(ofMode mode: mode_t) -> String {
        switch mode & S_IFMT {
        case S_IFDIR: "directory"
        case S_IFIFO: "pipe"
        case S_IFCHR, S_IFBLK: "device"
        case S_IFSOCK: "socket"
        default: "special file"
        }
    }

    private static func message(of failure: Int32) -> String {
        String(cString: strerror(failure))
    }
}
