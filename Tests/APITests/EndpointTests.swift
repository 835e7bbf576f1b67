import HTTPTypes
import Logging
import NIOCore
import Synchronization
import Synthesis
import Testing

@testable import API

/// Endpoints around `/tts`.
@Suite struct EndpointTests {
    /// The commands that a test's server was given.
    final class Commands: Sendable {
        private let state = Mutex<[ControlCommand]>([])
        var all: [ControlCommand] { state.withLock { $0 } }
        func add(_ command: ControlCommand) { state.withLock { $0.append(command) } }
    }

    @Test func controlRunsCommands() async throws {
        let commands = Commands()
        try await withRouter(onControl: { commands.add($0) }) { client in
            let restart = try await client.get("/control?command=restart")
            #expect(restart.status == 200)
            #expect(restart.text == #"{"message":"success"}"#)
            #expect(try await client.get("/control?command=exit").status == 200)
            #expect(try await client.post("/control", #"{"command":"restart"}"#).status == 200)
            #expect(try await client.post("/control", #"{"command":"exit"}"#).status == 200)
        }
        #expect(commands.all == [.restart, .exit, .restart, .exit])
    }

    @Test func controlRefusesWhatItDoesNotKnow() async throws {
        let commands = Commands()
        try await withRouter(onControl: { commands.add($0) }) { client in
            for answer in [
                try await client.get("/control"), try await client.get("/control?command="),
                try await client.post("/control", "{}"),
                try await client.post("/control", #"{"command":null}"#),
            ] {
                #expect(answer.status == 400)
                #expect(answer.message == "command is required")
                #expect(answer.code == "missing_parameter")
            }
            let unknown = try await client.get("/control?command=halt")
            #expect(unknown.status == 400)
            #expect(unknown.message == "command: halt is not known: use restart or exit")
            #expect(try await client.get("/control?command=Exit").status == 400)
            #expect(try await client.post("/control", #"{"command":5}"#).status == 422)
        }
        #expect(commands.all.isEmpty)
    }

    @Test func settersPassThePath() async throws {
        let engine = FakeEngine()
        try await withRouter(engine) { client in
            for uri in [
                "/set_gpt_weights?weights_path=a%2Fb%20c.ckpt", "/set_sovits_weights?weights_path=d.pth",
                "/set_refer_audio?refer_audio_path=e.wav",
            ] {
                let answer = try await client.get(uri)
                #expect(answer.status == 200)
                #expect(answer.text == #"{"message":"success"}"#)
            }
        }
        #expect(engine.log.textToSemanticPaths == ["a/b c.ckpt"])
        #expect(engine.log.soVITSPaths == ["d.pth"])
        #expect(engine.log.referencePath == "e.wav")
    }

    @Test(arguments: [
        ("/set_gpt_weights", "weights_path", "gpt weight path is required", "change gpt weight failed"),
        (
            "/set_sovits_weights", "weights_path", "sovits weight path is required",
            "change sovits weight failed"
        ),
        ("/set_refer_audio", "refer_audio_path", "refer_audio_path is required", "set refer audio failed"),
    ])
    func settersReportErrors(_ endpoint: String, _ name: String, _ required: String, _ failed: String)
        async throws
    {
        let engine = FakeEngine(switchError: SynthesisError(.weights, "x.ckpt does not exist"))
        try await withRouter(engine) { client in
            for answer in [try await client.get(endpoint), try await client.get("\(endpoint)?\(name)=")] {
                #expect(answer.status == 400)
                #expect(answer.message == required)
                #expect(answer.code == "missing_parameter")
            }
            let answer = try await client.get("\(endpoint)?\(name)=x.ckpt")
            #expect(answer.status == 400)
            #expect(answer.message == failed)
            #expect(answer.code == "invalid_weights")
            #expect(answer.string("Exception") == "x.ckpt does not exist")
            #expect(try await client.get("\(endpoint)?\(name)=a%00b").status == 400)
        }
    }

    @Test func aSetReferenceServesRequestsWithoutOne() async throws {
        let engine = FakeEngine()
        try await withRouter(engine) { client async throws in
            let query = "text=a&text_lang=en&prompt_lang=en"
            #expect(try await client.get("/tts?\(query)").message == "ref_audio_path is required")
            #expect(try await client.get("/set_refer_audio?refer_audio_path=set.wav").status == 200)
            #expect(try await client.get("/tts?\(query)").status == 200)
            #expect(try await client.get("/tts?\(query)&ref_audio_path=own.wav").status == 200)
        }
        #expect(engine.log.requests.map(\.referencePath) == ["set.wav", "own.wav"])
    }

    @Test func speakersNamesTheSetReference() async throws {
        let engine = FakeEngine()
        try await withRouter(engine) { client in
            #expect(try await client.get("/speakers").text == "[]")
            _ = try await client.get("/set_refer_audio?refer_audio_path=voices/%E8%8A%B1.wav")
            #expect(try await client.get("/speakers").text == #"[{"name":"花","voice_id":"花"}]"#)
        }
    }

    @Test func theRootAnswersForOtherClients() async throws {
        let engine = FakeEngine()
        try await withRouter(engine) { client in
            let about = try await client.get("/")
            #expect(about.status == 200)
            #expect(about.string("version") == "v2")
            #expect(try await client.send(.head, "/").status == 200)

            // SillyTavern posts to the root, with a truth value as a string.
            let post = try await client.post("/", minimalBody(#""streaming_mode":"true""#))
            #expect(post.status == 200)
            #expect(engine.lastRequest?.delivery == .fragments)

            // Names of the API before api_v2.
            let old = try await client.get(
                "/?refer_wav_path=r.wav&prompt_text=p&prompt_language=ja&text=t&text_language=zh&speed=1.5"
                    + "&cut_punc=%EF%BC%8C&top_k=9&if_sr=false")
            #expect(old.status == 200)
            let request = try #require(engine.lastRequest)
            #expect(request.referencePath == "r.wav")
            #expect(request.promptLanguage == "ja")
            #expect(request.textLanguage == "zh")
            #expect(request.speedFactor == 1.5)
            #expect(request.splitMethod == "cut5")
            #expect(try await client.get("/?text=a").message == "ref_audio_path is required")
        }
    }

    @Test func pathsAndMethodsThatDoNotExist() async throws {
        try await withRouter { client in
            let missing = try await client.get("/nothing")
            #expect(missing.status == 404)
            #expect(missing.string("detail") == "Not Found")
            #expect(missing.code == "not_found")

            let put = try await client.send(.put, "/tts")
            #expect(put.status == 405)
            #expect(put.string("detail") == "Method Not Allowed")
            #expect(put.headers[.allow] == "GET, HEAD, POST, OPTIONS")
            #expect(try await client.send(.post, "/set_gpt_weights").status == 405)
            #expect(try await client.get("/tts/?\(minimalQuery)").status == 200)
        }
    }
}
