import Foundation
import Glibc

/// The operation of the file system that failed, with its error number.
struct FileSystemFailure: Error, Sendable, Equatable, CustomStringConvertible {
    let path: String
    let code: Int32

    init(_ path: String, _ code: Int32 = errno) {
        self.path = path
        self.code = code
    }

    var description: String { "\(path): \(String(cString: strerror(code)))" }
}

/// Puts a folder in another's place, so that a process that is killed leaves the old one or the new one.
enum FolderExchange {
    /// Folders of this prefix hold, under its name, a folder that was being replaced without `renameat2`.
    static let backupPrefix = ".backup-"

    private typealias RenameAt2 =
        @convention(c) (
            Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
        ) -> Int32
    private static let noReplace: UInt32 = 1, exchange: UInt32 = 2

    /// glibc has it since 2.28, but declares it for GNU sources only, which Swift's importer is not.
    private static func renameAt2(_ from: String, _ to: String, _ flags: UInt32) -> Int32 {
        guard let symbol = dlsym(nil, "renameat2") else { return ENOSYS }
        let function = unsafeBitCast(symbol, to: RenameAt2.self)
        return function(AT_FDCWD, from, AT_FDCWD, to, flags) == 0 ? 0 : errno
    }

    /// Gives the folder `from` the name `to`, which must be free.
    ///
    /// - Throws: `FileSystemFailure` with `EEXIST` if it is not.
    static func move(_ from: String, to target: String) throws(FileSystemFailure) {
        switch renameAt2(from, target, noReplace) {
        case 0: return
        case EINVAL, ENOSYS, ENOTSUP:
            // File systems without the flag: a folder replaces an empty folder only, so nothing is lost.
            guard rename(from, target) == 0 else {
                throw FileSystemFailure(target, errno == ENOTEMPTY ? EEXIST : errno)
            }
        case let code: throw FileSystemFailure(target, code)
        }
    }

    /// Exchanges the folders `new` and `target`, in one step where the file system can (ext4, xfs, btrfs, tmpfs, overlay).
    ///
    /// Elsewhere (NFS, some FUSE file systems) the old folder is moved aside first. A process that is killed between the
    /// two steps leaves it in a folder of the prefix `backupPrefix`, from which ``restore(in:)`` takes it.
    ///
    /// - Returns: the path of the old folder.
    static func exchange(_ new: String, with target: String) throws(FileSystemFailure) -> String {
        switch renameAt2(new, target, exchange) {
        case 0: return new
        case EINVAL, ENOSYS, ENOTSUP: return try moveAside(new, target)
        case let code: throw FileSystemFailure(target, code)
        }
    }

    static func moveAside(_ new: String, _ target: String) throws(FileSystemFailure) -> String {
        let (folder, name) = parts(target)
        let backup = "\(folder)/\(backupPrefix)\(UUID().uuidString)"
        guard mkdir(backup, 0o777) == 0 else { throw FileSystemFailure(backup) }
        guard rename(target, "\(backup)/\(name)") == 0 else {
            let failure = FileSystemFailure(target)
            rmdir(backup)
            throw failure
        }
        guard rename(new, target) == 0 else {
            let failure = FileSystemFailure(target)
            _ = rename("\(backup)/\(name)", target)
            rmdir(backup)
            throw failure
        }
        return backup
    }

    /// Moves folders that a killed process had moved aside back to their names in `folder`, where those are free. A name
    /// that is taken has the folder's successor.
    static func restore(_ backup: String, in folder: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: backup)) ?? []
        for name in names { try? move("\(backup)/\(name)", to: "\(folder)/\(name)") }
    }

    private static func parts(_ path: String) -> (folder: Substring, name: Substring) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path[...]) }
        return (path[..<slash], path[path.index(after: slash)...])
    }
}
