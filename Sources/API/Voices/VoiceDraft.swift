import Audio
import HTTPTypes

/// What a request brings for a new voice, or for the replacement of one. Nil keeps what the voice has.
struct VoiceDraft: Sendable {
    var name: String
    /// The reference clip as a file.
    var clip: [UInt8]
    /// What the clip says. A replaced clip without a text gets none: the old text is not what it says.
    var promptText = ""
    /// Language of the clip.
    var language: String?
    /// A note of the speaker's consent.
    var consent: String?
    /// Shown with the voice.
    var summary: String?

    /// Characters of `consent` and `summary`, and of a text.
    static let noteLimit = 2_000, textLimit = 10_000
    /// Languages that a clip can have: those of every supported version.
    static let languages: Set<String> = [
        "auto", "auto_yue", "en", "zh", "ja", "yue", "ko", "all_zh", "all_ja", "all_yue", "all_ko",
    ]

    /// The settings that the request names, by their keys in voice.yaml.
    var settings: [(key: String, value: String)] {
        [("language", language?.lowercased()), ("consent", consent), ("description", summary)].compactMap {
            key, value in value.map { (key, $0) }
        }
    }

    /// Checks everything but the clip.
    ///
    /// - Throws: 400.
    func check() throws(APIError) {
        guard VoiceName.isValid(name) else {
            throw .badRequest(
                .invalidParameter,
                "name: letters, digits, -, _ and . are allowed, at most \(VoiceName.maximumLength) characters and 255 "
                    + "bytes, no period at the beginning")
        }
        try StringCheck.check(promptText, "text", limit: Self.textLimit)
        try StringCheck.check(consent ?? "", "consent", limit: Self.noteLimit)
        try StringCheck.check(summary ?? "", "description", limit: Self.noteLimit)
        guard let language else { return }
        guard Self.languages.contains(language.lowercased()) else {
            throw .badRequest(
                .unsupportedLanguage,
                "language: \(language.prefix(20)) is not one of \(Self.languages.sorted().joined(separator: ", "))"
            )
        }
    }

    /// The clip as the file that is kept: one channel, 16 bits.
    ///
    /// - Throws: 400 if it cannot be a reference.
    func encodedClip() throws(APIError) -> [UInt8] {
        do {
            let clip = try AudioReader.read(bytes: clip)
            _ = try ReferenceAudio.semanticInput(clip, modelSampleRateHz: 32_000)
            let samples = Postprocess.toInt16(clip.mono(), fullScale: .clamp)
            return try AudioWriter.encode(samples, sampleRateHz: clip.sampleRateHz, format: .wav)
        } catch {
            throw .badRequest(.invalidReference, "\(error)")
        }
    }
}
