import Foundation
import HTTPTypes
import StrictJSON
import Synthesis
import Testing

@testable import API

/// Which sentence is spoken when.
@Suite struct TimestampTests {
    /// Two fragments of a second: the first with two sentences, the second goes on with the last one.
    private static func engine() -> FakeEngine {
        FakeEngine { _, output in
            let samples = [Int16](repeating: 7, count: 32_000)
            output.yield(
                AudioFragment(
                    sampleRateHz: 32_000, samples: samples,
                    sentences: [
                        SpokenSentence(text: "one", samples: 0..<8_000),
                        SpokenSentence(text: " two ", samples: 16_000..<32_000),
                    ]))
            output.yield(
                AudioFragment(
                    sampleRateHz: 32_000, samples: samples,
                    sentences: [SpokenSentence(text: "three", samples: 0..<16_000)]))
        }
    }

    private static func times(_ sentences: [JSONValue]) -> [String] {
        sentences.map { JSONWriter.text(of: $0, escaping: .careful) }
    }

    private static let expected = [
        #"{"text":"one","start":0,"end":0.25}"#, #"{"text":"two","start":0.5,"end":1}"#,
        #"{"text":"three","start":1,"end":1.5}"#,
    ]

    private static func normalized(_ text: String) -> String {
        text.replacing(".0,", with: ",").replacing(".0}", with: "}")
    }

    @Test func oneAnswer() async throws {
        try await withRouter(Self.engine()) { client in
            let answer = try await client.get("/tts?\(minimalQuery)&return_timestamps=true&media_type=raw")
            #expect(answer.headers[.contentType] == "application/json")
            guard case .array(let sentences)? = answer.json["sentences"],
                case .string(let sound)? = answer.json["audio"]
            else {
                Issue.record("\(answer.text.prefix(300))")
                return
            }
            #expect(Self.times(sentences).map(Self.normalized) == Self.expected)
            #expect(Data(base64Encoded: sound)?.count == 128_000)
            #expect(answer.string("content_type") == "audio/raw")
        }
    }

    @Test(arguments: ["0", "1"]) func words(_ mode: String) async throws {
        try await withRouter(Self.engine()) { client in
            let query =
                "/tts?\(minimalQuery)&return_timestamps=1&streaming_mode=\(mode)&timestamp_granularity="
            let answer = try await client.get(query + "word")
            // A sentence of one word is that word.
            for sentence in [
                #"{"text":"one","start":0.0,"end":0.25,"words":[{"text":"one","start":0.0,"end":0.25}]}"#,
                #"{"text":"two","start":0.5,"end":1.0,"words":[{"text":"two","start":0.5,"end":1.0}]}"#,
                #"{"text":"three","start":1.0,"end":1.5,"words":[{"text":"three","start":1.0,"end":1.5}]}"#,
            ] {
                #expect(
                    Self.normalized(answer.text).contains(Self.normalized(sentence)),
                    "\(answer.text.suffix(500))")
            }
            #expect(try await !client.get(query + "sentence").text.contains("words"))
            #expect(try await client.get(query + "phone").code == "invalid_parameter")
        }
        // In parts, no sentence is whole.
        try await withRouter(Self.engine()) { client in
            let answer = try await client.get(
                "/tts?\(minimalQuery)&return_timestamps=1&streaming_mode=2&timestamp_granularity=word")
            #expect(answer.status == 200)
            #expect(!answer.text.contains("words"))
        }
    }

    @Test func events() async throws {
        try await withRouter(Self.engine()) { client in
            let answer = try await client.get(
                "/tts?\(minimalQuery)&return_timestamps=1&media_type=wav&streaming_mode=1")
            #expect(answer.headers[.contentType] == "text/event-stream; charset=utf-8")
            let events = answer.text.components(separatedBy: "\n\n").filter { !$0.isEmpty }.map { event in
                let lines = event.components(separatedBy: "\n")
                return (
                    String(lines[0].dropFirst("event: ".count)), String(lines[1].dropFirst("data: ".count))
                )
            }
            #expect(
                events.map(\.0) == ["sentence", "sentence", "audio", "sentence", "audio", "done"])
            #expect(events.filter { $0.0 == "sentence" }.map { Self.normalized($0.1) } == Self.expected)
            let sound = events.filter { $0.0 == "audio" }.flatMap { event -> [UInt8] in
                let value = try? JSONReader.read(Array(event.1.utf8))
                guard case .string(let text)? = value?.members?["audio"] else { return [] }
                return Data(base64Encoded: text).map { Array($0) } ?? []
            }
            #expect(sound.count == 44 + 128_000)
            #expect(Self.normalized(events.last?.1 ?? "") == #"{"duration":2}"#)
        }
    }
}
