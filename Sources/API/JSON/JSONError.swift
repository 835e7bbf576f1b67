/// Where and why a text is not JSON.
struct JSONError: Error, Sendable, Equatable {
    let reason: String
    /// Offset of the mistake in bytes.
    let offset: Int
}
