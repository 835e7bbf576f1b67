import Audio
import Foundation
import HTTPTypes
import NIOCore
import StrictJSON
import Synthesis
import Testing

@testable import API

/// The registry of voices, uploads, and what paths in requests may reach.
@Suite struct VoiceTests {
    private let folder: ScratchFolder
    private var options: ServerOptions { ServerOptions(voicesFolder: folder.path) }

    init() throws { folder = try ScratchFolder() }

    @Test func aVoiceBringsWhatTheRequestLeavesOut() async throws {
        try folder.addVoice(
            "anna", text: "What the clip says.",
            settings: """
                language: EN
                aux_refs: [more/b.wav]
                gpt_weights: gpt.ckpt
                sovits_weights: sovits.pth
                hubert: hubert
                consent: a note
                """)
        let engine = FakeEngine()
        try await withRouter(engine, options) { client async throws in
            for uri in [
                "/tts?text=a&text_lang=en&voice=anna", "/tts?text=a&text_lang=en&voice=ANNA",
                "/tts?text=a&text_lang=en&ref_audio_path=anna",
                "/tts?text=a&text_lang=en&ref_audio_path=anna&prompt_lang=zh&prompt_text=anna",
            ] {
                let answer = try await client.get(uri)
                #expect(answer.status == 200, "\(uri): \(answer.text)")
            }
            let own = try await client.get("/tts?text=a&text_lang=en&voice=anna&prompt_text=x&prompt_lang=ja")
            #expect(own.status == 200)
            let unknown = try await client.get("/tts?text=a&text_lang=en&voice=bob")
            #expect(unknown.status == 400)
            #expect(unknown.code == "unknown_voice")
            #expect(try await client.get("/tts?text=a&text_lang=en").message == "ref_audio_path is required")
        }
        let requests = engine.log.requests
        #expect(requests.count == 5)
        for request in requests.prefix(4) {
            #expect(request.referencePath == folder.path + "/anna/ref.wav")
            #expect(request.promptText == "What the clip says.")
            #expect(request.promptLanguage == "en")
            #expect(request.auxiliaryReferencePaths == [folder.path + "/anna/more/b.wav"])
            #expect(
                request.weights
                    == VoiceWeights(
                        textToSemantic: folder.path + "/anna/gpt.ckpt",
                        soVITS: folder.path + "/anna/sovits.pth", huBERT: folder.path + "/anna/hubert"))
        }
        #expect(requests.last?.promptText == "x")
        #expect(requests.last?.promptLanguage == "ja")
    }

    @Test func changesAreNoticed() async throws {
        let registry = VoiceRegistry(
            folder: folder.path, roots: FileRoots([folder.path]), logger: silentLogger)
        #expect(registry.voices.isEmpty)
        try folder.addVoice("a", text: "one")
        try await Task.sleep(for: .seconds(1.1))
        #expect(registry.voice("a")?.promptText == "one")
        try folder.write("a/ref.txt", "number two")
        try await Task.sleep(for: .seconds(1.1))
        #expect(registry.voice("a")?.promptText == "number two")
        try FileManager.default.removeItem(atPath: folder.path + "/a")
        registry.refresh()
        #expect(registry.voice("a") == nil)
    }

    @Test(arguments: [
        "gpt_weights: /etc/passwd", "gpt_weights: ../../x.ckpt", "aux_refs: [../b.wav]", "aux_refs: b.wav",
        "language: [a]", "language: *x", "- a", "a: b: c",
    ])
    func faultySettingsHideTheVoice(_ settings: String) throws {
        try folder.addVoice("bad", settings: settings)
        try folder.addVoice("good")
        try folder.write("nothing/ref.txt", "no clip")
        try folder.addVoice(".hidden")
        #expect(
            VoiceRegistry(
                folder: folder.path, roots: FileRoots([folder.path]), logger: silentLogger
            ).voices.map(\.name) == ["good"])
    }

    /// The voice that comes with gsv is there wherever it lies; one of the same name goes before it, and only that can
    /// be removed.
    @Test func theBundledVoiceIsCalledDefault() async throws {
        let bundled = try ScratchFolder()
        try bundled.addVoice("somewhere", text: "mine", settings: "language: en")
        var options = ServerOptions(voicesFolder: folder.path)
        options.bundledVoiceFolder = bundled.path + "/somewhere"
        let library = VoiceLibrary(options, logger: silentLogger)
        #expect(library.registry.voices.map(\.name) == ["default"])
        let reference = try library.reference("default")
        #expect(reference.path == bundled.path + "/somewhere/ref.wav")
        #expect(reference.voice?.promptText == "mine")
        #expect(reference.voice?.language == "en")
        #expect(throws: APIError.self) { try VoiceWriter(registry: library.registry).remove("default") }
        #expect(bundled.exists("somewhere/ref.wav"))
        try folder.addVoice("default", text: "own")
        library.registry.refresh()
        #expect(library.registry.voice("default")?.promptText == "own")
    }

    @Test func pathsAreFoundInOrder() throws {
        try folder.write("clips/One.wav", "1")
        try folder.write("clips/deep/Two.WAV", "2")
        try folder.write("other/one.wav", "3")
        let found = ReferenceFolders(FileRoots([folder.path + "/clips"], allowsAny: true))
        let clips = folder.path + "/clips"
        #expect(found.find(folder.path + "/other/one.wav") == folder.path + "/other/one.wav")
        #expect(found.find("One.wav") == clips + "/One.wav")
        #expect(found.find("deep/Two.WAV") == clips + "/deep/Two.WAV")
        #expect(found.find("DEEP/two.wav") == clips + "/deep/Two.WAV")
        #expect(found.find("./参考音频/two.wav") == clips + "/deep/Two.WAV")
        #expect(found.find(#"C:\Users\me\TWO.wav"#) == clips + "/deep/Two.WAV")
        #expect(found.find((clips + "/deep/Two.WAV").lowercased()) == clips + "/deep/Two.WAV")
        #expect(found.find("three.wav") == nil)
        // Every voice's clip is called so: a wrong path must not mean just any of them.
        try folder.write("clips/voices/anna/ref.wav", "4")
        try folder.write("clips/voices/anna/ref.txt", "four")
        try folder.write("clips/voices/anna/more.wav", "5")
        let voices = ReferenceFolders(FileRoots([clips], allowsAny: true))
        #expect(voices.find("elsewhere/ref.wav") == nil)
        #expect(voices.find("elsewhere/more.wav") == clips + "/voices/anna/more.wav")
        #expect(voices.find("voices/anna/ref.wav") == clips + "/voices/anna/ref.wav")
        #expect(found.find("") == nil)
        #expect(found.find("a\0b") == nil)
    }

    @Test func nothingOutsideTheFoldersIsFound() throws {
        let outside = try ScratchFolder()
        try outside.write("secret.wav", "s")
        try outside.write("Upper/Other.wav", "s")
        try folder.write("in/own.wav", "o")
        let manager = FileManager.default
        try manager.createSymbolicLink(
            atPath: folder.path + "/in/link.wav", withDestinationPath: outside.path + "/secret.wav")
        try manager.createSymbolicLink(
            atPath: folder.path + "/in/linked", withDestinationPath: outside.path)
        let found = ReferenceFolders(FileRoots([folder.path + "/in"]))
        for path in [
            outside.path + "/secret.wav", "../" + outside.path.split(separator: "/").last! + "/secret.wav",
            folder.path + "/in/../../" + outside.path.split(separator: "/").last! + "/secret.wav",
            "link.wav", "linked/secret.wav", "LINKED/secret.wav", "secret.wav", "other.wav",
            (outside.path + "/Upper/Other.wav").lowercased(), "/etc/passwd", "/proc/self/environ",
            folder.path + "/in-secret/own2.wav",
        ] {
            #expect(found.find(path) == nil, "\(path)")
        }
        #expect(found.find("own.wav") == folder.path + "/in/own.wav")
    }

    /// A file that may not be read and one that isn't there get the same answer.
    @Test func existenceIsNotRevealed() async throws {
        try folder.write("in/own.wav", "o")
        let engine = FakeEngine()
        var options = options
        options.roots = [folder.path + "/in"]
        try await withRouter(engine, options) { client in
            for (uri, name) in [
                ("/tts?text=a&text_lang=en&prompt_lang=en&ref_audio_path", "tts failed"),
                ("/set_refer_audio?refer_audio_path", "tts failed"),
                ("/set_gpt_weights?weights_path", "change gpt weight failed"),
            ] {
                let there = try await client.get("\(uri)=/etc/passwd")
                let missing = try await client.get("\(uri)=/etc/nothing")
                #expect(there.status == 400)
                #expect(there.message == name)
                #expect(
                    there.text.replacing("/etc/passwd", with: "")
                        == missing.text.replacing("/etc/nothing", with: ""))
            }
            let own = try await client.get(
                "/tts?text=a&text_lang=en&prompt_lang=en&ref_audio_path=OWN.wav&aux_ref_audio_paths=/etc/passwd"
            )
            #expect(own.status == 200)
        }
        #expect(engine.log.requests.map(\.referencePath) == [folder.path + "/in/own.wav"])
        #expect(engine.log.requests.map(\.auxiliaryReferencePaths) == [[]])
        #expect(engine.log.referencePath == nil)
    }

    @Test func uploadsAndRemovals() async throws {
        let clip = try ScratchFolder.clip(seconds: 4)
        let folder = folder
        try await withRouter(FakeEngine(), ServerOptions(voicesFolder: folder.path + "/new")) { client in
            let put = try await client.send(
                .put, "/v1/audio/voices/%E8%8A%B1?text=%E4%BD%A0%E5%A5%BD&language=zh&consent=c-1",
                headers: [.contentType: "audio/wav"], body: ByteBuffer(bytes: clip))
            #expect(put.status == 201, "\(put.text)")
            #expect(put.string("text") == "你好")
            #expect(put.string("consent") == "c-1")
            #expect(try AudioReader.read(path: folder.path + "/new/花/ref.wav").frames == 64_000)

            let form = multipartForm([
                ("name", nil, Array("anna".utf8)), ("text", nil, Array("Hi: \"you\"\n# x".utf8)),
                ("language", nil, Array("en".utf8)), ("audio_sample", "a.wav", clip),
            ])
            let post = try await client.send(
                .post, "/v1/audio/voices", headers: [.contentType: "multipart/form-data; boundary=xyz"],
                body: ByteBuffer(bytes: form))
            #expect(post.status == 201, "\(post.text)")
            #expect(post.string("text") == "Hi: \"you\"\n# x")
            let again = try await client.send(
                .post, "/v1/audio/voices", headers: [.contentType: "multipart/form-data; boundary=xyz"],
                body: ByteBuffer(bytes: form))
            #expect(again.status == 409)
            #expect(try await client.get("/v1/audio/voices/anna").string("language") == "en")
            #expect(try await client.send(.delete, "/v1/audio/voices/anna").status == 200)
            #expect(try await client.send(.delete, "/v1/audio/voices/anna").status == 404)
            #expect(try await client.get("/v1/audio/voices/anna").status == 404)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/new") == ["花"])
        }
    }

    @Test func uploadsThatAreRefused() async throws {
        let folder = folder
        var options = options
        options.limits.uploadBytes = 200_000
        let good = try ScratchFolder.clip(seconds: 4)
        let cases: [(String, [UInt8], Int, String)] = [
            ("ok", Array("RIFF".utf8), 400, "invalid_reference"), ("ok", [], 400, "missing_parameter"),
            ("ok", try ScratchFolder.clip(seconds: 1), 400, "invalid_reference"),
            ("ok", [UInt8](repeating: 0, count: 200_001), 413, "body_too_large"),
            ("..", good, 400, "invalid_parameter"), (".a", good, 400, "invalid_parameter"),
            ("a%2F..%2Fb", good, 400, "invalid_parameter"), ("a%00b", good, 400, "invalid_parameter"),
            (String(repeating: "a", count: 65), good, 400, "invalid_parameter"),
        ]
        try await withRouter(FakeEngine(), options) { client in
            for (name, clip, status, code) in cases {
                let answer = try await client.send(
                    .put, "/v1/audio/voices/\(name)", body: ByteBuffer(bytes: clip))
                #expect(answer.status == status, "\(name): \(answer.text)")
                #expect(answer.json["error"]?.members?["code"] == .string(code), "\(answer.text)")
            }
            for body in [
                "", "--xyz", "--xyz\r\n\r\n", "--xyz\r\nContent-Disposition: form-data\r\n\r\na\r\n--xyz--",
            ] {
                let answer = try await client.send(
                    .post, "/v1/audio/voices", headers: [.contentType: "multipart/form-data; boundary=xyz"],
                    body: ByteBuffer(string: body))
                #expect(answer.status == 422, "\(body): \(answer.text)")
            }
            #expect(try await client.post("/v1/audio/voices", "{}").status == 415)
        }
        #expect(folder.names.isEmpty)
    }
}
