import Foundation
import Tensor
import Testing

@testable import Text

/// The conversion of nltk's tagger that `make data` does.
enum TaggerConversion {
    static let script = Support.fixtures.deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
        .appendingPathComponent("Sources/lexicon-compiler/data-setup/convert-nltk-tagger.py")

    /// Runs the script.
    /// - Returns: its exit status, and what it wrote to standard error.
    static func convert(_ source: String, to output: String) throws -> (status: Int32, message: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-B", script.path, source, output]
        let errors = Pipe()
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let message = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: message, as: UTF8.self))
    }
}

@Suite struct EnglishTaggerTests {
    private func scratch() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gsv-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    private static let text = "I record the present object , and they read a complex record 's close ."
    private func tags(_ tagger: any PartOfSpeechTagger, _ text: String = text) -> [String] {
        let tokens = text.split(separator: " ").map { Array($0.utf8)[...] }
        return tagger.tags(of: tokens, through: tokens.count - 1).map { tagger.tagNames[Int($0)] }
    }

    private func converted(_ source: URL, in folder: URL) throws -> NltkTagger {
        let output = folder.appendingPathComponent("nltk-tagger.gsvpack").path
        let result = try TaggerConversion.convert(source.path, to: output)
        #expect(result.status == 0, "\(result.message)")
        return try #require(try NltkTagger(path: output))
    }

