import Hummingbird
import StrictJSON
import Synthesis

/// Responses with the times of sentences and words beside the audio.
///
/// The times of sentences are those of the samples: exact, without an estimate. Those of words are `WordTimes`'s.
enum TimestampResponse {
    /// One JSON object with the sound and all sentences.
    static func whole(_ speech: Speech, _ request: ValidatedRequest) async throws -> Response {
        let spoken = try await speech.all()
        let (encoding, hasWords) = (request.encoding, request.hasWords)
        let (bytes, words) = try await EncoderThreads.run {
            (
                try encoding.file(spoken.samples, sampleRateHz: spoken.sampleRateHz),
                hasWords ? Self.words(of: spoken) : []
            )
        }
        let clock = SentenceClock(sampleRateHz: spoken.sampleRateHz)
        return Response(
            json: .object([
                JSONValue.Member("audio", .string(Base64.text(bytes))),
                JSONValue.Member("content_type", .string(encoding.container.contentType)),
                JSONValue.Member(
                    "sample_rate", .integer(Int64(encoding.sampleRateHz ?? spoken.sampleRateHz))),
                JSONValue.Member("duration", .number(clock.seconds(spoken.samples.count))),
                JSONValue.Member("sentences", .array(clock.json(spoken.sentences, words))),
            ]))
    }

    /// Events: `sentence` when one begins or goes on, `audio` with what can be played, `done` at the end.
    static func stream(_ speech: Speech, _ request: ValidatedRequest) async throws -> Response {
        let encoding = request.encoding
        let encoded = try await EncodedSpeech(speech, encoding)
        // A sentence that comes in parts is not known to its end when its first words are.
        let hasWords = request.hasWords && request.synthesis.delivery == .fragments
        @Sendable func found(_ fragment: AudioFragment) async throws -> [[SpokenWord]] {
            hasWords ? try await EncoderThreads.run { Self.words(of: fragment) } : []
        }
        let type = encoding.container.contentType
        return ServerSentEvents.response { writer in
            do {
                var clock = SentenceClock(sampleRateHz: speech.first.sampleRateHz)
                for sentence in clock.advance(speech.first, try await found(speech.first)) {
                    try await writer.write(ServerSentEvents.event(sentence, name: "sentence"))
                }
                try await write(encoded.start.flatMap { $0 }, type, to: &writer)
                while let (bytes, fragment) = try await encoded.next() {
                    if let fragment {
                        for sentence in clock.advance(fragment, try await found(fragment)) {
                            try await writer.write(ServerSentEvents.event(sentence, name: "sentence"))
                        }
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

    /// The words of each sentence.
    private static func words(of fragment: AudioFragment) -> [[SpokenWord]] {
        fragment.sentences.map { sentence in
            let place = sentence.samples.clamped(to: fragment.samples.indices)
            return WordTimes.estimate(
                sentence.text, samples: fragment.samples[place], sampleRateHz: fragment.sampleRateHz)
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
    mutating func advance(_ fragment: AudioFragment, _ words: [[SpokenWord]]) -> [JSONValue] {
        defer { elapsed += fragment.samples.count }
        return json(fragment.sentences, words)
    }

    /// Sentences as responses have them.
    ///
    /// - Parameter words: of each sentence; empty for none.
    func json(_ sentences: [SpokenSentence], _ words: [[SpokenWord]]) -> [JSONValue] {
        sentences.enumerated().map { number, sentence in
            var members = members(sentence.text[...].trimmingSpaces, sentence.samples)
            if number < words.count {
                let list = words[number].map { JSONValue.object(self.members($0.text, $0.samples)) }
                members.append(JSONValue.Member("words", .array(list)))
            }
            return .object(members)
        }
    }

    private func members(_ text: String, _ samples: Range<Int>) -> [JSONValue.Member] {
        [
            JSONValue.Member("text", .string(text)),
            JSONValue.Member("start", .number(seconds(elapsed + samples.lowerBound))),
            JSONValue.Member("end", .number(seconds(elapsed + samples.upperBound))),
        ]
    }
}
