import Foundation
import StrictJSON
import Synchronization
import Synthesis
import Testing

@testable import API

/// Files of lines, spoken into a folder.
@Suite struct BatchTests {
    /// A sound that says which text, clip and seed it was made of; "fail" fails.
    private static func engine() -> FakeEngine {
        FakeEngine { request, output in
            guard request.text != "fail" else {
                output.finish(throwing: SynthesisError(.text, "nothing to speak in \(request.text)"))
                return
            }
            // Those that come first end last.
            try? await Task.sleep(for: .milliseconds(request.text == "slow" ? 40 : 1))
            let content = "\(request.text)|\(request.referencePath)|\(request.promptText)|\(request.seed)"
            output.yield(FakeEngine.fragment(content.utf8.map { Int16($0) }))
        }
    }

    private static func options(_ folder: String, resume: Bool = false) -> BatchOptions {
        var request = SynthesisRequest(
            text: "", textLanguage: "en", referencePath: "ref.wav", promptText: "the prompt",
            promptLanguage: "en")
        request.seed = -1
        var options = BatchOptions(folder: folder, request: request, isResumed: resume)
        options.voicesFolder = "/nonexistent/voices"
        options.format = "raw"
        return options
    }

    @discardableResult
    private static func run(_ text: String, _ options: BatchOptions, engine: FakeEngine = engine())
        async throws -> BatchProgress
    {
        try await BatchRun(engine: engine, options: options, logger: silentLogger)(Array(text.utf8))
    }

    /// What a file says.
    private static func content(_ folder: ScratchFolder, _ name: String) -> String {
        let bytes = [UInt8](FileManager.default.contents(atPath: folder.path + "/" + name) ?? Data())
        return String(decoding: stride(from: 0, to: bytes.count, by: 2).map { bytes[$0] }, as: UTF8.self)
    }

    private static func sounds(_ folder: ScratchFolder) -> [String: String] {
        let names = folder.names.filter { $0.hasSuffix(".raw") }
        return Dictionary(uniqueKeysWithValues: names.map { ($0, content(folder, $0)) })
    }

    private static func records(_ folder: ScratchFolder, _ name: String = "manifest.jsonl") throws
        -> [JSONValue]
    {
        let text = try String(contentsOfFile: folder.path + "/" + name, encoding: .utf8)
        return try text.split(separator: "\n").map { try JSONReader.read(Array($0.utf8)) }
    }

