package import Audio

/// A synthesizer, as the server and the command line use it.
///
/// An engine is safe to use from any task. Weights in use are an immutable set: a switch publishes a new set,
/// and requests in flight finish with the one they began with.
package protocol SpeechEngine: Sendable {
    /// The weights that new requests will use.
    var voice: VoiceDescription { get async }

    /// What it has done since it was made.
    var statistics: EngineStatistics { get async }

    /// Speaks `request`. The stream ends after the last fragment; an error before the first fragment means that
    /// nothing was produced. Cancelling the consuming task stops the work at the next step.
    func speak(_ request: SynthesisRequest) -> AsyncThrowingStream<AudioFragment, any Error>

    /// Loads text-to-semantic (GPT) weights from `path` and publishes them for new requests.
    func setTextToSemantic(path: String) async throws

    /// Loads SoVITS weights from `path` and publishes them for new requests.
    func setSoVITS(path: String) async throws

    /// Checks the clip at `path`, prepares its features, and uses it for requests that name no reference.
    func setReference(path: String) async throws

    /// How alike the voices of two clips are: the cosine of their speaker embeddings, −1 to 1.
    ///
    /// - Parameter names: what to call the clips in an error.
    /// - Throws: `SynthesisError`: see `SpeakerVerification.similarity`.
    func similarity(_ first: AudioClip, _ second: AudioClip, names: (String, String)) async throws -> Double
}

extension SpeechEngine {
    /// Zeros, for engines that don't count.
    package var statistics: EngineStatistics { EngineStatistics() }
}

/// What an engine has done since it was made.
package struct EngineStatistics: Sendable, Equatable {
    /// Semantic tokens decoded (25 per second of speech).
    package var tokens = 0
    /// References whose features were known, and those that had to be analysed.
    package var referenceHits = 0, referenceMisses = 0
    /// Weight files that are loaded, base models left out, and their bytes.
    package var modelFiles = 0, modelBytes = 0
    /// Seconds that requests spent in each stage, summed: the plan and the reference; phonemes and features; waiting for
    /// tokens; samples.
    package var preparationSeconds = 0.0, textSeconds = 0.0, tokenSeconds = 0.0, sampleSeconds = 0.0
    /// From one decode step to the next, while sentences are being decoded: how long a running stream waits for a token.
    package var decodeSteps = Histogram([0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5])

    /// Zeros.
    package init() {}
}

/// The voice that new requests get.
package struct VoiceDescription: Sendable, Equatable {
    /// Model version, such as `v2` or `v2ProPlus`.
    package let version: String
    /// Language codes that this version accepts.
    package let languages: [String]
    /// Paths of the two weight files.
    package let textToSemanticPath: String, soVITSPath: String
    /// The clip set by `setReference`, if any.
    package let referencePath: String?

    /// A description of given values.
    package init(
        version: String, languages: [String], textToSemanticPath: String, soVITSPath: String,
        referencePath: String?
    ) {
        self.version = version
        self.languages = languages
        self.textToSemanticPath = textToSemanticPath
        self.soVITSPath = soVITSPath
        self.referencePath = referencePath
    }

    /// Names of the two weight files without their folders, which are not for everyone to know.
    package var textToSemanticFile: String { Self.file(textToSemanticPath) }
    package var soVITSFile: String { Self.file(soVITSPath) }

    private static func file(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
