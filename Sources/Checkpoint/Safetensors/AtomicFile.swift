#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that takes its name only when it is complete: written beside its place, then renamed. Dropped without
/// `commit`, it leaves nothing behind.
final class AtomicFile {
    private let path: String
    private let temporaryPath: String
    private var descriptor: Int32

    init(path: String) throws(CheckpointError) {
        self.path = path
        temporaryPath = "\(path).\(getpid())-\(UInt32.random(in: 0 ... .max)).partial"
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.error(path) }
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(temporaryPath)
    }

    func write(_ bytes: [UInt8]) throws(CheckpointError) {
        let done = bytes.withUnsafeBytes { write(all: $0) }
        guard done else { throw Self.error(path) }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
        guard write(all: bytes) else { throw Self.error(path) }
    }

    /// Flushes the file to the disk and gives it its name.
    func commit() throws(CheckpointError) {
        guard fsync(descriptor) == 0 else { throw Self.error(path) }
        guard rename(temporaryPath, path) == 0 else { throw Self.error(path) }
        close(descriptor)
        descriptor = -1
    }

    private func write(all bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        var written = 0
        while written < bytes.count {
            #if canImport(Glibc)
                let count = Glibc.write(descriptor, base + written, bytes.count - written)
            #else
                let count = Darwin.write(descriptor, base + written, bytes.count - written)
            #endif
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }

    private static func error(_ path: String) -> CheckpointError {
        .cannotWrite(path: path, reason: String(cString: strerror(errno)))
    }
}
