import Logging
import Synchronization
import Synthesis

/// What a route wants the log to say of its request, besides what every line says.
final class RequestNotes: Sendable {
    private let state = Mutex<Logger.Metadata>([:])

    /// The notes so far.
    var metadata: Logger.Metadata { state.withLock { $0 } }

    subscript(_ name: String) -> String? {
        get { state.withLock { $0[name]?.description } }
        set { state.withLock { $0[name] = newValue.map { .string($0) } } }
    }

    /// Notes a text by its length and a digest, by which equal ones can be recognised; the text itself only if asked.
    func note(_ text: String, isLogged: Bool) {
        self["characters"] = String(text.unicodeScalars.count)
        self["text_sha256"] = TextDigest.sha256(text)
        if isLogged { self["text"] = text }
    }
}
