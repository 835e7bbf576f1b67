import Synthesis

/// A voice that is ready to speak: its two networks, the base models that they need, and the clip that it sounds like.
///
/// A voice is immutable and may be used from any task. Texts that are synthesized at the same time are decoded in one batch;
/// the samples of one do not depend on the others. Computation runs on threads of
/// its own, never on Swift's cooperative pool.
public struct Voice: Sendable {
    private let engine: Engine
    private let reference: ReferenceClip
    private let description: VoiceDescription

    /// Loads the voice in a folder laid out like `voices/default`: `default.ckpt`, `default.pth`, `chinese-hubert-base/`,
    /// `ref.wav` and `ref.txt` (what the clip says, in English). Blocks the calling thread until all is read.
    ///
    /// - Parameters:
    ///   - folder: the folder.
    ///   - lexicon: `lexicon.gsvpack`, as `make data` writes it; nil for the file that `$GSV_DATA` names, else the one in
    ///     `data` below the working directory or a folder above the executable.
    /// - Throws: `GSVError`: `.incompleteSetup` where a file of the voice or the lexicon is missing, `.invalidWeights`.
    public init(folder: String, lexicon: String? = nil) throws(GSVError) {
        guard let bundled = BundledVoice(folder: folder) else {
            throw GSVError(
                .incompleteSetup,
                "\(folder) is not a voice: it needs default.ckpt, default.pth, chinese-hubert-base and ref.wav"
            )
        }
        try self.init(
            paths: bundled.paths,
            reference: ReferenceClip(path: bundled.clip, text: bundled.clipText, language: "en"),
            lexicon: lexicon)
    }

    /// Loads a voice from its files. Blocks the calling thread until all is read.
    ///
    /// - Parameters:
    ///   - files: weights and base models.
    ///   - reference: the clip that the voice sounds like; it is read when the voice first speaks.
    ///   - lexicon: see `init(folder:lexicon:)`.
    /// - Throws: `GSVError`: `.invalidWeights` where a file is missing, unreadable or does not fit the others,
    ///   `.incompleteSetup` where the language data are missing.
    public init(files: VoiceFiles, reference: ReferenceClip, lexicon: String? = nil) throws(GSVError) {
        let paths = VoicePaths(
            textToSemantic: files.textToSemantic, soVITS: files.soVITS, huBERT: files.huBERT,
            bert: files.bert ?? "")
        try self.init(paths: paths, reference: reference, lexicon: lexicon)
    }

    private init(paths: VoicePaths, reference: ReferenceClip, lexicon: String?) throws(GSVError) {
        do {
            let (models, base) = try VoiceLoader.everything(paths, lexicon: lexicon)
            engine = try Engine(models: models, base: base)
        } catch {
            throw GSVError(wrapping: error)
        }
        self.reference = reference
        description = engine.voice
    }

    /// The version of its networks, `v1` or `v2`.
    public var version: String { description.version }

    /// The codes of the languages that it speaks, as `SpeechOptions.language` takes them. Besides single languages (`en`,
    /// `zh`, …, where Latin words in other scripts are English) there are `all_zh`, … (every character is read in that
    /// language) and `auto` (the language of each part of a text is recognised).
    public var languages: [String] { description.languages }

    /// Speaks a text.
    ///
    /// The samples are those of `stream`, in one piece. Cancelling the task stops the computation at its next step.
    ///
    /// - Throws: `GSVError`: `.unsupportedLanguage`, `.invalidText` where nothing in the text has a sound,
    ///   `.invalidReference`, `.invalidParameter`; or `CancellationError`.
    public func synthesize(_ text: String, options: SpeechOptions = SpeechOptions()) async throws -> Speech {
        var samples: [Int16] = []
        var sampleRateHz = 0
        for try await chunk in stream(text, options: options) {
            samples += chunk.samples
            sampleRateHz = chunk.sampleRateHz
        }
        // A stream that is cut short by the cancellation of its task ends without an error.
        try Task.checkCancellation()
        return Speech(sampleRateHz: sampleRateHz, samples: samples)
    }

    /// Speaks a text sentence by sentence: a chunk as soon as its sentence is finished, in the order of the text.
    ///
    /// What is wrong with a request is thrown before the first chunk; see `synthesize` for the errors. Ending the iteration,
    /// or cancelling its task, stops the computation at its next step.
    public func stream(
        _ text: String, options: SpeechOptions = SpeechOptions()
    ) -> AsyncThrowingStream<AudioChunk, any Error> {
        let (stream, continuation) = AsyncThrowingStream<AudioChunk, any Error>.makeStream()
        let request: SynthesisRequest
        do {
            request = try options.request(text, reference: reference)
        } catch {
            continuation.finish(throwing: error)
            return stream
        }
        let task = Task { [engine] in
            do {
                for try await fragment in engine.speak(request) {
                    continuation.yield(
                        AudioChunk(sampleRateHz: fragment.sampleRateHz, samples: fragment.samples))
                }
                continuation.finish()
            } catch is CancellationError {
                continuation.finish(throwing: CancellationError())
            } catch {
                continuation.finish(throwing: GSVError(wrapping: error))
            }
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }
}
