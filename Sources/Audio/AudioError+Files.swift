import Files

extension AudioError {
    /// The error of opening or writing a file as one of audio.
    init(_ error: FileError) {
        switch error {
        case .notFound(let path): self = .fileNotFound(path: path)
        case .notRegular(let path, let kind): self = .notARegularFile(path: path, kind: kind)
        case .tooLarge, .empty, .cannotRead: self = .cannotOpen(path: error.path, reason: error.reason)
        case .alreadyExists, .cannotWrite: self = .writeFailed(path: error.path, reason: error.reason)
        }
    }
}
