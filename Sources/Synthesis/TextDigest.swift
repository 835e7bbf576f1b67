import Checkpoint

/// Recognises a text without showing it.
public enum TextDigest {
    /// SHA-256 of the text's UTF-8, in hexadecimal.
    public static func sha256(_ text: String) -> String {
        Array(text.utf8).withUnsafeBytes { Digest.sha256($0) }
    }
}
