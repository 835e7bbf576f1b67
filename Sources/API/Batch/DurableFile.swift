import Glibc

/// Files that are whole whenever they are there, even if the program is killed or the machine stops.
enum DurableFile {
    /// Writes `bytes` to `name` in `folder`: to a hidden name, onto the disk, and only then under its own.
    static func write(_ bytes: [UInt8], to name: String, in folder: String) throws(BatchError) {
        let (path, partial) = ("\(folder)/\(name)", "\(folder)/.\(name).partial")
        let descriptor = Glibc.open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard descriptor >= 0 else { throw failure(path) }
        do throws(BatchError) {
            try append(bytes, to: descriptor, path)
            guard fsync(descriptor) == 0 else { throw failure(path) }
        } catch {
            close(descriptor)
            unlink(partial)
            throw error
        }
        guard Glibc.close(descriptor) == 0, rename(partial, path) == 0 else { throw failure(path) }
        // The name itself is the folder's content.
        let parent = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if parent >= 0 {
            fsync(parent)
            close(parent)
        }
    }

    /// A descriptor that adds to the end of a file, which is made if it isn't there.
    static func openToAppend(_ path: String) throws(BatchError) -> Int32 {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard descriptor >= 0 else { throw failure(path) }
        return descriptor
    }

    /// Whether this process alone has the file now, until it closes it or ends.
    static func lock(_ descriptor: Int32) -> Bool {
        // A file system without locks lets everybody in.
        flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK
    }

    /// Writes all of `bytes`.
    static func append(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(BatchError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw failure(path)
            }
        }
    }

    /// Gives a descriptor back.
    static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

    /// Bytes of a regular file; nil if there is none.
    static func size(_ path: String) -> Int? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    private static func failure(_ path: String) -> BatchError {
        BatchError(description: "\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
}
