import Logging
import Synchronization
import Synthesis

/// A request's own metadata in its log line.
final class RequestLogMetadata: Sendable {
    private let state = Mutex<Logger.Metadata>([:])

    var metadata: Logger.Metadata { state.withLock { $0 } }

    subscript(_ name: String) -> String? {
        get { state.withLock { $0[name]?.description } }
        set { state.withLock { $0[name] = newValue.map { .string($0) } } }
    }

    /// Adds the length of a text and a digest, by which equal texts can be recognised.
    ///
    /// - Parameter isLogged: whether the text itself is added.
    func add(text: String, isLogged: Bool) {
        self["characters"] = String(text.unicodeScalars.count)
        self["text_sha256"] = TextDigest.sha256(text)
        if isLogged { self["text"] = text }
    }
}
