/// Sizes of requests.
package struct RequestLimits: Sendable, Equatable {
    /// Bytes of a body; more is a 413.
    package var bodyBytes: Int
    /// Characters (Unicode scalars) of `text`, and of `prompt_text`.
    package var textLength: Int
    /// Paths in `aux_ref_audio_paths`.
    package var auxiliaryReferences: Int

    /// Bytes of a clip that is uploaded, and of the form around it.
    package var uploadBytes: Int

    /// Limits for a small machine: 1 MiB, 10,000 characters (about 40 minutes of speech), 32 clips, 20 MiB.
    package init(
        bodyBytes: Int = 1 << 20, textLength: Int = 10_000, auxiliaryReferences: Int = 32,
        uploadBytes: Int = 20 << 20
    ) {
        self.uploadBytes = uploadBytes
        self.bodyBytes = bodyBytes
        self.textLength = textLength
        self.auxiliaryReferences = auxiliaryReferences
    }

    /// Bytes of a request's head: a character takes up to 12 in a query, and there are two texts.
    var headBytes: Int {
        let (bytes, overflow) = max(textLength, 0).multipliedReportingOverflow(by: 24)
        return overflow ? 1 << 24 : min(bytes, 1 << 24) + (1 << 16)
    }
}
