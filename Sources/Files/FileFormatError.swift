/// What a reader of a file format throws. Each module has an error type of its own; the readers here are generic over it,
/// so that their errors need no translation.
package protocol FileFormatError: Error {
    /// The file contradicts its format. `part` names where.
    static func malformed(path: String, part: String, reason: String) -> Self
    /// The file uses a feature of the format that is not supported.
    static func unsupported(path: String, reason: String) -> Self
    /// A bound that no genuine file comes near was passed.
    static func limitExceeded(path: String, what: String, found: Int, limit: Int) -> Self
}
