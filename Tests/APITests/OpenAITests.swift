import Audio
import Foundation
import HTTPTypes
import NIOCore
import StrictJSON
import Synthesis
import Testing

@testable import API

/// OpenAI's speech API.
@Suite struct OpenAITests {
    private let folder: ScratchFolder
    private var options: ServerOptions { ServerOptions(voicesFolder: folder.path) }

    init() throws {
        folder = try ScratchFolder()
        try folder.addVoice("default", text: "A reference.", settings: "language: en\n")
        try folder.addVoice("anna", text: "Another.", settings: "language: en\n")
    }

    @Test(arguments: [
        ("mp3", "audio/mpeg"), ("opus", "audio/ogg"), ("flac", "audio/flac"), ("wav", "audio/wav"),
    ])
    func formats(_ format: String, _ type: String) async throws {
        let engine = FormatTests.tones()
        try await withRouter(engine, options) { client in
            let answer = try await client.post(
                "/v1/audio/speech",
                #"{"model":"tts-1","input":"Hello.","voice":"anna","response_format":"\#(format)","speed":1.25}"#
            )
            #expect(answer.status == 200, "\(answer.text.prefix(200))")
            #expect(answer.headers[.contentType] == type)
            let clip = try AudioReader.read(bytes: answer.bytes)
            #expect(abs(clip.frames * 32_000 / clip.sampleRateHz - 30_000) < 4_000)
        }
        let request = try #require(engine.lastRequest)
        #expect(request.text == "Hello.")
        #expect(request.referencePath == folder.path + "/anna/ref.wav")
        #expect(request.promptText == "Another.")
        #expect(request.promptLanguage == "en")
        #expect(request.speedFactor == 1.25)
        #expect(request.delivery == .fragments)
    }

