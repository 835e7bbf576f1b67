import Hummingbird
import StrictJSON
import Synthesis

/// Answers that say which sentence is spoken when, beside the sound.
///
/// The times are those of the samples: exact, without an estimate.
enum TimestampResponse {
    /// One JSON object with the sound and all sentences.
    static func whole(_ speech: Speech, _ packing: AudioPacking) async throws -> Response {
        let spoken = try await speech.all()
        let bytes = try await PackingThreads.run {
            try packing.file(spoken.samples, sampleRateHz: spoken.sampleRateHz)
        }
        let clock = SentenceClock(sampleRateHz: spoken.sampleRateHz)
        return Response(
            json: .object([
                JSONValue.Member("audio", .string(Base64.text(bytes))),
                JSONValue.Member("content_type", .string(packing.container.contentType)),
                JSONValue.Member("sample_rate", .integer(Int64(packing.sampleRateHz ?? spoken.sampleRateHz))),
                JSONValue.Member("duration", .number(clock.seconds(spoken.samples.count))),
                JSONValue.Member("sentences", .array(spoken.sentences.map { clock.json($0) })),
            ]))
    }

    /// Events: `sentence` when one begins or goes on, `audio` with what can be played, `done` at the end.
    static func stream(_ speech: Speech, _ packing: AudioPacking) async throws -> Response {
        let packed = try await PackedSpeech(speech, packing)
        let type = packing.container.contentType
        return ServerSentEvents.response { writer in
            do {
                var clock = SentenceClock(sampleRateHz: speech.first.sampleRateHz)
                for sentence in clock.advance(speech.first) {
                    try await writer.write(ServerSentEvents.event(sentence, name: "sentence"))
                }
                try await write(packed.start.flatMap { $0 }, type, to: &writer)
                while let (bytes, fragment) = try await packed.next() {
                    for sentence in fragment.map({ clock.advance($0) }) ?? [] {
                        try await writer.write(ServerSentEvents.event(sentence, name: "sentence"))
                    }
                    try await write(bytes, type, to: &writer)
                }
                let done = JSONValue.object([JSONValue.Member("duration", .number(clock.elapsedSeconds))])
                try await writer.write(ServerSentEvents.event(done, name: "done"))
                try await writer.finish(nil)
            } catch {
                speech.abandon(error)
                throw error
            }
        }
    }

    private static func write(
        _ bytes: [UInt8], _ type: String, to writer: inout any ResponseBodyWriter
    ) async throws {
        guard !bytes.isEmpty else { return }
        let event = JSONValue.object([
            JSONValue.Member("content_type", .string(type)),
            JSONValue.Member("audio", .string(Base64.text(bytes))),
        ])
        try await writer.write(ServerSentEvents.event(event, name: "audio"))
    }
}

/// Counts samples of an utterance and turns them into times.
struct SentenceClock {
    let sampleRateHz: Int
    private var elapsed = 0

    init(sampleRateHz: Int) { self.sampleRateHz = max(sampleRateHz, 1) }

    var elapsedSeconds: Double { seconds(elapsed) }

    /// Samples as seconds, to a tenth of a millisecond.
    func seconds(_ samples: Int) -> Double {
        (Double(samples) / Double(sampleRateHz) * 10_000).rounded() / 10_000
    }

    /// The sentences of the next fragment.
    mutating func advance(_ fragment: AudioFragment) -> [JSONValue] {
        defer { elapsed += fragment.samples.count }
        return fragment.sentences.map { json($0.moved(by: elapsed)) }
    }

    /// A sentence as the answers have it.
    func json(_ sentence: SpokenSentence) -> JSONValue {
        .object([
            JSONValue.Member("text", .string(sentence.text[...].trimmingSpaces)),
            JSONValue.Member("start", .number(seconds(sentence.samples.lowerBound))),
            JSONValue.Member("end", .number(seconds(sentence.samples.upperBound))),
        ])
    }
}
