/// What the server and the command line need of a synthesizer.
///
/// An engine is safe to use from any task. Weights in use are an immutable set: a switch publishes a new set,
/// and requests in flight finish on the one they began with.
public protocol SpeechEngine: Sendable {
    /// The weights that new requests will use.
    var voice: VoiceDescription { get async }

    /// Speaks `request`. The stream ends after the last fragment; an error before the first fragment means that
    /// nothing was produced. Cancelling the consuming task stops the work at the next step.
    func speak(_ request: SynthesisRequest) -> AsyncThrowingStream<AudioFragment, any Error>

    /// Loads text-to-semantic (GPT) weights from `path` and publishes them for new requests.
    func setTextToSemantic(path: String) async throws

    /// Loads SoVITS weights from `path` and publishes them for new requests.
    func setSoVITS(path: String) async throws

    /// Checks the clip at `path`, prepares its features, and uses it for requests that name no reference.
    func setReference(path: String) async throws
}

/// The voice that new requests get.
public struct VoiceDescription: Sendable, Equatable {
    /// Model version, `v1` or `v2`.
    public let version: String
    /// Language codes that this version accepts.
    public let languages: [String]
    /// Paths of the two weight files.
    public let textToSemanticPath: String, soVITSPath: String
    /// The clip set by `setReference`, if any.
    public let referencePath: String?

    /// Describes a voice.
    public init(
        version: String, languages: [String], textToSemanticPath: String, soVITSPath: String,
        referencePath: String?
    ) {
        self.version = version
        self.languages = languages
        self.textToSemanticPath = textToSemanticPath
        self.soVITSPath = soVITSPath
        self.referencePath = referencePath
    }
}
