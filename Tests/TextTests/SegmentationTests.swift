import Foundation
import Tensor
import Testing

@testable import Text

@Suite struct SegmentationTests {
    private static let segmenter = Result { try LanguageSegmenter(Support.lexicon.get()) }

    private func segments(_ text: String, _ fallback: SegmentLanguage? = nil) throws -> [String] {
        try Self.segmenter.get().segments(of: [CodePoint](text), fallback: fallback)
            .map { "\($0.language.rawValue) \($0.text.string)" }
    }

    @Test func everyday() throws {
        #expect(try segments("MyGO?,你也喜欢まいご吗？") == ["en MyGO?,", "zh 你也喜欢", "ja まいご吗？"])
        #expect(
            try segments("ねえ、知ってる？最近、僕は天文学を勉強してるんだ。")
                == ["ja ねえ、知ってる？", "zh 最近、", "ja 僕は天文学を勉強してるんだ。"])
        #expect(try segments("今天3点5分。") == ["zh 今天3", "ja 点", "zh 5分。"])
        #expect(try segments("我用iPhone 15拍照", .zh) == ["zh 我用", "en iPhone ", "zh 15拍照"])
        #expect(try segments("안녕하세요 世界") == ["ko 안녕하세요 ", "ja 世界"])
    }

    /// Upstream's inconsistencies, kept because voices were trained on their results.
    @Test func inconsistencies() throws {
        // Hangul after kana in one Korean piece is lost, and the kana are doubled.
        let piece = LanguageRun(language: .ko, range: 0..<5)
        let doubled = SegmentRefinement.refined([piece], of: [CodePoint]("가あい나다"), fallback: nil)
        #expect(doubled.map(\.text.string) == ["가", "あいあい"])
        // A text of punctuation only has no language.
        #expect(try segments("，") == ["punctuation ，"])
        #expect(try segments("(\n你好").first == "newline (\n")
        // A part in an unknown language keeps ideographs, digits and some punctuation; its comma is lost.
        let unknown = LanguageRun(language: .unknown, range: 0..<5)
        let kept = SegmentRefinement.refined([unknown], of: [CodePoint]("ы好，3。"), fallback: nil)
        #expect(kept.map(\.text.string) == ["好3。"])
        // Runs that are merged as neighbours are not counted: a section that ends up without counted Chinese is
        // Japanese.
        let runs = SectionMerging.runs(of: [
            TextSection(
                kind: .chineseJapanese,
                runs: [
                    LanguageRun(language: .unknown, range: 0..<1), LanguageRun(language: .zh, range: 1..<20),
                ])
        ])
        #expect(runs == [LanguageRun(language: .ja, range: 0..<20)])
    }

    /// Nothing is lost or invented where every language has a fallback.
    @Test func fallbackKeepsTheText() throws {
        var generator = SplitMix64(seed: 3)
        let pieces = [
            "你好", "衬衫", "あの", "한국", "abc ", "don't", " ", "，", "\n", "12", "²", "é", "Ы", "ก", "😀", "々", "'",
            "X",
        ]
        for _ in 0..<3000 {
            var text = ""
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                text += pieces.randomElement(using: &generator) ?? ""
            }
            let stripped = [CodePoint](text)[...].stripped.map { $0 }
            guard !stripped.isEmpty else { continue }
            let found = try Self.segmenter.get().segments(of: [CodePoint](text), fallback: .ja)
            #expect(found.flatMap(\.text) == stripped)
            #expect(zip(found, found.dropFirst()).allSatisfy { $0.language != $1.language })
        }
    }

    /// Random scalars, combining marks, both directions of writing: segments or a typed error.
    @Test func anyScalars() throws {
        var generator = SplitMix64(seed: 4)
        let ranges: [ClosedRange<CodePoint>] = [
            0...0x250, 0x300...0x36F, 0x590...0x6FF, 0x2000...0x206F, 0x3000...0x30FF, 0x4E00...0x9FFF,
            0xAC00...0xD7AF, 0xD800...0xDFFF, 0xFF00...0xFFEF, 0x1F300...0x1F700, 0...0x10FFFF,
        ]
        for _ in 0..<3000 {
            let text = (0..<Int.random(in: 1...20, using: &generator)).map { _ in
                CodePoint.random(in: ranges.randomElement(using: &generator) ?? 0...1, using: &generator)
            }
            do {
                #expect(try !Self.segmenter.get().segments(of: text).isEmpty)
            } catch let error as TextError {
                #expect(["emptyText", "unknownCharacter"].contains(error.name))
            }
        }
    }

    /// 100 KB of one thing: the time must not grow with the square of the length.
    @Test(arguments: [
        "a ", "你", "あ亜", "，", "a,", "你 a", "'", "1", "한あ", "你\n", "衬衫 日本 ", "__label__", "𠮷", "Σ", "\u{301}",
    ])
    func longTexts(unit: String) throws {
        let text = String(repeating: unit, count: 100_000 / unit.utf8.count)
        let elapsed = try ContinuousClock().measure { _ = try segments(text) }
        #expect(elapsed < Support.generous)
    }
}

