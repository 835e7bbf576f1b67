/// Why a file could not be opened, read or written. Every case carries the path.
package enum FileError: Error, Sendable, Equatable {
    /// No file of that name, or the path is no file name (empty, or with a NUL in it).
    case notFound(path: String)
    /// A directory, pipe, device, socket or symbolic link where a regular file is required.
    case notRegular(path: String, kind: String)
    /// The file exceeds the number of bytes that the caller accepts.
    case tooLarge(path: String, limitBytes: Int)
    /// The file holds no bytes, where at least one is required.
    case empty(path: String)
    /// The operating system refused to open, read or map the file.
    case cannotRead(path: String, reason: String)
    /// A file of that name exists, and the writer was to create a new one.
    case alreadyExists(path: String)
    /// The operating system refused to create, write, flush or rename the file.
    case cannotWrite(path: String, reason: String)

    /// The path that the operation was given.
    package var path: String {
        switch self {
        case .notFound(let path), .notRegular(let path, _), .tooLarge(let path, _), .empty(let path),
            .cannotRead(let path, _), .alreadyExists(let path), .cannotWrite(let path, _):
            path
        }
    }

    /// The cause without the path.
    package var reason: String {
        switch self {
        case .notFound: "No such file or directory"
        case .notRegular(_, let kind): "not a regular file (\(kind))"
        case .tooLarge(_, let limit): "larger than \(limit) bytes"
        case .empty: "the file is empty"
        case .alreadyExists: "a file of this name exists"
        case .cannotRead(_, let reason), .cannotWrite(_, let reason): reason
        }
    }
}

extension FileError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .alreadyExists, .cannotWrite: "\(path): cannot be written: \(reason)"
        default: "\(path): cannot be read: \(reason)"
        }
    }
}
