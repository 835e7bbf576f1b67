import HTTPTypes
import NIOCore
import Synthesis
import Testing

@testable import API

/// Bodies that are not what they should be. None may crash the server or reach the engine.
@Suite struct BodyTests {
    @Test(arguments: [
        ("", "missing"), ("{", "json_invalid"), ("not json", "json_invalid"), ("{}x", "json_invalid"),
        (#"{"text":"\ud800"}"#, "json_invalid"), (#"{"text":"\udc00\ud800"}"#, "json_invalid"),
        (#"{"text":"\ud800\u0041"}"#, "json_invalid"), (#"{"text":"\x"}"#, "json_invalid"),
        (#"{"text":"\u12"}"#, "json_invalid"), ("{\"text\":\"a\nb\"}", "json_invalid"),
        (#"{"text":01}"#, "json_invalid"), (#"{"text":1.}"#, "json_invalid"),
        (#"{"text":-}"#, "json_invalid"),
        (#"{"a":1,}"#, "json_invalid"), (#"{"a" 1}"#, "json_invalid"), (#"{'a':1}"#, "json_invalid"),
        (#"{"text":tru}"#, "json_invalid"), (#"{"text":Infinity}"#, "json_invalid"),
        ("[]", "model_attributes_type"), ("5", "model_attributes_type"), ("null", "model_attributes_type"),
        ("\"text\"", "model_attributes_type"),
        (String(repeating: "[", count: 100_000), "json_invalid"),
        (String(repeating: "{\"a\":", count: 100_000), "json_invalid"),
        (
            #"{"a":"# + String(repeating: "[", count: 65) + String(repeating: "]", count: 65) + "}",
            "json_invalid"
        ),
        ("{\"top_k\":" + String(repeating: "9", count: 500) + "}", "json_invalid"),
    ])
    func unprocessable(_ body: String, _ type: String) async throws {
        let engine = FakeEngine()
        try await withRouter(engine) { client in
            let answer = try await client.post("/tts", body)
            #expect(answer.status == 422)
            #expect(answer.issueTypes == [type], "\(body.prefix(40)): \(answer.text.prefix(200))")
            #expect(answer.bytes.count < 1000)
        }
        #expect(engine.log.requests.isEmpty)
    }

    @Test func bodiesThatAreNotUTF8AreRefused() async throws {
        try await withRouter { client in
            for bytes: [UInt8] in [
                [0xFF, 0xFE], Array(#"{"text":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8),
            ] {
                let answer = try await client.send(
                    .post, "/tts", headers: [.contentType: "application/json"], body: ByteBuffer(bytes: bytes)
                )
                #expect(answer.status == 422)
                #expect(answer.issueTypes == ["json_invalid"])
            }
        }
    }

    @Test func contentTypes() async throws {
        try await withRouter { client in
            for type in [
                nil, "application/json", "APPLICATION/JSON", "application/json; charset=utf-8",
                "application/vnd.x+json",
            ] {
                let answer = try await client.post("/tts", minimalBody(), type: type)
                #expect(answer.status == 200, "\(type ?? "none")")
            }
            for type in [
                "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "",
            ] {
                let answer = try await client.post("/tts", minimalBody(), type: type)
                #expect(answer.status == 422, "\(type)")
                #expect(answer.issueTypes == ["model_attributes_type"])
            }
            let form = try await client.post("/tts", minimalQuery, type: "application/x-www-form-urlencoded")
            #expect(form.status == 422)
        }
    }

    @Test func largeBodiesAreRefused() async throws {
        try await withRouter { client in
            let large = minimalBody(#""x":"\#(String(repeating: "a", count: 10_000_000))""#)
            let answer = try await client.post("/tts", large)
            #expect(answer.status == 413)
            #expect(answer.code == "body_too_large")

            let fitting = minimalBody(#""x":"\#(String(repeating: "a", count: 1_000_000))""#)
            #expect(try await client.post("/tts", fitting).status == 200)
        }
        try await withRouter(FakeEngine(), ServerOptions(limits: RequestLimits(bodyBytes: 10))) {
            client async throws in
            #expect(try await client.post("/tts", minimalBody()).status == 413)
        }
    }

    @Test func surrogatePairsAndAByteOrderMarkAreRead() async throws {
        let engine = FakeEngine()
        try await withRouter(engine) { client async throws in
            let body = "\u{FEFF}" + minimalBody(#""text":"\ud83d\ude00\n\u4f60 \"\\\/ 好""#)
            #expect(try await client.post("/tts", body).status == 200)
        }
        #expect(engine.lastRequest?.text == "😀\n你 \"\\/ 好")
    }

    @Test func NULsInABodyAreRefused() async throws {
        try await withRouter { client in
            let answer = try await client.post("/tts", minimalBody(#""prompt_text":"a\u0000""#))
            #expect(answer.status == 400)
            #expect(answer.message == "prompt_text contains a NUL character")
        }
    }
}
