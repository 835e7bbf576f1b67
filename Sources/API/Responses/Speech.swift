import Hummingbird
import Synthesis

/// An utterance being made: its first audible fragment is there, so that an answer can begin.
///
/// Nothing is sent before that. Whatever can fail before the first sound fails as an error answer; upstream
/// answers 200 and a second of silence.
struct Speech: Sendable {
    /// The first fragment with samples.
    let first: AudioFragment
    private let stream: AsyncThrowingStream<AudioFragment, any Error>
    private let connection: ClientConnection

    /// Starts `request` and waits for its first sound.
    ///
    /// - Parameter connection: When its client goes away, the work is cancelled.
    /// - Throws: the engine's error, `no_audio`, or `CancellationError`.
    init(_ request: SynthesisRequest, engine: any SpeechEngine, connection: ClientConnection) async throws {
        stream = engine.speak(request)
        self.connection = connection
        guard let first = try await Self.next(of: stream, connection) else {
            throw APIError(
                status: .badRequest, code: .noAudio, message: "tts failed",
                exception: "the text gave no sound: is there something to speak in it?")
        }
        self.first = first
    }

    /// The next fragment with samples; `nil` after the last.
    func next() async throws -> AudioFragment? {
        guard let fragment = try await Self.next(of: stream, connection) else { return nil }
        guard fragment.sampleRateHz == first.sampleRateHz else {
            throw SampleRateChange(from: first.sampleRateHz, to: fragment.sampleRateHz)
        }
        return fragment
    }

    /// All samples.
    func samples() async throws -> [Int16] {
        var samples = first.samples
        while let fragment = try await next() { samples += fragment.samples }
        return samples
    }

    /// The iterators of an `AsyncThrowingStream` share its elements, so a new one goes on where the last
    /// stopped.
    private static func next(
        of stream: AsyncThrowingStream<AudioFragment, any Error>, _ connection: ClientConnection
    ) async throws -> AudioFragment? {
        try await connection.cancellingOnClose {
            var iterator = stream.makeAsyncIterator()
            while let fragment = try await iterator.next() {
                if !fragment.samples.isEmpty { return fragment }
            }
            // A cancelled stream ends like a finished one; only this tells them apart.
            try Task.checkCancellation()
            return nil
        }
    }
}

/// An engine changed the sampling rate within one utterance, which no container can carry.
struct SampleRateChange: Error, Sendable {
    let from: Int, to: Int
}