@Suite struct IdentificationTests {
    private static let folder = Support.fixtures.appendingPathComponent("fasttext")

    /// Models of a few kilobytes, trained and evaluated with fastText itself: quantised and pruned, dense with pairs of
    /// words, and quantised without lengths.
    @Test(arguments: ["pruned.ftz", "pairs.bin", "pairs.ftz"])
    func modelFiles(name: String) throws {
        let identifier = try LanguageIdentifier(path: Self.folder.appendingPathComponent(name).path)
        #expect(Set(identifier.languages) == ["en", "de", "zh", "ja", "ru"])
        let lines = try Support.lines("fasttext/\(name).jsonl")
        #expect(lines.count >= 30)
        for line in lines {
            let golden = try Support.object(line)
            let guesses = try identifier.guesses(
                [CodePoint](try #require(golden["text"] as? String)),
                limit: try #require(golden["k"] as? Int),
                threshold: Float(try #require(golden["threshold"] as? Double)))
            let answer: [String: Any] = [
                "result": guesses.map { [$0.language, Double($0.probability)] as [Any] }
            ]
            #expect(Support.difference(golden, answer) == nil, "\(golden["text"] ?? "")")
        }
    }

    /// A named model is used instead of the pack's, with its own results.
    @Test func configuredModel() throws {
        let path = Self.folder.appendingPathComponent("pairs.bin").path
        let frontEnd = try TextFrontEnd(lexicon: try Support.lexicon.get(), languageModel: path)
        #expect(frontEnd.splitting.segmenter.identifier.languages.count == 5)
        #expect(throws: TextError.identifierUnusable(path: "/none", reason: "there is no readable file")) {
            try TextFrontEnd(lexicon: try Support.lexicon.get(), languageModel: "/none")
        }
    }

    /// Truncated, or with bytes changed: a model or a typed error, and no crash.
    @Test(arguments: ["pruned.ftz", "pairs.bin", "pairs.ftz"])
    func damagedModels(name: String) throws {
        let bytes = Array(try Data(contentsOf: Self.folder.appendingPathComponent(name)))
        let copy = FileManager.default.temporaryDirectory.appendingPathComponent("damaged-\(UUID()).bin")
        defer { try? FileManager.default.removeItem(at: copy) }
        var generator = SplitMix64(seed: 5)
        var refused = 0
        for round in 0..<600 {
            var damaged = bytes
            if round < 200 {
                damaged.removeLast(Int.random(in: 1..<bytes.count, using: &generator))
            } else {
                // The header has the sizes.
                let end = round < 450 ? 120 : bytes.count
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    damaged[Int.random(in: 0..<end, using: &generator)] = UInt8.random(
                        in: 0...255, using: &generator)
                }
            }
            try Data(damaged).write(to: copy)
            do throws(TextError) {
                let identifier = try LanguageIdentifier(path: copy.path)
                _ = try identifier.guesses([CodePoint]("今天 the weather 很好"), limit: 3, threshold: 0)
            } catch {
                guard case .identifierUnusable = error else {
                    Issue.record("\(error)")
                    continue
                }
                refused += 1
            }
        }
        #expect(refused >= 200)
    }

    @Test func capitalsAreLowered() throws {
        let identifier = try LanguageIdentifier(try Support.lexicon.get())
        func first(_ text: String) throws -> LanguageIdentifier.Guess? {
            try identifier.guesses([CodePoint](text), limit: 1, threshold: 0).first
        }
        #expect(try first("HELLO MY FRIEND") == first("hello my friend"))
        #expect(try first("HELLo") != first("hello"))
        #expect(try first("HELLOo") == first("helloo"))
        let long = String(repeating: "这是一个句子。", count: 40)
        #expect(try first(long) == first(String(long.prefix(80))))
    }
}
