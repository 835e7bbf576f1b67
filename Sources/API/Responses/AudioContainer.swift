/// How samples are packed.
enum AudioContainer: String, Sendable {
    /// RIFF WAVE, 16-bit.
    case wav
    /// 16-bit little-endian PCM and nothing else.
    case raw

    /// The names that upstream knows and this version doesn't write.
    private static let known: Set<String> = ["ogg", "aac"]

    /// The container that `mediaType` names.
    init(mediaType: String) throws(APIError) {
        if let container = AudioContainer(rawValue: mediaType) {
            self = container
        } else if Self.known.contains(mediaType) {
            throw .refused(
                .unsupportedMediaType,
                "media_type: \(mediaType) is not offered by this version: use wav or raw")
        } else {
            throw .refused(.unsupportedMediaType, "media_type: \(mediaType) is not supported")
        }
    }

    /// The `Content-Type` of the answer.
    var contentType: String { "audio/\(rawValue)" }
}
