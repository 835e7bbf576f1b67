/// A configuration value that is missing or that this engine does not support.
public struct ModelError: Error, Sendable, CustomStringConvertible {
    /// The file, the key in it, and what is wrong.
    public let path: String, key: String, reason: String

    /// Names file, key and reason.
    public var description: String { "\(path): \(key): \(reason)" }

    /// Makes an error.
    public init(path: String, key: String, reason: String) {
        self.path = path
        self.key = key
        self.reason = reason
    }
}
