import Synchronization
import Synthesis

/// An utterance in a container, whose first bytes are there.
struct EncodedSpeech: Sendable {
    /// The header and the first fragment.
    let start: [[UInt8]]
    private let speech: Speech
    private let encoder: any StreamEncoder
    private let hasEnded = Ended()

    private final class Ended: Sendable {
        let flag = Atomic<Bool>(false)
    }

    /// Encodes the first fragment.
    ///
    /// - Throws: the encoder's error. The utterance is cancelled then.
    init(_ speech: Speech, _ encoding: AudioEncoding) async throws {
        self.speech = speech
        let (rate, samples) = (speech.first.sampleRateHz, speech.first.samples)
        do {
            (encoder, start) = try await EncoderThreads.run {
                let encoder = try encoding.encoder(sampleRateHz: rate)
                return (encoder, [try encoder.header(), try encoder.encode(samples)])
            }
        } catch {
            speech.abandon(error)
            throw error
        }
    }

    /// The next bytes with their fragment; at the end the encoder's rest, without one; then nil.
    func next() async throws -> (bytes: [UInt8], fragment: AudioFragment?)? {
        if hasEnded.flag.load(ordering: .relaxed) { return nil }
        let encoder = encoder
        guard let fragment = try await speech.next() else {
            hasEnded.flag.store(true, ordering: .relaxed)
            return (try await EncoderThreads.run { try encoder.finish() }, nil)
        }
        return (try await EncoderThreads.run { try encoder.encode(fragment.samples) }, fragment)
    }
}
