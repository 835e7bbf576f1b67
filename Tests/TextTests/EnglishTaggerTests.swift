import Foundation
import Tensor
import Testing

@testable import Text

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

    @Test func whichIsInUse() throws {
        let lexicon = try Support.lexicon.get()
        #expect(try TextFrontEnd(lexicon: lexicon, englishTagger: .builtIn).englishTagger == .builtIn)
        #expect(throws: TextError.taggerMissing(path: "/nowhere")) {
            try TextFrontEnd(lexicon: lexicon, englishTagger: .nltk(path: "/nowhere"))
        }
        guard NltkTagger.isThere else { return }
        let given = EnglishTagger.nltk(path: NltkTagger.path)
        #expect(try TextFrontEnd(lexicon: lexicon, englishTagger: given).englishTagger == given)
    }

    /// A small tagger in every form: JSON folder, pickle, stored archive.
    @Test func forms() throws {
        let folder = try scratch()
        defer { try? FileManager.default.removeItem(at: folder) }
        let name = "averaged_perceptron_tagger_eng"
        for (part, text) in [
            (
                "weights",
                #"{"bias": {"NN": 1, "VB": 0.5}, "i-1 word i": {"VB": 2.5}, "i word .": {"X": 9.0}}"#
            ),
            ("tagdict", #"{"the": "DT"}"#), ("classes", #"["VB", "NN", "DT"]"#),
        ] {
            try text.write(
                to: folder.appendingPathComponent("\(name).\(part).json"), atomically: true, encoding: .utf8)
        }
        let json = try #require(try NltkTaggerFile(folder.path)).tagger()
        #expect(json.tagNames == ["DT", "NN", "VB"])
        #expect(tags(json, "I record the record") == ["NN", "VB", "DT", "NN"])

        // ({'bias': {'NN': 1.0}}, {'the': 'DT'}, {'DT', 'NN'}), protocol 2.
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
        pickle += Array("e".utf8) + [0x85] + Array("R".utf8) + [0x87] + Array(".".utf8)
        let file = folder.appendingPathComponent("averaged_perceptron_tagger.pickle")
        try Data(pickle).write(to: file)
        #expect(tags(try #require(try NltkTaggerFile(file.path)).tagger(), "I the") == ["NN", "DT"])
        for count in 0..<pickle.count {
            var reader = PickleReader(Array(pickle[..<count]))
            #expect(reader.read() == nil)
        }
    }

    @Test(.enabled(if: NltkTagger.isThere, NltkTagger.reason))
    func nltk() throws {
        let tagger = try #require(try NltkTaggerFile(NltkTagger.path)).tagger()
        #expect(tagger.tagNames.count == 45)
        #expect(
            tags(tagger) == [
                "PRP", "VBP", "DT", "JJ", "NN", ",", "CC", "PRP", "VBP", "DT", "JJ", "NN", "POS", "NN", ".",
            ])
    }

    /// The same tags as another program computes from the same weights.
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

    /// What is no tagger is an error that names the file, whatever it is.
    @Test func damage() throws {
        let folder = try scratch()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("tagger.zip")
        var samples: [[UInt8]] = [
            [0x80], Array("PK".utf8), Array("PK\u{5}\u{6}".utf8) + [UInt8](repeating: 0, count: 18),
        ]
        var generator = SplitMix64(seed: 5)
        if let whole = FileManager.default.contents(atPath: NltkTagger.path).map(Array.init) {
            samples += [Array(whole[..<(whole.count / 2)]), Array(whole.dropLast())]
            for _ in 0..<3 {
                var bytes = whole
                for _ in 0..<20 {
                    bytes[Int.random(in: 1000..<bytes.count, using: &generator)] ^= UInt8.random(
                        in: 1...255, using: &generator)
                }
                samples.append(bytes)
            }
        }
        for sample in samples {
            try Data(sample).write(to: file)
            do { _ = try NltkTaggerFile(file.path)?.tagger() } catch {
                guard case .taggerDamaged(file.path, _) = error else {
                    Issue.record("\(error)")
                    continue
                }
                #expect("\(error)".contains(file.path))
            }
        }
    }

    @Test func inflate() {
        // "hello hello hello hello" by zlib, raw.
        let packed: [UInt8] = [0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0x57, 0xC8, 0x40, 0x27, 0x01]
        #expect(Inflate.unpack(packed[...], size: 23) == Array("hello hello hello hello".utf8))
        #expect(Inflate.unpack(packed[...], size: 22) == nil)
        #expect(Inflate.unpack(packed.dropLast(3), size: 23) == nil)
        #expect(Inflate.unpack([], size: 0) == nil)
        let stored: [UInt8] = [1, 2, 0, 0xFD, 0xFF, 0x61, 0x62]
        #expect(Inflate.unpack(stored[...], size: 2) == Array("ab".utf8))
        var generator = SplitMix64(seed: 8)
        for _ in 0..<2000 {
            let bytes = (0..<40).map { _ in UInt8.random(in: 0...255, using: &generator) }
            _ = Inflate.unpack(bytes[...], size: 1000)
        }
    }
}
