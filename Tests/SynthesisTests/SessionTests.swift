import Models
import TestSupport
import Testing

@testable import Synthesis

/// One pass through a request: what is computed when, and how often.
@Suite struct SessionTests {
    static let deliveries: [Delivery] = [
        .whole, .fragments, .chunks(fixedLength: true, minimumTokens: 8, overlapTokens: 2),
        .chunks(fixedLength: false, minimumTokens: 8, overlapTokens: 2),
    ]

    private static func engine(_ voice: RecordedVoice, _ text: GatedSentences) throws -> Engine {
        try Engine(models: voice.models, base: BaseModels(huBERT: voice.base.huBERT, text: text))
    }

    private static func request(_ voice: RecordedVoice, _ text: String, _ delivery: Delivery)
        -> SynthesisRequest
    {
        var request = voice.request(text)
        (request.delivery, request.topK, request.seed) = (delivery, 15, 3)
        return request
    }

    /// Each sentence, the prompt included, is phonemized once.
    @Test(arguments: deliveries, [1, 2, 4])
    func sentencesArePhonemizedOnce(_ delivery: Delivery, _ batchSize: Int) async throws {
        let voice = try RecordedVoice("v2")
        let text = GatedSentences(voice.base.text)
        var request = Self.request(voice, "a|c|b", delivery)
        request.batchSize = batchSize
        var count = 0
        for try await fragment in try Self.engine(voice, text).speak(request) {
            count += fragment.samples.count
        }
        #expect(count > 0)
        let expected = ["prompt", "a", "c", "b"].compactMap { RecordedSentences.texts[$0] }
        #expect(text.phonemized.sorted() == expected.sorted())
    }

    /// The first fragment leaves while the front end blocks at the second batch: nothing waits for later text.
    @Test(.timeLimit(.minutes(1)), arguments: Array(deliveries.dropFirst()), [1, 2])
    func theFirstBatchIsSpokenBeforeLaterText(_ delivery: Delivery, _ batchSize: Int) async throws {
        let voice = try RecordedVoice("v2")
        let first = delivery == .fragments ? batchSize : 1
        // The prompt and the first batch pass.
        let text = GatedSentences(voice.base.text, closedAt: 1 + first)
        var request = Self.request(voice, "a|c|b|a|c", delivery)
        request.batchSize = batchSize
        var fragments = 0
        for try await _ in try Self.engine(voice, text).speak(request) {
            fragments += 1
            if fragments == 1 { text.open() }
        }
        #expect(fragments > 1)
        #expect(text.phonemized.count == 6)
    }

    /// A text that cannot be spoken to its end is refused before a network runs for any of it.
    @Test(arguments: deliveries) func unspeakableTextIsRefusedFirst(_ delivery: Delivery) async throws {
        let voice = try RecordedVoice("v2")
        let text = GatedSentences(voice.base.text)
        let engine = try Self.engine(voice, text)
        await #expect(throws: SynthesisError.self) {
            for try await _ in engine.speak(Self.request(voice, "a|c|unknown", delivery)) {}
        }
        #expect(text.phonemized.isEmpty)
    }
}
