import Files

/// An error in a source file.
struct SourceError: Error, CustomStringConvertible {
    let file: String
    let reason: String
    var description: String { "\(file): \(reason)" }
}

extension SourceError: FileFormatError {
    static func malformed(path: String, part: String, reason: String) -> SourceError {
        SourceError(file: path, reason: "\(part): \(reason)")
    }

    static func unsupported(path: String, reason: String) -> SourceError {
        SourceError(file: path, reason: reason)
    }

    static func limitExceeded(path: String, what: String, found: Int, limit: Int) -> SourceError {
        SourceError(file: path, reason: "\(found) \(what), more than \(limit)")
    }
}
