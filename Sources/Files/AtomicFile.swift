#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that appears under its name only when it is complete.
///
/// The bytes go to a hidden temporary file, `.NAME.….partial`, which `commit` renames. Guarantees:
///
/// - Readers of the name see the old file or all of the new one, never a part, whatever happens to this process.
/// - Dropped without `commit`, or after an error, the temporary file is removed. A killed process can leave one behind; with
///   `Temporary.reused` the next writer of the same name overwrites it.
/// - What a machine that loses power leaves depends on `Durability`.
/// - `Existing.kept` never replaces a file, not even one that appears between the start and the commit.
///
/// The temporary file is in the same folder because renaming is atomic within one file system only.
package final class AtomicFile {
    /// What survives a loss of power after `commit`.
    package enum Durability: Sendable {
        /// Nothing is flushed: the old contents, the new ones or an empty file.
        case none
        /// The contents are flushed before the rename: the old or the new file, never a part of one.
        case contents
        /// The folder is flushed as well: the new file.
        case contentsAndName
    }

    /// What `commit` does where a file of the name exists.
    package enum Existing: Sendable {
        /// The file is replaced; a symbolic link is, not what it leads to.
        case replaced
        /// The file is kept and `alreadyExists` thrown.
        case kept
    }

    /// How the temporary file is named.
    package enum Temporary: Sendable {
        /// By process and a random number: any number of writers at the same time.
        case unique
        /// `.NAME.partial`: for a single writer at a time, which removes the remains of a killed one.
        case reused
    }

    /// The guarantees of one file.
    package struct Options: Sendable {
        /// What survives a loss of power.
        package var durability = Durability.none
        /// What happens to an existing file.
        package var existing = Existing.replaced
        /// The temporary file's name.
        package var temporary = Temporary.unique
        /// Permissions of the new file, before the process's umask.
        package var permissions: UInt32 = 0o666
        /// Bytes per write, at multiples of it in the file. File systems with large pages in their cache keep pieces of
        /// 2 MiB whole, so that `MappedFile` maps them with one fault; files of scattered access want small pieces.
        package var pieceBytes = MappedFile.hugePageBytes

        /// Replaces an existing file, flushes nothing.
        package init(
            durability: Durability = .none, existing: Existing = .replaced, temporary: Temporary = .unique,
            permissions: UInt32 = 0o666, pieceBytes: Int = MappedFile.hugePageBytes
        ) {
            self.durability = durability
            self.existing = existing
            self.temporary = temporary
            self.permissions = permissions
            self.pieceBytes = pieceBytes
        }
    }

    private let path: String
    private let options: Options
    private let temporaryPath: String
    private var descriptor: Int32 = -1
    /// Bytes that do not fill a piece yet.
    private var pending: [UInt8] = []

    /// Creates the temporary file of `path`.
    ///
    /// - Throws: `cannotWrite`; `alreadyExists` where an existing file is kept.
    package init(path: String, _ options: Options = Options()) throws(FileError) {
        guard !SystemCalls.name(of: path).isEmpty, !path.utf8.contains(0) else {
            throw .cannotWrite(path: path, reason: "not a file name")
        }
        precondition(options.pieceBytes > 0, "AtomicFile: pieces of \(options.pieceBytes) bytes")
        self.path = path
        self.options = options
        var status = stat()
        if options.existing == .kept, lstat(path, &status) == 0 { throw .alreadyExists(path: path) }
        let unique = "\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
        let name = "." + SystemCalls.name(of: path) + (options.temporary == .unique ? ".\(unique)" : "")
        temporaryPath = SystemCalls.folder(of: path) + "/" + name + ".partial"
        let creation = options.temporary == .unique ? O_EXCL : O_TRUNC
        descriptor = SystemCalls.open(
            temporaryPath, O_WRONLY | O_CREAT | creation | O_CLOEXEC | O_NOFOLLOW,
            permissions: mode_t(options.permissions))
        guard descriptor >= 0 else { throw failure(errno) }
    }

    deinit { discard() }

    /// Appends bytes.
    package func write(_ bytes: [UInt8]) throws(FileError) {
        let result = bytes.withUnsafeBytes { (bytes) -> Result<Void, FileError> in
            Result { () throws(FileError) in try write(bytes) }
        }
        try result.get()
    }

    /// Appends bytes.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = rest.prefix(options.pieceBytes - pending.count)
            rest = rest.dropFirst(part.count)
            pending += part
            if pending.count == options.pieceBytes { try flush() }
        }
    }

    /// Gives the file its name.
    ///
    /// - Throws: `cannotWrite`, `alreadyExists`; then no temporary file is left, and the file of the name is the old one, unless
    ///   flushing the folder is what failed.
    package func commit() throws(FileError) {
        try flush()
        if options.durability != .none, fsync(descriptor) != 0 { throw failure(errno) }
        // Network file systems report failed writes when the file is closed.
        let closed = SystemCalls.close(descriptor)
        descriptor = -1
        if closed != 0 {
            unlink(temporaryPath)
            throw failure(closed)
        }
        try rename()
        if options.durability == .contentsAndName { try flushFolder() }
    }

    /// Writes a whole file; see `Options` for the guarantees.
    package static func write(
        _ bytes: [UInt8], to path: String, _ options: Options = Options()
    ) throws(FileError) {
        let file = try AtomicFile(path: path, options)
        try file.write(bytes)
        try file.commit()
    }

    private func rename() throws(FileError) {
        let renamed =
            switch options.existing {
            case .replaced: Self.rename(temporaryPath, path)
            // A link fails where the name exists, atomically, unlike a check followed by a rename.
            case .kept: link(temporaryPath, path)
            }
        let reason = errno
        if renamed != 0 || options.existing == .kept { unlink(temporaryPath) }
        guard renamed == 0 else {
            throw reason == EEXIST && options.existing == .kept ? .alreadyExists(path: path) : failure(reason)
        }
    }

    private static func rename(_ from: String, _ to: String) -> Int32 {
        #if canImport(Glibc)
            Glibc.rename(from, to)
        #elseif canImport(Musl)
            Musl.rename(from, to)
        #else
            Darwin.rename(from, to)
        #endif
    }

    private func flushFolder() throws(FileError) {
        let folder = SystemCalls.open(SystemCalls.folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        // A folder that may be written to but not read cannot be flushed.
        guard folder >= 0 else { return }
        defer { SystemCalls.close(folder) }
        // Some file systems have no such operation.
        if fsync(folder) != 0, ![EINVAL, ENOTSUP, ENOSYS].contains(errno) { throw failure(errno) }
    }

    private func flush() throws(FileError) {
        let error = pending.withUnsafeBytes { SystemCalls.write($0, to: descriptor) }
        guard error == 0 else {
            discard()
            throw failure(error)
        }
        pending.removeAll(keepingCapacity: true)
    }

    private func discard() {
        guard descriptor >= 0 else { return }
        SystemCalls.close(descriptor)
        descriptor = -1
        unlink(temporaryPath)
    }

    private func failure(_ error: Int32) -> FileError {
        .cannotWrite(path: path, reason: SystemCalls.message(error))
    }
}
