import Checkpoint

/// Identifies a text without revealing it.
package enum TextDigest {
    /// SHA-256 of the text's UTF-8, in hexadecimal.
    package static func sha256(_ text: String) -> String { sha256(Array(text.utf8)) }

    /// SHA-256 of bytes, in hexadecimal.
    package static func sha256(_ bytes: [UInt8]) -> String { Digest.sha256(bytes) }
}
