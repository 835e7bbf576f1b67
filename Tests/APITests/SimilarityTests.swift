import HTTPTypes
import NIOCore
import StrictJSON
import Synthesis
import Testing

@testable import API

/// `/v1/audio/similarity`.
@Suite struct SimilarityTests {
    private let folder: ScratchFolder
    private var options: ServerOptions { ServerOptions(voicesFolder: folder.path) }

    init() throws { folder = try ScratchFolder() }

    @Test func clipsComeAsFilesPathsAndVoices() async throws {
        try folder.addVoice("anna")
        try folder.write("other.wav", ScratchFolder.clip(seconds: 2))
        let engine = FakeEngine()
        let upload = try ScratchFolder.clip(seconds: 3)
        try await withRouter(engine, options, isOpen: false) { client in
            let json = try await client.post("/v1/audio/similarity", #"{"a": "anna", "b": "other.wav"}"#)
            #expect(json.status == 200, "\(json.text)")
            #expect(json.json == ["similarity": .number(0.1235)])
            let form = try await client.send(
                .post, "/v1/audio/similarity", headers: [.contentType: "multipart/form-data; boundary=xyz"],
                body: ByteBuffer(
                    bytes: multipartForm([("b", nil, Array("anna".utf8)), ("a", "x.wav", upload)])))
            #expect(form.status == 200, "\(form.text)")
        }
        #expect(engine.log.comparedFrames == [[64_000, 32_000], [48_000, 64_000]])
    }

    @Test func whatIsRefused() async throws {
        try folder.addVoice("anna")
        let engine = FakeEngine(switchError: SynthesisError(.reference, "a is silent"))
        try await withRouter(engine, options, isOpen: false) { client in
            for (body, code) in [
                (#"{"a": "anna"}"#, "missing_parameter"),
                (#"{"a": "anna", "b": "/etc/passwd"}"#, "invalid_reference"),
                (#"{"a": "anna", "b": "a\u0000b"}"#, "invalid_parameter"),
                (#"{"a": "anna", "b": "anna"}"#, "invalid_reference"),
            ] {
                let answer = try await client.post("/v1/audio/similarity", body)
                #expect(answer.status == 400, "\(body): \(answer.text)")
                #expect(answer.json["error"]?.members?["code"] == .string(code), "\(answer.text)")
            }
            let form = multipartForm([("a", "x.wav", Array("RIFF".utf8)), ("b", nil, Array("anna".utf8))])
            let answer = try await client.send(
                .post, "/v1/audio/similarity", headers: [.contentType: "multipart/form-data; boundary=xyz"],
                body: ByteBuffer(bytes: form))
            #expect(answer.status == 400 && answer.text.contains("a is not readable audio"), "\(answer.text)")
            #expect(try await client.post("/v1/audio/similarity", "[]").status == 422)
        }
        var locked = options
        locked.access = AccessControl(userKeys: ["key"])
        try await withRouter(FakeEngine(), locked, isOpen: false) { client async throws in
            #expect(try await client.post("/v1/audio/similarity", "{}").status == 401)
        }
    }
}
