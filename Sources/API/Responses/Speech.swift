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
    private let deadline: Deadline?
    private let work: SpeechWork

    /// Waits for a slot, starts `request` and waits for its first sound.
    ///
    /// - Parameter connection: When its client goes away, the work is cancelled.
    /// - Throws: the engine's error, `no_audio`, a refusal for load, or `CancellationError`.
    init(
        _ request: SynthesisRequest, _ services: Services, ticket: SpeechGate.Ticket,
        connection: ClientConnection, deadline: Deadline? = nil
    ) async throws {
        self.connection = connection
        self.deadline = deadline
        let asked = ContinuousClock.now
        let metrics = services.metrics
        let pass: SpeechPass
        do {
            pass = try await connection.cancellingOnClose(deadline: deadline) {
                try await services.gate.enter(ticket)
            }
        } catch {
            if let error = error as? APIError { metrics.rejected(error.code) }
            if error is CancellationError { metrics.cancelled() }
            throw error
        }
        metrics.waited(seconds: (ContinuousClock.now - asked) / .seconds(1))
        let work = SpeechWork(pass, metrics)
        self.work = work
        stream = services.engine.speak(request)
        do {
            guard let first = try await Self.next(of: stream, connection, deadline) else {
                throw APIError(
                    status: .badRequest, code: .noAudio, message: "tts failed",
                    exception: "the text gave no sound: is there something to speak in it?")
            }
            self.first = first
            work.spoke(first)
        } catch {
            work.end(error)
            throw error
        }
    }

    /// The next fragment with samples; `nil` after the last.
    func next() async throws -> AudioFragment? {
        do {
            guard let fragment = try await Self.next(of: stream, connection, deadline) else {
                work.end(nil)
                return nil
            }
            guard fragment.sampleRateHz == first.sampleRateHz else {
                throw SampleRateChange(from: first.sampleRateHz, to: fragment.sampleRateHz)
            }
            work.spoke(fragment)
            return fragment
        } catch {
            work.end(error)
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

    /// Gives the slot back early: what is left of the utterance has nobody to hear it.
    func abandon(_ error: any Error) { work.end(error is APIError ? error : CancellationError()) }

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
