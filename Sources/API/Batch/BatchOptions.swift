package import Synthesis

/// The options of a run over a file of lines.
package struct BatchOptions: Sendable {
    /// The folder of the audio files and the manifest.
    package var folder: String
    /// The lines of this run.
    package var shard: Shard
    /// Whether what an earlier run finished is left as it is.
    package var isResumed: Bool
    /// Lines that are processed concurrently.
    package var inFlight: Int
    /// Defaults of lines. The clip and its text belong together: a line that names a clip or a voice takes neither from
    /// here.
    package var request: SynthesisRequest
    /// A voice of the registry, for lines that name neither a clip nor a voice.
    package var voice: String?
    /// Language of what clips say that lines name without one.
    package var promptLanguage: String
    /// `media_type` of a line that has none.
    package var format: String
    /// The folder of voices.
    package var voicesFolder: String
    /// The encoder of AAC.
    package var ffmpeg: FFmpeg?

    /// Options with defaults.
    ///
    /// - Parameter request: its text and its delivery are ignored.
    package init(
        folder: String, request: SynthesisRequest, shard: Shard = .whole, isResumed: Bool = false,
        inFlight: Int = 4, voice: String? = nil, promptLanguage: String = "auto", format: String = "wav",
        voicesFolder: String = "voices", ffmpeg: FFmpeg? = nil
    ) {
        self.folder = folder
        self.request = request
        self.shard = shard
        self.isResumed = isResumed
        self.inFlight = max(inFlight, 1)
        self.voice = voice
        self.promptLanguage = promptLanguage
        self.format = format
        self.voicesFolder = voicesFolder
        self.ffmpeg = ffmpeg
    }
}

/// How far a run is.
package struct BatchProgress: Sendable, Equatable {
    /// Lines of the shard; those finished before this run; spoken and failed in it.
    package var lines = 0, skipped = 0, spoken = 0, failed = 0
    /// Seconds of speech made in this run.
    package var audioSeconds = 0.0
    /// What went wrong with the line that was finished last.
    package var problem: String?

    /// Lines that need no more work.
    package var finished: Int { skipped + spoken + failed }

    /// Nothing yet.
    package init() {}
}

/// Why a run cannot begin, or cannot go on.
package struct BatchError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The cause, and what to do.
    package let description: String
}

/// Why a line cannot be spoken.
struct LineProblem: Error, Sendable, Equatable {
    let code: String
    let message: String

    init(_ code: ErrorCode, _ message: String) {
        self.code = code.rawValue
        self.message = message
    }

    /// What became of a request.
    init(_ error: any Error) {
        let failure = APIError.failed("tts failed", cause: error)
        code = failure.code.rawValue
        message =
            failure.code == .internalError
            ? String(describing: error) : failure.exception ?? failure.message
    }
}
