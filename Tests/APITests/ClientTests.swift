import Foundation
import HTTPTypes
import NIOCore
import Synthesis
import Testing

@testable import API

/// What clients in use send, byte for byte, and what they need of the answer.
@Suite struct ClientTests {
    private static func send(_ port: Int, _ head: String, _ body: String? = nil) async throws -> (
        head: String, body: [UInt8]
    ) {
        let length = body.map { "Content-Length: \($0.utf8.count)\r\n" } ?? ""
        let bytes = try await RawClient.exchange(
            port, head + "\r\nHost: 127.0.0.1\r\nConnection: close\r\n" + length + "\r\n" + (body ?? ""))
        return RawClient.split(bytes)
    }

    /// SillyTavern, GPT-SoVITS-V2: a page of another origin, which looks for voices and posts to the root.
    @Test func sillyTavern() async throws {
        let folder = try ScratchFolder()
        try folder.addVoice("花", text: "参考的话")
        let engine = FormatTests.tones()
        try await withServer(engine, ServerOptions(port: 0, voicesFolder: folder.path)) { port in
            let preflight = try await Self.send(
                port,
                "OPTIONS / HTTP/1.1\r\nOrigin: http://127.0.0.1:8000\r\nAccess-Control-Request-Method: POST\r\n"
                    + "Access-Control-Request-Headers: content-type")
            #expect(preflight.head.hasPrefix("HTTP/1.1 204"))
            #expect(
                preflight.head.lowercased().contains("access-control-allow-origin: http://127.0.0.1:8000"))
            #expect(preflight.head.lowercased().contains("access-control-allow-headers: content-type"))

            let speakers = try await Self.send(
                port, "GET /speakers HTTP/1.1\r\nOrigin: http://127.0.0.1:8000")
            #expect(String(decoding: speakers.body, as: UTF8.self) == #"[{"name":"花","voice_id":"花"}]"#)

            let answer = try await Self.send(
                port,
                "POST / HTTP/1.1\r\nOrigin: http://127.0.0.1:8000\r\nContent-Type: application/json",
                #"{"text":"你好","prompt_text":"花","ref_audio_path":"./参考音频/花.wav","text_lang":"zh","#
                    + #""prompt_lang":"zh","text_split_method":"cut5","batch_size":1,"media_type":"ogg","#
                    + #""streaming_mode":"true"}"#)
            #expect(answer.head.hasPrefix("HTTP/1.1 200"))
            #expect(answer.head.lowercased().contains("content-type: audio/ogg"))
            #expect(answer.head.lowercased().contains("access-control-allow-origin: http://127.0.0.1:8000"))
        }
        #expect(engine.lastRequest?.delivery == .fragments)
        #expect(engine.lastRequest?.referencePath == folder.path + "/花/ref.wav")
        #expect(engine.lastRequest?.promptText == "参考的话")
    }

    /// AstrBot: sets weights, then sends everything as text in lower case, paths included.
    @Test func astrBot() async throws {
        let folder = try ScratchFolder()
        try folder.write("Clips/Voice One.WAV", ScratchFolder.clip(seconds: 4))
        try folder.write("w", "weights")
        let engine = FakeEngine()
        try await withServer(engine, ServerOptions(port: 0, roots: [folder.path])) { port in
            for setter in ["set_gpt_weights", "set_sovits_weights"] {
                let answer = try await Self.send(port, "GET /\(setter)?weights_path=w HTTP/1.1")
                #expect(answer.head.hasPrefix("HTTP/1.1 200"))
            }
            let path = "\(folder.path)/Clips/Voice One.WAV".lowercased().replacing(" ", with: "+")
            let query =
                "text=Hello&text_lang=zh&ref_audio_path=\(path)&aux_ref_audio_paths=&prompt_text=abc&prompt_lang=zh"
                + "&top_k=5&top_p=1.0&temperature=1.0&text_split_method=cut3&batch_size=1&batch_threshold=0.75"
                + "&split_bucket=true&speed_factor=1&fragment_interval=0.3&streaming_mode=false&seed=-1"
                + "&parallel_infer=true&repetition_penalty=1.35&media_type=wav"
            let answer = try await Self.send(port, "GET /tts?\(query) HTTP/1.1")
            #expect(answer.head.hasPrefix("HTTP/1.1 200"), "\(answer.head)")
            #expect(answer.body.starts(with: "RIFF".utf8))
        }
        #expect(engine.lastRequest?.text == "Hello")
        #expect(engine.lastRequest?.referencePath == folder.path + "/Clips/Voice One.WAV")
        #expect(engine.lastRequest?.auxiliaryReferencePaths == [])
        #expect(engine.lastRequest?.splitMethod == "cut3")
    }

    /// Open-LLM-VTuber: every value in the query, from a YAML file.
    @Test func openLLMVTuber() async throws {
        let engine = FakeEngine()
        try await withServer(engine) { port in
            let answer = try await Self.send(
                port,
                "GET /tts?text=Hi+there&text_lang=en&ref_audio_path=ref.wav&prompt_lang=en&prompt_text="
                    + "&text_split_method=cut5&batch_size=1&media_type=wav&streaming_mode=false HTTP/1.1\r\n"
                    + "Accept-Encoding: gzip, deflate\r\nAccept: */*")
            #expect(answer.head.hasPrefix("HTTP/1.1 200"))
            #expect(answer.head.lowercased().contains("content-length: 56"))
        }
        #expect(engine.lastRequest?.delivery == .whole)
    }