    @Test func whichIsInUse() throws {
        let lexicon = try Support.lexicon.get()
        #expect(try TextFrontEnd(lexicon: lexicon, englishTagger: .builtIn).englishTagger == .builtIn)
        #expect(throws: TextError.taggerMissing(path: "/nowhere")) {
            try TextFrontEnd(lexicon: lexicon, englishTagger: .nltk(path: "/nowhere"))
        }
        guard NltkFile.isThere else { return }
        let given = EnglishTagger.nltk(path: try NltkFile.converted.get())
        #expect(try TextFrontEnd(lexicon: lexicon, englishTagger: given).englishTagger == given)
    }

    /// nltk's own file is no converted one; the error says how to convert it.
    @Test func namedFileOfNltk() throws {
        let folder = try scratch()
        defer { try? FileManager.default.removeItem(at: folder) }
        let archive = folder.appendingPathComponent("averaged_perceptron_tagger.zip")
        try Data("PK\u{5}\u{6}".utf8 + [UInt8](repeating: 0, count: 18)).write(to: archive)
        for path in [archive.path, folder.path] {
            do {
                _ = try TextFrontEnd(lexicon: Support.lexicon.get(), englishTagger: .nltk(path: path))
                Issue.record("\(path) was taken for a tagger")
            } catch {
                let name = try #require(error as? TextError).name
                #expect(name == "taggerUnusable" || name == "taggerMissing")
                #expect("\(error)".contains(path))
                #expect("\(error)".contains("make data"))
            }
        }
    }

    private static let json = [
        "weights": #"{"bias": {"NN": 1, "VB": 0.5}, "i-1 word i": {"VB": 2.5}, "i word .": {"X": 9.0}}"#,
        "tagdict": #"{"the": "DT"}"#, "classes": #"["VB", "NN", "DT"]"#,
    ]

    /// Writes the three JSON files of nltk 3.9.
    private func writeJSON(_ parts: [String: String], to folder: URL) throws {
        for (part, text) in parts {
            try text.write(
                to: folder.appendingPathComponent("averaged_perceptron_tagger_eng.\(part).json"),
                atomically: true, encoding: .utf8)
        }
    }

    /// `({'bias': {'NN': 1.0}}, {'the': 'DT'}, {'DT', 'NN'})`, protocol 2, strings as Python 2 writes them.
    private static let pickle: [UInt8] = {
        var pickle: [UInt8] = [0x80, 2]
        func add(_ text: String) { pickle += [UInt8(ascii: "U"), UInt8(text.utf8.count)] + text.utf8 }
        pickle += "}".utf8
        add("bias")
        pickle += "}".utf8
        add("NN")
        pickle += [UInt8(ascii: "G"), 0x3F, 0xF0, 0, 0, 0, 0, 0, 0] + Array("ss}".utf8)
        add("the")
        add("DT")
        pickle += Array("sc__builtin__\nset\n](".utf8)
        add("DT")
        add("NN")
        return pickle + Array("e".utf8) + [0x85] + Array("R".utf8) + [0x87] + Array(".".utf8)
    }()

    /// A small tagger as a JSON folder, a pickle, and a folder with the pickle.
    @Test func forms() throws {
        let folder = try scratch()
        defer { try? FileManager.default.removeItem(at: folder) }
        try writeJSON(Self.json, to: folder)
        let json = try converted(folder, in: folder)
        #expect(json.tagNames == ["DT", "NN", "VB"])
        #expect(tags(json, "I record the record") == ["NN", "VB", "DT", "NN"])

        let other = try scratch()
        defer { try? FileManager.default.removeItem(at: other) }
        let file = other.appendingPathComponent("averaged_perceptron_tagger.pickle")
        try Data(Self.pickle).write(to: file)
        for source in [file, other] {
            #expect(tags(try converted(source, in: folder), "I the") == ["NN", "DT"])
        }
    }

    /// What is no tagger is refused with the file's name, and leaves no output; nothing in a pickle runs.
    @Test func refusedSources() throws {
        let folder = try scratch()
        defer { try? FileManager.default.removeItem(at: folder) }
        let trace = folder.appendingPathComponent("trace").path
        let samples: [(bytes: [UInt8], reason: String)] = [
            ([0x80], "pickle"), (Array("PK".utf8), "neither an archive nor a pickle"),
            (Array(Self.pickle.dropLast(4)), "cannot be read"),
            (Array("PK\u{5}\u{6}".utf8) + [UInt8](repeating: 0, count: 18), "holds no tagger"),
            (
                [0x80, 2] + Array("cposix\nsystem\nX".utf8) + [UInt8(trace.utf8.count + 6), 0, 0, 0]
                    + Array("touch \(trace)".utf8) + [0x85] + Array("R.".utf8), "posix.system"
            ),
            ([0x80, 2] + Array("]]]".utf8) + [0x87, 0x2E], "other types"),
        ]
        let output = folder.appendingPathComponent("output").path
        for (number, sample) in samples.enumerated() {
            let file = folder.appendingPathComponent("sample-\(number)")
            try Data(sample.bytes).write(to: file)
            let result = try TaggerConversion.convert(file.path, to: output)
            #expect(result.status == 1)
            #expect(result.message.contains(file.path), "\(result.message)")
            #expect(result.message.contains(sample.reason), "\(number): \(result.message)")
        }
        for (part, text) in [
            ("weights", #"{"bias": {"NN": "1"}}"#), ("weights", #"{"bias": {"NN": NaN}}"#),
            ("tagdict", #"{"the": "XX"}"#), ("classes", "[]"), ("classes", #"["NN", "NN"]"#),
        ] {
            try writeJSON(Self.json.merging([part: text]) { $1 }, to: folder)
            #expect(try TaggerConversion.convert(folder.path, to: output).status == 1, "\(text)")
        }
        #expect(!FileManager.default.fileExists(atPath: output))
        #expect(!FileManager.default.fileExists(atPath: trace))
    }

    @Test(.enabled(if: NltkFile.isThere, NltkFile.reason))
    func nltk() throws {
        let tagger = try #require(try NltkTagger(path: NltkFile.converted.get()))
        #expect(tagger.tagNames.count == 45)
        #expect(
            tags(tagger) == [
                "PRP", "VBP", "DT", "JJ", "NN", ",", "CC", "PRP", "VBP", "DT", "JJ", "NN", "POS", "NN", ".",
            ])
    }

    /// The tags that an independent implementation computes from the same weights.
    @Test func builtIn() throws {
        let tagger = try BuiltInTagger(try Support.lexicon.get())
        #expect(
            tags(tagger) == [
                "PRP", "VBP", "DT", "JJ", "NN", ",", "CC", "PRP", "VBP", "DT", "JJ", "NN", "NN", "RB", ".",
            ])
        #expect(
            tags(tagger, "Nobody would suspect the well-known suspect who lives nearby .")
                == ["NN", "MD", "VB", "DT", "JJ", "NN", "WP", "VBZ", "RB", "."])
        #expect(
            tags(tagger, "Contrast increases perfect uses Conduct live wounds delegate")
                == ["NN", "NNS", "VBP", "VBZ", "NNP", "JJ", "NNS", "VBP"])
    }

    /// Every damaged converted file is refused at opening, by name.
    @Test func damage() throws {
        let folder = try scratch()
        defer { try? FileManager.default.removeItem(at: folder) }
        try writeJSON(Self.json, to: folder)
        _ = try converted(folder, in: folder)
        let file = folder.appendingPathComponent("nltk-tagger.gsvpack")
        let whole = [UInt8](try Data(contentsOf: file))
        var samples = [Array(whole[..<(whole.count / 2)]), Array(whole.dropLast()), [0x80], Array("PK".utf8)]
        var generator = SplitMix64(seed: 5)
        for _ in 0..<200 {
            var bytes = whole
            bytes[Int.random(in: 128..<bytes.count, using: &generator)] ^= UInt8.random(
                in: 1...255, using: &generator)
            samples.append(bytes)
        }
        for sample in samples {
            try Data(sample).write(to: file)
            do throws(TextError) {
                _ = try NltkTagger(path: file.path)
                Issue.record("a damaged file was opened")
            } catch {
                guard case .taggerUnusable(file.path, _) = error else {
                    Issue.record("\(error)")
                    continue
                }
                #expect("\(error)".contains("make data"))
            }
        }
        try FileManager.default.removeItem(at: file)
        #expect(try NltkTagger(path: file.path).map(\.tagNames) == nil)
    }
}
