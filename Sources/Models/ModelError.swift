/// A configuration value that is missing or that this engine does not support.
package struct ModelError: Error, Sendable, CustomStringConvertible {
    /// The file, the key in it, and what is wrong.
    package let path: String, key: String, reason: String

    /// Names file, key and reason.
    package var description: String { "\(path): \(key): \(reason)" }

    /// Makes an error.
    package init(path: String, key: String, reason: String) {
        self.path = path
        self.key = key
        self.reason = reason
    }
}
