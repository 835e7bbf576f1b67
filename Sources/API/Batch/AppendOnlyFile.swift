import Glibc

/// A file that only grows, locked against other writers until it is closed or the process ends.
///
/// Every record is one write to the end: a killed process leaves whole records, and at most one that is cut off.
struct AppendOnlyFile {
    /// The path as given.
    let path: String
    private let descriptor: Int32

    /// Opens the file, which is created if it does not exist. A symbolic link is refused.
    ///
    /// - Returns: nil if another process has the lock.
    static func open(_ path: String) throws(BatchError) -> AppendOnlyFile? {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard descriptor >= 0 else {
            throw BatchError(cannotWrite: path, reason: String(cString: strerror(errno)))
        }
        // On a file system without locks there are none to respect.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
            Glibc.close(descriptor)
            return nil
        }
        return AppendOnlyFile(path: path, descriptor: descriptor)
    }

    private init(path: String, descriptor: Int32) { (self.path, self.descriptor) = (path, descriptor) }

    /// Writes all of `bytes` to the end.
    func append(_ bytes: [UInt8]) throws(BatchError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw BatchError(cannotWrite: path, reason: String(cString: strerror(errno)))
            }
        }
    }

    /// Closes the file and releases the lock.
    func close() { _ = Glibc.close(descriptor) }
}

extension BatchError {
    /// The error of a file that the operating system refuses to write.
    init(cannotWrite path: String, reason: String) {
        self.init(description: "\(path) cannot be written: \(reason)")
    }
}
