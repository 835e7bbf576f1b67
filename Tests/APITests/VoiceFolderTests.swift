import Foundation
import HTTPTypes
import Synthesis
import Testing

@testable import API

#if canImport(Glibc)
    import Glibc
#endif

/// Folders of voices that come from others: pipes, devices and links, and failures that pass.
@Suite struct VoiceFolderTests {
    private let folder: ScratchFolder
    private let outside: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
        outside = try ScratchFolder()
        try outside.write("secret.wav", ScratchFolder.clip(seconds: 4))
        try outside.write("secret.txt", "a secret")
        try outside.write("secret.yaml", "description: a secret\n")
        try outside.write("secret.ckpt", "weights")
        try folder.addVoice("good", text: "good")
    }

    private func options(_ roots: [String] = []) -> ServerOptions {
        ServerOptions(
            access: AccessControl(isInsecure: true), voicesFolder: folder.path,
            roots: roots.isEmpty ? [folder.path] : roots)
    }

    private func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/" + name, withDestinationPath: target)
    }

    /// No pipe or device may block the server; all of them would do so for good.
    @Test(.timeLimit(.minutes(1))) func pipesAndDevicesAreNotOpened() async throws {
        for name in ["ref.txt", "voice.yaml", "ref.wav", "more.wav", "gpt.ckpt"] {
            let voice = "pipe-" + name
            if name != "ref.wav" { try folder.addVoice(voice) } else { try folder.write(voice + "/x", "") }
            if name == "more.wav" { try folder.write(voice + "/voice.yaml", "aux_refs: [more.wav]") }
            if name == "gpt.ckpt" { try folder.write(voice + "/voice.yaml", "gpt_weights: gpt.ckpt") }
            #expect(mkfifo("\(folder.path)/\(voice)/\(name)", 0o666) == 0)
        }
        try folder.addVoice("device")
        try link("device/ref.txt", to: "/dev/zero")
        try folder.addVoice("folder")
        try folder.write("folder/ref.txt/x", "")
        try folder.addVoice("hubert", settings: "hubert: hubert")
        try folder.write("hubert/hubert/x", "")
        #expect(mkfifo(folder.path + "/hubert/hubert/model.safetensors", 0o666) == 0)
        try await withRouter(FakeEngine(), options(), isOpen: false) { client async throws in
            let voices = try await client.get("/v1/audio/voices").text
            #expect(voices.contains("good"))
            for name in ["pipe-", "device", "folder", "hubert"] {
                #expect(!voices.contains(name), "\(voices)")
            }
            #expect(try await client.get("/tts?text=a&text_lang=en&voice=good").status == 200)
            #expect(try await client.get("/tts?text=a&text_lang=en&voice=device").status == 400)
        }
    }

    /// An unpacked archive can hold links, which must not publish or use other files.
    @Test func linksOutOfTheFoldersAreNotFollowed() async throws {
        try folder.write("clip/x", "")
        try link("clip/ref.wav", to: outside.path + "/secret.wav")
        try folder.addVoice("text")
        try link("text/ref.txt", to: outside.path + "/secret.txt")
        try folder.addVoice("settings")
        try link("settings/voice.yaml", to: outside.path + "/secret.yaml")
        try folder.addVoice("aux", settings: "aux_refs: [linked/secret.wav]")
        try link("aux/linked", to: outside.path)
        try folder.addVoice("weights", settings: "gpt_weights: gpt.ckpt")
        try link("weights/gpt.ckpt", to: outside.path + "/secret.ckpt")
        try folder.addVoice("hubert", settings: "hubert: hubert")
        try link("hubert/hubert", to: outside.path)
        try folder.addVoice("below", settings: "hubert: hubert")
        try folder.write("below/hubert/config.json", "{}")
        try link("below/hubert/model.safetensors", to: outside.path + "/secret.ckpt")
        let names = ["aux", "below", "clip", "hubert", "settings", "text", "weights"]
        try await withRouter(FakeEngine(), options(), isOpen: false) { client async throws in
            let voices = try await client.get("/v1/audio/voices").text
            #expect(!voices.contains("a secret"))
            for name in names {
                #expect(try await client.get("/v1/audio/voices/\(name)").status == 404, "\(name)")
                #expect(try await client.get("/tts?text=a&text_lang=en&voice=\(name)").status == 400)
            }
            #expect(try await client.get("/v1/audio/voices/good").status == 200)
        }
        // Where the operator names the other folder, they are.
        let library = VoiceLibrary(options([outside.path]), logger: silentLogger)
        #expect(library.registry.voices.map(\.name) == names[..<3] + ["good"] + names[3...])
    }

    /// A loopback address is no reason to read other files: web pages and proxies reach it too.
    @Test func filesElsewhereAreOutOfReachOnEveryAddress() async throws {
        var options = options()
        (options.roots, options.servesVersion1) = ([], true)
        let engine = FakeEngine()
        let (secret, missing) = (outside.path + "/secret.wav", outside.path + "/missing.wav")
        for address in ["127.0.0.1", "0.0.0.0"] {
            options.address = address
            try await withRouter(engine, options, isOpen: false) { client in
                for uri in [
                    "/tts?text=a&text_lang=en&prompt_lang=en&ref_audio_path=",
                    "/set_refer_audio?refer_audio_path=",
                    "/set_gpt_weights?weights_path=", "/set_sovits_weights?weights_path=",
                    "/change_refer?refer_wav_path=", "/set_model?gpt_model_path=",
                    "/?text=a&text_language=en&prompt_language=en&refer_wav_path=",
                ] {
                    let (there, other) = (
                        try await client.get(uri + secret), try await client.get(uri + missing)
                    )
                    #expect(there.status == 400, "\(uri)")
                    #expect(there.text.contains("--root"))
                    #expect(there.text.replacing(secret, with: "") == other.text.replacing(missing, with: ""))
                }
                let uri = "/tts?text=a&text_lang=en&voice=good&aux_ref_audio_paths=\(secret)"
                #expect(try await client.get(uri).status == 200)
            }
        }
        #expect(engine.log.requests.map(\.auxiliaryReferencePaths) == [[], []])
        #expect(engine.log.referencePath == nil && engine.log.textToSemanticPaths.isEmpty)
    }

    @Test func theWholeFileSystemIsNoRoot() throws {
        try RequestFiles.check(roots: [folder.path, outside.path])
        try link("slash", to: "/")
        for root in ["/", "//", "/tmp/..", folder.path + "/slash", folder.path + "/missing"] {
            #expect(throws: AccessError.self) { try RequestFiles.check(roots: [folder.path, root]) }
        }
        #expect(FileRoots(["/", folder.path + "/slash"]).resolve(outside.path + "/secret.txt") == nil)
        #expect(
            FileRoots([outside.path]).resolve(outside.path + "/secret.txt") == outside.path + "/secret.txt")
        #expect(FileRoots([outside.path + "/secret"]).resolve(outside.path + "/secret.txt") == nil)
        // A folder that is made later counts too.
        let late = FileRoots([folder.path + "/late"])
        try folder.write("late/a.wav", "a")
        #expect(late.resolve(folder.path + "/late/a.wav") != nil)
    }

    /// A lack of descriptors or an unreadable folder must not lose voices, and passes without a change of the files.
    @Test func failuresThatPassLoseNoVoice() async throws {
        setenv("GSV_TEST_VOICES", folder.path, 1)
        defer { unsetenv("GSV_TEST_VOICES") }
        // In a process of its own, which runs out of descriptors.
        await #expect(processExitsWith: .success) {
            let path = String(cString: getenv("GSV_TEST_VOICES"))
            let registry = VoiceRegistry(folder: path, roots: FileRoots([path]), logger: silentLogger)
            precondition(registry.voices.map(\.name) == ["good"])
            for name in ["late/ref.wav", "late/ref.txt"] {
                try FileManager.default.createDirectory(
                    atPath: path + "/late", withIntermediateDirectories: true)
                try Data("late".utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
            }
            // First no descriptor is left, and the folder cannot be listed; then more and more are.
            for count in 0...4 {
                var descriptors: [Int32] = []
                while case let descriptor = open("/dev/null", O_RDONLY), descriptor >= 0 {
                    descriptors.append(descriptor)
                }
                for descriptor in descriptors.suffix(count) { close(descriptor) }
                registry.refresh()
                let names = registry.voices.map(\.name)
                precondition(names == ["good"] || names == ["good", "late"], "\(names)")
                precondition(count > 0 || names == ["good"], "the folder was listed without a descriptor")
                for descriptor in descriptors.dropLast(count) { close(descriptor) }
            }
            registry.refresh()
            precondition(registry.voices.map(\.name) == ["good", "late"])
        }
    }
}
