import Synchronization
import Synthesis

/// An utterance in a container: its first bytes are there.
struct PackedSpeech: Sendable {
    /// What comes before the first fragment, and the first fragment.
    let start: [[UInt8]]
    private let speech: Speech
    private let packer: any StreamPacker
    private let hasEnded = Ended()

    private final class Ended: Sendable {
        let flag = Atomic<Bool>(false)
    }

    /// Packs the first fragment.
    ///
    /// - Throws: the packer's error. The utterance is given up then.
    init(_ speech: Speech, _ packing: AudioPacking) async throws {
        self.speech = speech
        let (rate, samples) = (speech.first.sampleRateHz, speech.first.samples)
        do {
            (packer, start) = try await EncoderThreads.run {
                let packer = try packing.packer(sampleRateHz: rate)
                return (packer, [try packer.begin(), try packer.pack(samples)])
            }
        } catch {
            speech.abandon(error)
            throw error
        }
    }

    /// The next bytes with the fragment that they come from; at the end what the packer kept, without one; then nil.
    func next() async throws -> (bytes: [UInt8], fragment: AudioFragment?)? {
        if hasEnded.flag.load(ordering: .relaxed) { return nil }
        let packer = packer
        guard let fragment = try await speech.next() else {
            hasEnded.flag.store(true, ordering: .relaxed)
            return (try await EncoderThreads.run { try packer.finish() }, nil)
        }
        return (try await EncoderThreads.run { try packer.pack(fragment.samples) }, fragment)
    }
}