    @Test func mp3IsTheDefaultAndPCMHas24kHz() async throws {
        try await withRouter(FormatTests.tones(), options) { client in
            let body = #"{"model":"m","input":"Hello.","voice":"alloy""#
            let plain = try await client.post("/v1/audio/speech", body + "}")
            #expect(plain.headers[.contentType] == "audio/mpeg")
            let pcm = try await client.post("/v1/audio/speech", body + #","response_format":"pcm"}"#)
            #expect(pcm.headers[.sampleRate] == "24000")
            #expect(abs(pcm.bytes.count - 22_500 * 2) < 8)
        }
    }

    @Test(arguments: ["alloy", "Nova", "default", "DEFAULT"])
    func builtInVoicesAreTheDefaultOne(_ name: String) async throws {
        let engine = FakeEngine()
        try await withRouter(engine, options) { client in
            for voice in [#""\#(name)""#, #"{"id":"\#(name)"}"#] {
                let answer = try await client.post(
                    "/v1/audio/speech", #"{"input":"a","voice":\#(voice),"response_format":"wav"}"#)
                #expect(answer.status == 200)
            }
        }
        #expect(engine.log.requests.allSatisfy { $0.promptText == "A reference." })
    }

    @Test(arguments: [
        (#"{"voice":"anna"}"#, 400, "missing_parameter", "input"),
        (#"{"input":"a"}"#, 400, "missing_parameter", "voice"),
        (#"{"input":"a","voice":"nobody"}"#, 400, "unknown_voice", "voice"),
        (
            #"{"input":"a","voice":"anna","response_format":"ogg"}"#, 400, "unsupported_media_type",
            "response_format"
        ),
        (
            #"{"input":"a","voice":"anna","response_format":"aac"}"#, 400, "unsupported_media_type",
            "response_format"
        ),
        (#"{"input":"a","voice":"anna","stream_format":"x"}"#, 400, "invalid_parameter", "stream_format"),
        (#"{"input":"a","voice":"anna","speed":9}"#, 400, "invalid_parameter", nil),
        (#"{"input":5,"voice":"anna"}"#, 422, "invalid_request", nil),
        ("[", 422, "invalid_request", nil),
    ])
    func errorsHaveOpenAIsShape(_ body: String, _ status: Int, _ code: String, _ parameter: String?)
        async throws
    {
        let engine = FakeEngine()
        try await withRouter(engine, options) { client in
            let answer = try await client.post("/v1/audio/speech", body)
            #expect(answer.status == status)
            let error = answer.json["error"]?.members ?? [:]
            #expect(error["code"] == .string(code), "\(answer.text)")
            #expect(error["type"] == .string("invalid_request_error"))
            #expect(error["param"] == parameter.map { .string($0) } ?? .null)
            guard case .string(let message)? = error["message"] else {
                Issue.record("no message")
                return
            }
            #expect(!message.isEmpty)
        }
        #expect(engine.log.requests.isEmpty)
    }

    @Test func engineErrorsKeepTheirReason() async throws {
        let engine = FakeEngine(script: FakeEngine.failing(SynthesisError(.text, "nothing to speak")))
        try await withRouter(engine, options) { client in
            let answer = try await client.post("/v1/audio/speech", #"{"input":"a","voice":"anna"}"#)
            #expect(answer.status == 400)
            #expect(answer.text.contains("tts failed: nothing to speak"))
        }
    }

    @Test func keys() async throws {
        var options = options
        options.access = AccessControl(userKeys: ["secret"], adminKeys: ["root"])
        try await withRouter(FakeEngine(), options) { client in
            let body = #"{"input":"a","voice":"anna","response_format":"wav"}"#
            let none = try await client.post("/v1/audio/speech", body)
            #expect(none.status == 401)
            #expect(none.headers[.wwwAuthenticate] == "Bearer")
            #expect(none.json["error"]?.members?["code"] == .string("invalid_key"))
            for (key, status) in [("secret", 200), ("root", 200), ("secre", 401), ("secrets", 401)] {
                let answer = try await client.send(
                    .post, "/v1/audio/speech",
                    headers: [.authorization: "Bearer \(key)", .contentType: "application/json"],
                    body: ByteBuffer(string: body))
                #expect(answer.status == status, "\(key)")
            }
            #expect(try await client.get("/v1/models").status == 401)
            #expect(try await client.get("/health").status == 200)
        }
    }

    @Test func events() async throws {
        try await withRouter(FakeEngine(), options) { client in
            let answer = try await client.post(
                "/v1/audio/speech",
                #"{"input":"abc","voice":"anna","response_format":"wav","stream_format":"sse"}"#)
            #expect(answer.headers[.contentType] == "text/event-stream; charset=utf-8")
            let events = answer.text.split(separator: "\n\n").map { line in
                (try? JSONReader.read(Array(line.dropFirst("data: ".count).utf8)))?.members ?? [:]
            }
            let deltas = events.filter { $0["type"] == .string("speech.audio.delta") }
            let sound = deltas.flatMap { event -> [UInt8] in
                guard case .string(let text)? = event["audio"] else { return [] }
                return Data(base64Encoded: text).map { Array($0) } ?? []
            }
            #expect(deltas.count == 3)
            #expect(Array(sound.dropFirst(44)) == AudioTests.pcm)
            #expect(events.last?["type"] == .string("speech.audio.done"))
            #expect(events.last?["usage"]?.members?["input_tokens"] == .integer(3))
        }
    }

    @Test func modelsAndVoices() async throws {
        try await withRouter(FakeEngine(), options) { client in
            let models = try await client.get("/v1/models")
            #expect(models.string("object") == "list")
            #expect(models.text.contains(#""id":"tts-1""#))
            #expect(try await client.get("/v1/models/gsv").string("id") == "gsv")
            let missing = try await client.get("/v1/models/none")
            #expect(missing.status == 404)
            #expect(missing.json["error"] != nil)
            let voices = try await client.get("/v1/audio/voices")
            guard case .array(let list)? = voices.json["voices"] else {
                Issue.record("\(voices.text)")
                return
            }
            #expect(list.compactMap { $0.members?["id"] } == [.string("anna"), .string("default")])
        }
    }
}
