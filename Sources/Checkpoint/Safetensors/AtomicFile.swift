#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that takes its name only when it is complete: written beside its place, then renamed. Dropped without
/// `commit`, it leaves nothing behind.
///
/// Written in pieces of a huge page at multiples of it: file systems with large pages in their cache keep such pieces
/// whole, and `MappedFile` maps them with one fault.
final class AtomicFile {
    private let path: String
    private let temporaryPath: String
    private var descriptor: Int32
    /// What is not written yet, less than a piece.
    private var pending: [UInt8] = []

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
        let result = bytes.withUnsafeBytes { (bytes) -> Result<Void, CheckpointError> in
            Result { () throws(CheckpointError) in try write(bytes) }
        }
        try result.get()
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = rest.prefix(MappedFile.hugePage - pending.count)
            rest = rest.dropFirst(part.count)
            pending += part
            if pending.count == MappedFile.hugePage { try flush() }
        }
    }

    /// Flushes the file to the disk and gives it its name.
    func commit() throws(CheckpointError) {
        try flush()
        guard fsync(descriptor) == 0 else { throw Self.error(path) }
        guard rename(temporaryPath, path) == 0 else { throw Self.error(path) }
        close(descriptor)
        descriptor = -1
    }

    private func flush() throws(CheckpointError) {
        guard pending.withUnsafeBytes({ write(all: $0) }) else { throw Self.error(path) }
        pending.removeAll(keepingCapacity: true)
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
