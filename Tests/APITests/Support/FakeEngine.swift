import Audio
import Synchronization
import Synthesis

/// An engine that speaks a script, and remembers what it was asked.
final class FakeEngine: SpeechEngine {
    typealias Output = AsyncThrowingStream<AudioFragment, any Error>.Continuation
    typealias Script = @Sendable (SynthesisRequest, Output) async -> Void

    struct Log: Sendable {
        var requests: [SynthesisRequest] = []
        var textToSemanticPaths: [String] = []
        var soVITSPaths: [String] = []
        var referencePath: String?
        /// Lengths of the clips whose voices were compared.
        var comparedFrames: [[Int]] = []
        /// Utterances whose consumer stopped before their end.
        var cancellations = 0
    }

    /// The script's task, which the end of the stream cancels.
    private final class Held: Sendable {
        let work = Mutex<Task<Void, Never>?>(nil)
    }

    let version: String
    let languages: [String]
    private let script: Script
    private let switchError: (any Error)?
    private let state = Mutex(Log())

    init(
        version: String = "v2", languages: [String] = FakeEngine.v2Languages, switchError: (any Error)? = nil,
        script: @escaping Script = FakeEngine.threeFragments
    ) {
        self.version = version
        self.languages = languages
        self.script = script
        self.switchError = switchError
    }

    var log: Log { state.withLock { $0 } }
    var lastRequest: SynthesisRequest? { log.requests.last }

    var voice: VoiceDescription {
        VoiceDescription(
            version: version, languages: languages, textToSemanticPath: "gpt.ckpt", soVITSPath: "sovits.pth",
            referencePath: log.referencePath)
    }

    func speak(_ request: SynthesisRequest) -> AsyncThrowingStream<AudioFragment, any Error> {
        state.withLock { $0.requests.append(request) }
        let (stream, continuation) = AsyncThrowingStream<AudioFragment, any Error>.makeStream()
        // The handler must be there before the script can end: a later one would see a cancellation.
        let held = Held()
        continuation.onTermination = { [weak self] ending in
            guard case .cancelled = ending else { return }
            held.work.withLock { $0?.cancel() }
            self?.state.withLock { $0.cancellations += 1 }
        }
        held.work.withLock { work in
            work = Task { [script] in
                await script(request, continuation)
                continuation.finish()
            }
        }
        return stream
    }

    func setTextToSemantic(path: String) async throws {
        if let switchError { throw switchError }
        state.withLock { $0.textToSemanticPaths.append(path) }
    }

    func setSoVITS(path: String) async throws {
        if let switchError { throw switchError }
        state.withLock { $0.soVITSPaths.append(path) }
    }

    func setReference(path: String) async throws {
        if let switchError { throw switchError }
        state.withLock { $0.referencePath = path }
    }

    func similarity(_ first: AudioClip, _ second: AudioClip, names: (String, String)) async throws -> Double {
        if let switchError { throw switchError }
        state.withLock { $0.comparedFrames.append([first.frames, second.frames]) }
        return 0.123456
    }
}

extension FakeEngine {
    static let v2Languages = [
        "auto", "auto_yue", "en", "zh", "ja", "yue", "ko", "all_zh", "all_ja", "all_yue", "all_ko",
    ]

    /// What `threeFragments` speaks.
    static let samples: [[Int16]] = [[1, -2, 3], [0x1234, -0x8000], [0x7FFF]]

    static let threeFragments: Script = { _, output in
        for samples in FakeEngine.samples { output.yield(fragment(samples)) }
    }

    static func fragment(_ samples: [Int16], sampleRateHz: Int = 32_000) -> AudioFragment {
        AudioFragment(sampleRateHz: sampleRateHz, samples: samples)
    }

    /// Fails with `error` after `fragments`.
    static func failing(_ error: any Error, after fragments: [[Int16]] = []) -> Script {
        { _, output in
            for samples in fragments { output.yield(fragment(samples)) }
            output.finish(throwing: error)
        }
    }
}
