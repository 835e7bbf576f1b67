import Foundation
import Glibc

/// A hidden folder in which a voice is put together before it gets its name. Everything in it is on the disk before that.
///
/// The folder is locked while its process lives, so that the sweep of another server on the same folder leaves it alone.
final class StagedFolder {
    static let prefix = ".new-"
    /// The hidden folder.
    let path: String
    private let descriptor: Int32

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    /// Makes an empty one in `folder`, which is made if it is missing.
    static func make(in folder: String) throws -> StagedFolder {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for _ in 0..<8 {
            let path = "\(folder)/\(Self.prefix)\(UUID().uuidString)"
            guard mkdir(path, 0o777) == 0 else { throw FileSystemFailure(path) }
            let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            // A sweep can come between the two calls.
            if descriptor < 0, errno == ENOENT { continue }
            guard descriptor >= 0 else { throw FileSystemFailure(path) }
            let isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK
            if isLocked, FileStatus(path) != nil { return StagedFolder(path: path, descriptor: descriptor) }
            close(descriptor)
        }
        throw FileSystemFailure(folder, EAGAIN)
    }

    /// Removes what has not been moved away.
    deinit {
        Glibc.close(descriptor)
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file onto the disk.
    func write(_ bytes: [UInt8], to name: String) throws(FileSystemFailure) {
        let file = "\(path)/\(name)"
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard descriptor >= 0 else { throw FileSystemFailure(file) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw FileSystemFailure(file)
            }
        }
        guard fsync(descriptor) == 0 else { throw FileSystemFailure(file) }
    }

    /// Takes over what `folder` has: files as hard links, so that weights are neither copied nor at risk, and folders anew.
    ///
    /// - Parameter isLeftOut: names in `folder` that are not taken.
    func adopt(_ folder: String, except isLeftOut: (String) -> Bool) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where !isLeftOut(name) {
            try Self.link("\(folder)/\(name)", to: "\(path)/\(name)")
        }
    }

    private static func link(_ source: String, to target: String) throws {
        var status = stat()
        guard lstat(source, &status) == 0 else { throw FileSystemFailure(source) }
        if status.st_mode & S_IFMT == S_IFDIR {
            guard mkdir(target, status.st_mode & 0o7777) == 0 else { throw FileSystemFailure(target) }
            for name in try FileManager.default.contentsOfDirectory(atPath: source) {
                try link("\(source)/\(name)", to: "\(target)/\(name)")
            }
            try flush(target)
            return
        }
        // The link itself is taken over, not what it leads to.
        if linkat(AT_FDCWD, source, AT_FDCWD, target, 0) == 0 { return }
        guard [EXDEV, EPERM, EMLINK, ENOTSUP].contains(errno) else { throw FileSystemFailure(target) }
        try FileManager.default.copyItem(atPath: source, toPath: target)
        if status.st_mode & S_IFMT == S_IFREG { try flush(target) }
    }

    /// Writes the folder's own content, its names, onto the disk.
    func flush() throws(FileSystemFailure) { try Self.flush(path) }

    static func flush(_ path: String) throws(FileSystemFailure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileSystemFailure(path) }
        defer { close(descriptor) }
        // Some file systems cannot flush a folder.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw FileSystemFailure(path) }
    }

    /// Removes hidden folders of processes that were killed, and restores what they had moved aside.
    static func sweep(_ folder: String) {
        let manager = FileManager.default
        for name in (try? manager.contentsOfDirectory(atPath: folder)) ?? [] {
            let path = "\(folder)/\(name)"
            guard isOwnName(name) else { continue }
            let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { continue }
            // A backup whose voice has a successor is no longer needed; anything else in it stays.
            if name.hasPrefix(FolderExchange.backupPrefix) { FolderExchange.restore(path, in: folder) }
            try? manager.removeItem(atPath: path)
        }
    }

    /// Whether `name` is one that this server gives its hidden folders: a prefix and a UUID. Folders of other names are
    /// not touched.
    private static func isOwnName(_ name: String) -> Bool {
        [prefix, VoiceWriter.removedPrefix, FolderExchange.backupPrefix].contains { prefix in
            name.hasPrefix(prefix) && UUID(uuidString: String(name.dropFirst(prefix.count))) != nil
        }
    }

    /// Moves what `old` has and `new` lacks into `new`: files that another process wrote into a voice's folder while the
    /// folder was being replaced.
    static func adoptLateFiles(of old: String, into new: String, except isLeftOut: (String) -> Bool) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: old)) ?? []
        for name in names where !isLeftOut(name) {
            try? FolderExchange.move("\(old)/\(name)", to: "\(new)/\(name)")
        }
    }
}