    @Test func everyLineBecomesAFileOrAnError() async throws {
        let folder = try ScratchFolder()
        let text = """
            {"text": "one", "id": "first"}

            {"text": "two", "seed": 7, "speed_factor": "1.25"}\r
            {"text": "fail"}
            not JSON
            {"id": 12}
            {"text": "three", "temperature": -1}
            {"text": "four", "media_type": "../../x"}
            """
        let engine = Self.engine()
        let progress = try await Self.run(text, Self.options(folder.path), engine: engine)
        #expect((progress.lines, progress.spoken, progress.failed) == (7, 2, 5))
        #expect(folder.names.filter { $0.hasPrefix(".") }.isEmpty)
        let records = try Self.records(folder).sorted { Self.line($0) < Self.line($1) }
        #expect(records.map(Self.line) == [1, 3, 4, 5, 6, 7, 8])
        #expect(
            records.map { $0["error"]?["code"]?.string ?? "" } == [
                "", "", "invalid_text", "invalid_request", "missing_parameter", "invalid_parameter",
                "unsupported_media_type",
            ])
        #expect(records[0]["file"]?.string == "first.raw")
        let second = try #require(records[1]["file"]?.string)
        #expect(second.hasPrefix("000003-") && second.count == "000003-12345678.raw".count)
        #expect(Self.content(folder, second) == "two|ref.wav|the prompt|7")
        #expect(engine.log.requests.first { $0.text == "two" }?.speedFactor == 1.25)
        #expect(records[1]["seconds"] == .number(24.0 / 32_000))
        #expect(records[1]["seed"] == .integer(7))
    }

    private static func line(_ record: JSONValue) -> Int64 {
        if case .integer(let number)? = record["line"] { number } else { -1 }
    }

    private static let many = (1...23).map {
        #"{"text": "\#($0 % 5 == 0 ? "slow" : "text")", "id": "n\#($0)", "x": \#($0)}"#
    }

    /// The seed of a line comes from the line, so shards, order and how many are in flight change nothing.
    @Test func aLineSoundsTheSameHoweverItIsRun() async throws {
        let whole = try ScratchFolder()
        try await Self.run(Self.many.joined(separator: "\n"), Self.options(whole.path))
        let expected = Self.sounds(whole)
        #expect(expected.count == 23 && Set(expected.values).count == 23)
        for (shards, inFlight) in [(["0/4", "1/4", "2/4", "3/4"], 1), (["1/3", "2/3", "3/3"], 16)] {
            let folder = try ScratchFolder()
            for shard in shards {
                var options = Self.options(folder.path)
                (options.shard, options.inFlight) = (try #require(Shard(shard)), inFlight)
                try await Self.run(Self.many.joined(separator: "\n"), options)
            }
            #expect(Self.sounds(folder) == expected)
            #expect(folder.names.filter { $0.hasPrefix("manifest") }.count == shards.count)
        }
        let reversed = try ScratchFolder()
        try await Self.run(Self.many.reversed().joined(separator: "\n"), Self.options(reversed.path))
        #expect(Self.sounds(reversed) == expected)
    }

    @Test func shardsAreWritten() {
        #expect(Shard("0/4") == Shard("4/4"))
        for wrong in ["", "1", "5/4", "-1/4", "1/0", "a/b", "1/2/3", "/4"] { #expect(Shard(wrong) == nil) }
    }

    /// What is whole stays; what is missing, damaged or asked for otherwise is made again.
    @Test func aRunGoesOn() async throws {
        let folder = try ScratchFolder()
        let text = (1...6).map { #"{"text": "t\#($0)", "id": "n\#($0)"}"# }.joined(separator: "\n")
        try await Self.run(text, Self.options(folder.path))
        let expected = Self.sounds(folder)
        let first = Self.engine()
        let again = try await Self.run(text, Self.options(folder.path, resume: true), engine: first)
        #expect(again.skipped == 6 && first.log.requests.isEmpty)

        try FileManager.default.removeItem(atPath: folder.path + "/n2.raw")
        try folder.write("n3.raw", "cut")
        try folder.write(".n4.raw.partial", "left by a kill")
        // A kill in the middle of a record: that of n6 is gone, and half of another line is there.
        let manifest = try String(contentsOfFile: folder.path + "/manifest.jsonl", encoding: .utf8)
        let kept = manifest.split(separator: "\n").filter { !$0.contains(#""n6""#) }
        try folder.write("manifest.jsonl", kept.joined(separator: "\n") + "\n" + #"{"line":6,"id":"n"#)
        let second = Self.engine()
        let progress = try await Self.run(text, Self.options(folder.path, resume: true), engine: second)
        #expect(progress.skipped == 3)
        #expect(second.log.requests.map(\.text).sorted() == ["t2", "t3", "t6"])
        #expect(Self.sounds(folder) == expected)

        // Divided otherwise, what is finished is still known.
        var third = Self.options(folder.path, resume: true)
        third.shard = try #require(Shard("2/2"))
        #expect(try await Self.run(text, third).skipped == 3)
        var changed = Self.options(folder.path, resume: true)
        changed.request.speedFactor = 1.5
        #expect(try await Self.run(text, changed).spoken == 6)
    }

    @Test func anEarlierRunIsNotLostByMistake() async throws {
        let folder = try ScratchFolder()
        let text = #"{"text": "one"}"#
        try await Self.run(text, Self.options(folder.path))
        let error = await #expect(throws: BatchError.self) {
            try await Self.run(text, Self.options(folder.path))
        }
        #expect(error?.description.contains("--resume") == true)
    }

    /// Two runs of the same shard would write the same files.
    @Test func aShardHasOneRun() async throws {
        let folder = try ScratchFolder()
        let manifest = try BatchManifest.open(in: folder.path, .whole, isResumed: true)
        defer { manifest.close() }
        await #expect(throws: BatchError.self) {
            try await Self.run(#"{"text": "one"}"#, Self.options(folder.path, resume: true))
        }
        var other = Self.options(folder.path)
        other.shard = try #require(Shard("1/2"))
        #expect(try await Self.run(#"{"text": "one"}"#, other).spoken == 1)
    }

    /// Names stay in the folder, are no options and hidden files, and differ where ids do.
    @Test func namesAreHarmless() async throws {
        let folder = try ScratchFolder()
        let ids = [
            "../../escape", "/etc/passwd", "..", ".hidden", "-rf", "a/b", "a_b", "名前", "e\u{301}",
            "a\\u0000b", String(repeating: "长", count: 300),
        ]
        let text = ids.map { #"{"text": "x", "id": "\#($0)"}"# }.joined(separator: "\n")
        let progress = try await Self.run(text, Self.options(folder.path + "/out"))
        #expect(progress.spoken == ids.count)
        #expect(folder.names == ["out"])
        let made = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/out")
        #expect(made.filter { $0.hasSuffix(".raw") }.count == ids.count)
        #expect(made.allSatisfy { !$0.hasPrefix(".") && !$0.hasPrefix("-") })
        #expect(made.contains("a_b.raw") && made.contains("名前.raw"))
    }

    @Test func anIdIsGivenOnce() async throws {
        let folder = try ScratchFolder()
        let text = #"{"text": "one", "id": "a"}"# + "\n" + #"{"text": "two", "id": "a"}"#
        let progress = try await Self.run(text, Self.options(folder.path))
        #expect((progress.spoken, progress.failed) == (1, 1))
        #expect(Self.content(folder, "a.raw").hasPrefix("one|"))
        // The shard of the second line knows that too.
        let other = try ScratchFolder()
        var options = Self.options(other.path)
        options.shard = try #require(Shard("2/2"))
        #expect(try await Self.run(text, options).failed == 1)
    }

    /// What the flags' clip says is not said of a line's own clip.
    @Test func aClipAndItsTextGoTogether() async throws {
        let folder = try ScratchFolder()
        try folder.addVoice("anna", text: "Anna's text.")
        var options = Self.options(folder.path + "/out")
        options.voicesFolder = folder.path
        let engine = Self.engine()
        let lines = [
            #"{"text": "a"}"#, #"{"text": "b", "ref_audio_path": "other.wav"}"#,
            #"{"text": "c", "ref_audio_path": "other.wav", "prompt_text": "its own", "prompt_lang": "ja"}"#,
            #"{"text": "d", "voice": "anna"}"#, #"{"text": "e", "prompt_text": null}"#,
        ]
        try await Self.run(lines.joined(separator: "\n"), options, engine: engine)
        let requests = engine.log.requests.sorted { $0.text < $1.text }
        #expect(requests.map(\.promptText) == ["the prompt", "", "its own", "Anna's text.", "the prompt"])
        #expect(requests.map(\.promptLanguage) == ["en", "auto", "ja", "auto", "en"])
        #expect(requests[3].referencePath == folder.path + "/anna/ref.wav")
    }

    @Test func aFolderThatCannotBeWrittenEndsTheRun() async throws {
        let folder = try ScratchFolder()
        try folder.write("file", "x")
        await #expect(throws: BatchError.self) {
            try await Self.run(#"{"text": "one"}"#, Self.options(folder.path + "/file"))
        }
        // A name that is a folder already.
        try FileManager.default.createDirectory(
            atPath: folder.path + "/out/a.raw/x", withIntermediateDirectories: true)
        await #expect(throws: BatchError.self) {
            try await Self.run(#"{"text": "one", "id": "a"}"#, Self.options(folder.path + "/out"))
        }
    }
}
