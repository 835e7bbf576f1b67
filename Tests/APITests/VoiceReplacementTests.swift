import Audio
import Foundation
import HTTPTypes
import NIOCore
import StrictJSON
import Synthesis
import Testing

@testable import API

#if canImport(Glibc)
    import Glibc
#endif

/// Replacements of voices: what a request does not name stays, and a killed process loses nothing.
@Suite struct VoiceReplacementTests {
    private let folder: ScratchFolder
    private var options: ServerOptions { ServerOptions(voicesFolder: folder.path) }

    init() throws { folder = try ScratchFolder() }

    private func put(
        _ client: RouterClient, _ name: String, _ query: String = "", seconds: Double = 4
    ) async throws -> ReceivedResponse {
        try await client.send(
            .put, "/v1/audio/voices/\(name)?\(query)",
            body: ByteBuffer(bytes: try ScratchFolder.clip(seconds: seconds)))
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOfFile: folder.path + "/" + name, encoding: .utf8)
    }

    @Test func whatARequestDoesNotNameStays() async throws {
        try folder.addVoice(
            "anna", text: "The old clip.",
            settings: """
                # Anna's settings
                language: en  # spoken
                consent: "signed"
                gpt_weights: gpt.ckpt
                sovits_weights: weights/sovits.pth
                hubert: hubert
                aux_refs:
                  - more/b.wav
                own_key: {a: [1, 2]}
                """)
        try folder.write("anna/gpt.ckpt", "gpt")
        try folder.write("anna/weights/sovits.pth", "sovits")
        try folder.write("anna/hubert/model.safetensors", "hubert")
        try folder.write("anna/more/b.wav", ScratchFolder.clip(seconds: 4))
        try folder.write("anna/LICENSE", "foreign")
        try folder.write("anna/.hidden/x", "foreign")
        try folder.write("anna/.ref.wav.features", "of the old clip")
        try folder.write("anna/ref.ogg", "another old clip")
        let inode = FileStatus(folder.path + "/anna/gpt.ckpt")?.signature
        try await withRouter(FakeEngine(), options) { client async throws in
            let response = try await put(client, "anna", "text=The+new+clip.&description=new", seconds: 5)
            #expect(response.status == 201, "\(response.text)")
            #expect(response.string("text") == "The new clip.")
            #expect(response.string("language") == "en")
            #expect(response.string("consent") == "signed")
            #expect(response.string("description") == "new")
            #expect(response.json["has_own_weights"] == .bool(true))
            #expect(try AudioReader.read(path: folder.path + "/anna/ref.wav").frames == 80_000)
            for (name, content) in [
                ("gpt.ckpt", "gpt"), ("weights/sovits.pth", "sovits"), ("hubert/model.safetensors", "hubert"),
                ("LICENSE", "foreign"), (".hidden/x", "foreign"),
            ] { #expect(try text("anna/" + name) == content) }
            #expect(FileStatus(folder.path + "/anna/gpt.ckpt")?.signature == inode)
            #expect(folder.exists("anna/more/b.wav"))
            #expect(!folder.exists("anna/.ref.wav.features") && !folder.exists("anna/ref.ogg"))
            let settings = try text("anna/voice.yaml")
            for line in [
                "# Anna's settings", "consent: \"signed\"", "hubert: hubert", "  - more/b.wav",
                "own_key: {a: [1, 2]}", "description: \"new\"", "language: en  # spoken",
            ] { #expect(settings.contains(line), "\(line) in\n\(settings)") }

            // A new clip without a text: the old text is not what it says.
            let untitled = try await put(client, "anna", "language=JA&consent=")
            #expect(untitled.string("text") == "")
            #expect(untitled.string("language") == "ja")
            #expect(untitled.string("consent") == nil)
            #expect(untitled.string("description") == "new")
            #expect(try text("anna/gpt.ckpt") == "gpt")
        }
        #expect(folder.names == ["anna"])
    }

    /// YAML has many ways to write the same settings; none may lose a key.
    @Test(arguments: [
        "{language: en, model: anna, consent: 'a: b'}", "\"language\": en\nmodel: anna\nconsent: 'a: b'\n",
        "language: |\n  en\nmodel: anna\nconsent: >-\n  a:\n  b\n\n",
        "---\nmodel: anna\nconsent: 'a: b'\n...\n",
        "model: anna # no end of line", "? language\n: en\n? model\n: anna\n",
        "language:\n- en\nmodel: anna\n", "", "# only\n",
    ])
    func settingsAreEditedWhateverTheirForm(_ yaml: String) throws {
        let values = [("language", "ja"), ("consent", "new: \"x\" # y\n")].map { (key: $0, value: $1) }
        let edited = try VoiceSettings.setting(values, in: yaml)
        let section = try #require(try ConfigurationDocument.single(yaml: edited, path: "voice.yaml"))
        #expect(try section.text("language") == "ja")
        #expect(try section.text("consent") == "new: \"x\" # y\n")
        #expect(try section.text("model") == (yaml.contains("anna") ? "anna" : nil))
    }

    @Test func theInstalledVoiceStays() async throws {
        try folder.addVoice("default", text: "installed")
        try folder.write("default/default.ckpt", "weights")
        for (bundled, protected) in [(true, false), (false, true)] {
            var options = options
            if bundled { options.bundledVoiceFolder = folder.path + "/default" }
            if protected {
                options.protectedVoiceFolder =
                    folder.path + "/../" + folder.path.split(separator: "/").last! + "/default"
            }
            try await withRouter(FakeEngine(), options) { client async throws in
                #expect(try await put(client, "default", "text=mine").status == 409)
                #expect(try await client.send(.delete, "/v1/audio/voices/default").status == 409)
                #expect(try await client.send(.delete, "/v1/audio/voices/DEFAULT").status == 409)
            }
        }
        // It may lie elsewhere: a request does not hide it either.
        var options = ServerOptions(voicesFolder: folder.path + "/empty")
        options.bundledVoiceFolder = folder.path + "/default"
        try await withRouter(FakeEngine(), options) { client async throws in
            #expect(try await put(client, "default").status == 409)
        }
        #expect(try text("default/ref.txt") == "installed\n")
        #expect(folder.names == ["default"])
    }

    @Test func whatCannotBeKeptIsRefusedBeforeAnythingChanges() async throws {
        try folder.addVoice("anna", text: "old", settings: "language: en\n")
        try folder.addVoice("broken", text: "old", settings: "language: [\n")
        let long = String(repeating: "d", count: 2_001)
        try await withRouter(FakeEngine(), options) { client async throws in
            for (query, code) in [
                ("consent=\(long)", "too_long"), ("description=\(long)", "too_long"),
                ("language=xx", "unsupported_language"), ("language=\(long)", "unsupported_language"),
                ("text=a%00b", "invalid_parameter"), ("consent=a%00b", "invalid_parameter"),
            ] {
                let response = try await put(client, "anna", query)
                #expect(response.status == 400, "\(query)")
                #expect(response.text.contains(code), "\(response.text)")
            }
            // 64 letters of four bytes are more than a file's name can have.
            let wide = String(repeating: "%F0%9D%92%9C", count: 64)
            #expect(try await put(client, wide).status == 400)
            #expect(try await put(client, String(repeating: "%F0%9D%92%9C", count: 63)).status == 201)
            #expect(try await put(client, "broken").status == 409)
            #expect(try await client.send(.delete, "/v1/audio/voices/broken").status == 200)
            #expect(try await client.get("/v1/audio/voices/anna").string("text") == "old")
        }
        #expect(folder.names.count == 2 && !folder.names.contains { $0.hasPrefix(".") })
    }

    @Test func theFolderThatCannotBeWrittenIsNamed() async throws {
        // The superuser may write everywhere but in a file.
        try folder.write("file", "x")
        try await withRouter(FakeEngine(), ServerOptions(voicesFolder: folder.path + "/file")) {
            client async throws in
            #expect(try await put(client, "anna").status >= 400)
        }
        #expect(try text("file") == "x")
    }

    @Test func manyChangesAtOnceLeaveWholeVoices() async throws {
        try folder.addVoice("anna", text: "first")
        try folder.write("anna/gpt.ckpt", "gpt")
        try await withRouter(FakeEngine(), options) { client async throws in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<12 {
                    group.addTask {
                        index % 4 == 3
                            ? try await client.get("/v1/audio/voices/anna").status
                            : try await put(client, "anna", "text=n\(index)").status
                    }
                }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(statuses.allSatisfy { [200, 201].contains($0) }, "\(statuses)")
        }
        #expect(try text("anna/gpt.ckpt") == "gpt")
        #expect(folder.names == ["anna"])
    }

    /// Without `renameat2` the old folder is moved aside; a kill between the two steps is repaired at the next start.
    @Test func foldersMovedAsideAreRestored() throws {
        try folder.write("anna/a", "old")
        try folder.write("new/a", "new")
        let old = try FolderExchange.moveAside(folder.path + "/new", folder.path + "/anna")
        #expect(try text("anna/a") == "new")
        #expect(try String(contentsOfFile: old + "/anna/a", encoding: .utf8) == "old")
        // As if killed before the new folder had its name.
        try FileManager.default.removeItem(atPath: folder.path + "/anna")
        StagedFolder.sweep(folder.path)
        #expect(try text("anna/a") == "old")
        // With the new one in place, the old one goes.
        try folder.write(".backup-\(UUID().uuidString)/anna/a", "older")
        try folder.write(".new-\(UUID().uuidString)/ref.wav", "half")
        try folder.write(".old-\(UUID().uuidString)/ref.wav", "removed")
        // Folders that only look alike are foreign.
        let foreign = [".backup-2025", ".new-songs", ".old-recordings", ".other"]
        for name in foreign { try folder.write("\(name)/x", "foreign") }
        StagedFolder.sweep(folder.path)
        #expect(try text("anna/a") == "old")
        #expect(folder.names == foreign + ["anna"])
    }

    /// Folders without a voice in them, and links to folders elsewhere, are not the server's to change.
    @Test func foreignFoldersAreNotChanged() async throws {
        let outside = try ScratchFolder()
        try outside.addVoice("bert", text: "Outside.", settings: "language: en\n")
        try folder.write("notes/diary.txt", "mine")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/link", withDestinationPath: outside.path + "/bert")
        try await withRouter(FakeEngine(), options) { client async throws in
            #expect(try await client.send(.delete, "/v1/audio/voices/notes").status == 404)
            #expect(try text("notes/diary.txt") == "mine")
            #expect(try await put(client, "link", "text=New").status == 409)
            #expect(try await client.send(.delete, "/v1/audio/voices/link").status == 409)
        }
        #expect(outside.names == ["bert"])
        #expect(FileStatus(folder.path + "/link", followsLinks: false)?.isLink == true)
    }

    /// What another process writes into a voice's folder during a replacement stays.
    @Test func lateFilesAreAdopted() throws {
        try folder.write("anna/late", "late")
        try folder.write("anna/ref.wav", "old")
        try folder.write("new/ref.wav", "new")
        StagedFolder.adoptLateFiles(of: folder.path + "/anna", into: folder.path + "/new") { $0 == "ref.wav" }
        #expect(try text("new/late") == "late")
        #expect(try text("new/ref.wav") == "new")
    }

    /// Another server on the same folder must not take a voice away that is being written.
    @Test func aSweepLeavesFoldersInUse() throws {
        let staged = try StagedFolder.make(in: folder.path)
        try staged.write([1], to: "ref.wav")
        StagedFolder.sweep(folder.path)
        #expect(FileStatus(staged.path + "/ref.wav") != nil)
    }

    /// A process that replaces a voice over and over is killed at any moment: the voice is the old one or the new one, and
    /// the next start removes what is left over.
    @Test func aKilledReplacementLosesNothing() async throws {
        try folder.addVoice("anna", text: "4", settings: "language: en\ngpt_weights: gpt.ckpt\n")
        try folder.write("anna/gpt.ckpt", "gpt")
        setenv("GSV_TEST_VOICES", folder.path, 1)
        defer { unsetenv("GSV_TEST_VOICES") }
        var leftovers = 0
        for _ in 0..<25 {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                let path = String(cString: getenv("GSV_TEST_VOICES"))
                let library = VoiceLibrary(ServerOptions(voicesFolder: path), logger: silentLogger)
                let clips = try [4, 5].map { try ScratchFolder.clip(seconds: $0) }
                Thread.detachNewThread {
                    usleep(UInt32.random(in: 0..<40_000))
                    kill(getpid(), SIGKILL)
                }
                for index in 0... {
                    let draft = VoiceDraft(
                        name: "anna", clip: clips[index % 2], promptText: "\(4 + index % 2)")
                    try library.writer.write(draft, existing: .replaced)
                }
            }
            leftovers += folder.names.count - 1
            // The clip belongs to its text, and everything else is there.
            let seconds = try #require(
                Int(try text("anna/ref.txt").trimmingCharacters(in: .whitespacesAndNewlines)))
            #expect(try AudioReader.read(path: folder.path + "/anna/ref.wav").frames == seconds * 16_000)
            #expect(try text("anna/gpt.ckpt") == "gpt")
            #expect(try text("anna/voice.yaml").contains("gpt_weights: gpt.ckpt"))
            StagedFolder.sweep(folder.path)
            #expect(folder.names == ["anna"])
        }
        // Otherwise no process was killed while it wrote.
        #expect(leftovers > 0)
    }
}
