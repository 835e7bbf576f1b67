import HTTPTypes
import Synthesis
import Testing

@testable import API

/// The bytes of answers that carry sound, and what happens when there is none.
@Suite struct AudioTests {
    /// `FakeEngine.samples`, little-endian.
    static let pcm: [UInt8] = [1, 0, 0xFE, 0xFF, 3, 0, 0x34, 0x12, 0x00, 0x80, 0xFF, 0x7F]

    /// A canonical header for 32 kHz with these two sizes.
    static func header(riff: [UInt8], data: [UInt8]) -> [UInt8] {
        Array("RIFF".utf8) + riff + Array("WAVEfmt ".utf8)
            + [16, 0, 0, 0, 1, 0, 1, 0, 0x00, 0x7D, 0, 0, 0x00, 0xFA, 0, 0, 2, 0, 16, 0] + Array("data".utf8)
            + data
    }

    @Test func wholeWAV() async throws {
        try await withRouter { client in
            for answer in [
                try await client.get("/tts?\(minimalQuery)"), try await client.post("/tts", minimalBody()),
            ] {
                #expect(answer.status == 200)
                #expect(answer.headers[.contentType] == "audio/wav")
                #expect(answer.headers[.contentLength] == "56")
                #expect(answer.bytes == Self.header(riff: [48, 0, 0, 0], data: [12, 0, 0, 0]) + Self.pcm)
            }
        }
    }

    @Test func wholeRaw() async throws {
        try await withRouter { client in
            let answer = try await client.get("/tts?\(minimalQuery)&media_type=raw")
            #expect(answer.headers[.contentType] == "audio/raw")
            #expect(answer.headers[.contentLength] == "12")
            #expect(answer.headers[.sampleRate] == "32000")
            #expect(answer.headers[.channels] == "1")
            #expect(answer.headers[.sampleFormat] == "s16le")
            #expect(answer.bytes == Self.pcm)
        }
    }

    @Test func streamedWAV() async throws {
        let endless: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
        try await withRouter { client in
            let answer = try await client.get("/tts?\(minimalQuery)&streaming_mode=1")
            #expect(answer.headers[.contentType] == "audio/wav")
            #expect(answer.headers[.contentLength] == nil)
            #expect(answer.bytes == Self.header(riff: endless, data: endless) + Self.pcm)
        }
        try await withRouter(FakeEngine(), ServerOptions(streamingHeader: .upstream)) { client in
            let answer = try await client.get("/tts?\(minimalQuery)&streaming_mode=1")
            #expect(answer.bytes == Self.header(riff: [36, 0, 0, 0], data: [0, 0, 0, 0]) + Self.pcm)
        }
    }

    @Test func streamedRaw() async throws {
        try await withRouter { client in
            let answer = try await client.post(
                "/tts", minimalBody(#""streaming_mode":true,"media_type":"raw""#))
            #expect(answer.headers[.contentType] == "audio/raw")
            #expect(answer.headers[.sampleRate] == "32000")
            #expect(answer.headers[.contentLength] == nil)
            #expect(answer.bytes == Self.pcm)
        }
    }

    @Test func theSamplingRateIsTheEngines() async throws {
        let engine = FakeEngine { _, output in output.yield(FakeEngine.fragment([1], sampleRateHz: 48_000)) }
        try await withRouter(engine) { client in
            let wav = try await client.get("/tts?\(minimalQuery)")
            #expect(Array(wav.bytes[24..<32]) == [0x80, 0xBB, 0, 0, 0x00, 0x77, 1, 0])
            let raw = try await client.get("/tts?\(minimalQuery)&media_type=raw")
            #expect(raw.headers[.sampleRate] == "48000")
        }
    }

    @Test(arguments: ["0", "1"])
    func engineErrorsAreAnswersNotSilence(_ mode: String) async throws {
        let error = SynthesisError(.reference, "r.wav is 2.1 s long; 3 to 10 s are needed")
        try await withRouter(FakeEngine(script: FakeEngine.failing(error))) { client in
            let answer = try await client.get("/tts?\(minimalQuery)&streaming_mode=\(mode)")
            #expect(answer.status == 400)
            #expect(
                answer.text
                    == #"{"message":"tts failed","code":"invalid_reference","#
                    + #""Exception":"r.wav is 2.1 s long; 3 to 10 s are needed"}"#)
        }
    }

    @Test func everyEngineErrorHasACode() async throws {
        let codes: [(SynthesisError.Code, String)] = [
            (.reference, "invalid_reference"), (.text, "invalid_text"), (.language, "unsupported_language"),
            (.weights, "invalid_weights"), (.parameter, "invalid_parameter"), (.setup, "incomplete_setup"),
        ]
        for (code, name) in codes {
            let engine = FakeEngine(script: FakeEngine.failing(SynthesisError(code, "why")))
            try await withRouter(engine) { client in
                let answer = try await client.get("/tts?\(minimalQuery)")
                #expect(answer.code == name)
                #expect(answer.string("Exception") == "why")
            }
        }
    }

    @Test func faultsAreNotDescribedToStrangers() async throws {
        struct Fault: Error { let secret = "/home/name" }
        try await withRouter(FakeEngine(script: FakeEngine.failing(Fault()))) { client in
            let answer = try await client.get("/tts?\(minimalQuery)")
            #expect(answer.status == 400)
            #expect(answer.message == "tts failed")
            #expect(answer.code == "internal_error")
            #expect(!answer.text.contains("/home/name"))
        }
    }

    @Test(arguments: ["0", "1"])
    func noSoundIsAnError(_ mode: String) async throws {
        for fragments: [[Int16]] in [[], [[]], [[], []]] {
            let engine = FakeEngine { _, output in
                for samples in fragments { output.yield(FakeEngine.fragment(samples)) }
            }
            try await withRouter(engine) { client in
                let answer = try await client.get("/tts?\(minimalQuery)&streaming_mode=\(mode)")
                #expect(answer.status == 400)
                #expect(answer.code == "no_audio")
            }
        }
    }

    @Test func aFailureBeforeTheEndSpoilsAWholeAnswer() async throws {
        let error = SynthesisError(.text, "the second sentence has nothing to speak")
        let engine = FakeEngine(script: FakeEngine.failing(error, after: [[1, 2]]))
        try await withRouter(engine) { client in
            let answer = try await client.get("/tts?\(minimalQuery)")
            #expect(answer.status == 400)
            #expect(answer.code == "invalid_text")
        }
    }

    @Test func headChecksButDoesNotSpeak() async throws {
        let engine = FakeEngine()
        try await withRouter(engine) { client in
            let good = try await client.send(.head, "/tts?\(minimalQuery)&media_type=raw")
            #expect(good.status == 200)
            #expect(good.headers[.contentType] == "audio/raw")
            #expect(good.bytes.isEmpty)
            #expect(try await client.send(.head, "/tts").status == 400)
        }
        #expect(engine.log.requests.isEmpty)
    }
}
