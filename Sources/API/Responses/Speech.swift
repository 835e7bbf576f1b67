import Hummingbird
import Synthesis

/// An utterance in progress, whose first fragment with samples is there, so that a response can begin.
///
/// Nothing is sent before that. What fails before the first audio is an error response; upstream responds 200 with a second
/// of silence.
struct Speech: Sendable {
    /// The first fragment with samples.
    let first: AudioFragment
    private let stream: AsyncThrowingStream<AudioFragment, any Error>
    private let connection: ClientConnection
    private let deadline: Deadline?
    private let metrics: RequestMetrics

    /// Waits for a slot, starts `request` and waits for its first audio.
    ///
    /// - Parameter connection: when its client disconnects, the synthesis is cancelled.
    /// - Throws: the engine's error, `no_audio`, a rejection for load, or `CancellationError`.
    init(
        _ request: SynthesisRequest, _ services: Services, admission: AdmissionRequest,
        connection: ClientConnection, deadline: Deadline? = nil
    ) async throws {
        self.connection = connection
        self.deadline = deadline
        let permit = try await services.admit(admission, connection, deadline)
        let metrics = RequestMetrics(permit, services.metrics)
        self.metrics = metrics
        stream = services.engine.speak(request)
        do {
            guard let first = try await Self.next(of: stream, connection, deadline) else {
                throw APIError(
                    status: .badRequest, code: .noAudio, message: "tts failed",
                    exception: "the text gave no sound: is there something to speak in it?")
            }
            self.first = first
            metrics.add(first)
        } catch {
            metrics.end(error)
            throw error
        }
    }

    /// The next fragment with samples; `nil` after the last.
    func next() async throws -> AudioFragment? {
        do {
            guard let fragment = try await Self.next(of: stream, connection, deadline) else {
                metrics.end(nil)
                return nil
            }
            guard fragment.sampleRateHz == first.sampleRateHz else {
                throw SampleRateChange(from: first.sampleRateHz, to: fragment.sampleRateHz)
            }
            metrics.add(fragment)
            return fragment
        } catch {
            metrics.end(error)
            throw error
        }
    }

    /// All of it.
    func all() async throws -> AudioFragment {
        var samples = first.samples
        var sentences = first.sentences
        while let fragment = try await next() {
            sentences += fragment.sentences.map { $0.moved(by: samples.count) }
            samples += fragment.samples
        }
        return AudioFragment(sampleRateHz: first.sampleRateHz, samples: samples, sentences: sentences)
    }

    /// Releases the slot early: the rest of the utterance is not needed.
    func abandon(_ error: any Error) { metrics.end(error is APIError ? error : CancellationError()) }

    /// The iterators of an `AsyncThrowingStream` share its elements, so a new one goes on where the last
    /// stopped.
    private static func next(
        of stream: AsyncThrowingStream<AudioFragment, any Error>, _ connection: ClientConnection,
        _ deadline: Deadline?
    ) async throws -> AudioFragment? {
        try await connection.cancellingOnClose(deadline: deadline) {
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

extension SpokenSentence {
    /// The same, later.
    func moved(by samples: Int) -> SpokenSentence {
        SpokenSentence(
            text: text, samples: self.samples.lowerBound + samples..<self.samples.upperBound + samples)
    }
}

/// An engine changed the sampling rate within one utterance, which no container can carry.
struct SampleRateChange: Error, Sendable {
    let from: Int, to: Int
}