    /// LiveTalking's fork: raw samples, read in pieces of any size.
    @Test func liveTalkingRaw() async throws {
        try await withServer { port in
            let answer = try await Self.send(
                port, "POST /tts HTTP/1.1\r\nContent-Type: application/json",
                #"{"text":"你好","text_lang":"zh","ref_audio_path":"ref.wav","prompt_text":"","prompt_lang":"zh","#
                    + #""text_split_method":"cut5","batch_size":1,"media_type":"raw","streaming_mode":true}"#)
            #expect(answer.head.lowercased().contains("content-type: audio/raw"))
            #expect(Array(RawClient.chunks(answer.body).chunks.joined()) == AudioTests.pcm)
        }
    }

    /// xiaozhi-esp32-server: real types, a member that upstream does not have, a null.
    @Test func xiaozhi() async throws {
        let engine = FakeEngine()
        try await withServer(engine) { port in
            let answer = try await Self.send(
                port, "POST /tts HTTP/1.1\r\nContent-Type: application/json",
                #"{"text":"你好","text_lang":"zh","ref_audio_path":"r.wav","aux_ref_audio_paths":[],"#
                    + #""prompt_text":null,"prompt_lang":"zh","top_k":5,"top_p":1,"temperature":1,"#
                    + #""text_split_method":"cut0","batch_size":1,"batch_threshold":0.75,"split_bucket":true,"#
                    + #""return_fragment":false,"speed_factor":1.0,"streaming_mode":false,"seed":-1,"#
                    + #""parallel_infer":true,"repetition_penalty":1.35}"#)
            #expect(answer.head.hasPrefix("HTTP/1.1 200"))
        }
        #expect(engine.lastRequest?.promptText == "")
    }

    /// pyvideotrans, MaiBot and VoiceStudio: few members.
    @Test(arguments: [
        #"{"text":"a","text_lang":"zh","ref_audio_path":"/x/r.wav","prompt_text":"b","prompt_lang":"zh","speed_factor":1.0,"text_split_method":"cut5"}"#,
        #"{"text":"a","text_lang":"zh","ref_audio_path":"/x/r.wav","prompt_text":"b","prompt_lang":"zh"}"#,
    ])
    func fewMembers(_ body: String) async throws {
        try await withServer { port in
            let answer = try await Self.send(
                port, "POST /tts HTTP/1.1\r\nContent-Type: application/json", body)
            #expect(answer.head.hasPrefix("HTTP/1.1 200"))
            #expect(answer.head.lowercased().contains("content-type: audio/wav"))
        }
    }

    /// VideoLingo takes anything below 500 for alive, VoiceStudio 400 and 405.
    @Test func probes() async throws {
        try await withServer { port async throws in
            #expect(try await Self.send(port, "GET /control HTTP/1.1").head.hasPrefix("HTTP/1.1 400"))
            #expect(try await Self.send(port, "GET /tts HTTP/1.1").head.hasPrefix("HTTP/1.1 400"))
            #expect(try await Self.send(port, "DELETE /tts HTTP/1.1").head.hasPrefix("HTTP/1.1 405"))
        }
    }

    /// ha-gpt-sovits-tts, and others made for api.py: the old names at the root.
    @Test func version1() async throws {
        let engine = FakeEngine()
        try await withServer(engine, ServerOptions(port: 0, servesVersion1: true)) { port in
            let answer = try await Self.send(
                port,
                "GET /?refer_wav_path=ref.wav&prompt_text=p&prompt_language=%E6%97%A5%E6%96%87&text=t"
                    + "&text_language=%E4%B8%AD%E8%8B%B1%E6%B7%B7%E5%90%88&top_k=15&top_p=1.0&temperature=1.0&speed=1.2"
                    + "&sample_steps=32&if_sr=false&inp_refs=a.wav&inp_refs=b.wav HTTP/1.1")
            #expect(answer.head.hasPrefix("HTTP/1.1 200"))
            let change = try await Self.send(
                port, "POST /change_refer HTTP/1.1\r\nContent-Type: application/json",
                #"{"refer_wav_path":"c.wav","prompt_text":"p","prompt_language":"zh"}"#)
            #expect(change.head.hasPrefix("HTTP/1.1 200"))
            let model = try await Self.send(
                port, "GET /set_model?gpt_model_path=g.ckpt&sovits_model_path=s.pth HTTP/1.1")
            #expect(model.head.hasPrefix("HTTP/1.1 200"))
            #expect(try await Self.send(port, "GET /set_model HTTP/1.1").head.hasPrefix("HTTP/1.1 400"))
        }
        let request = try #require(engine.lastRequest)
        #expect(request.promptLanguage == "all_ja")
        #expect(request.textLanguage == "zh")
        #expect(request.auxiliaryReferencePaths == ["a.wav", "b.wav"])
        #expect(engine.log.referencePath == "c.wav")
        #expect(engine.log.textToSemanticPaths == ["g.ckpt"])
        #expect(engine.log.soVITSPaths == ["s.pth"])
        try await withRouter { client async throws in
            #expect(try await client.get("/change_refer?refer_wav_path=c.wav").status == 404)
        }
    }
}
