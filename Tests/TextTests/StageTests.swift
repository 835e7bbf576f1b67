import Foundation
import Synchronization
import Tensor
import Testing

@testable import Text

/// A network that takes a label of each query as a function of the character, and counts its calls.
private final class CountingNetwork: PolyphoneNetwork {
    private let seed: Int
    private let count = Mutex(0)

    init(seed: Int) { self.seed = seed }

    /// Calls so far.
    var calls: Int { count.withLock { $0 } }

    func choose(_ queries: [PolyphoneQuery]) -> [Int] {
        count.withLock { $0 += 1 }
        return queries.map { query in
            query.labels[(seed &* 31 &+ query.characterID &* 7 &+ query.index) % query.labels.count]
        }
    }
}

/// The front end's two stages: `normalize`, which throws whatever a text can cause, and `phonemize`, which cannot fail
/// any more.
@Suite struct StageTests {
    private static let networks = (0..<3).map(CountingNetwork.init)
    private static let frontEnds = Result {
        try networks.map {
            try TextFrontEnd(lexicon: Support.lexicon.get(), polyphones: $0, englishTagger: .builtIn)
        }
    }

    private func texts(_ file: String) throws -> [[CodePoint]] {
        try Support.records(file).compactMap { ($0["text"] as? String).map { [CodePoint]($0) } }
    }

    /// Normalises; if that succeeds, phonemizing has to as well, and has to agree with the first stage.
    /// - Returns: whether the text passed.
    private func check(
        _ text: [CodePoint], _ language: LanguageCode, _ version: SymbolVersion, _ frontEnd: TextFrontEnd
    ) throws -> Bool {
        let normalized: NormalizedSentence
        do { normalized = try frontEnd.normalize(text, language: language, version: version) } catch {
            return false
        }
        let sentence = try frontEnd.phonemize(normalized)
        #expect(sentence.phonemes.count >= normalized.minimumPhonemeCount)
        #expect((normalized.minimumPhonemeCount == 0) == sentence.phonemes.isEmpty)
        if normalized.alternative == nil {
            #expect(normalized.normalizedText == sentence.normalizedText)
            #expect(normalized.segments.map(\.text) == sentence.segments.map(\.text))
        }
        return true
    }

    @Test(arguments: [
        "phones.jsonl", "phones_numbers.jsonl", "pieces.jsonl", "sentences.jsonl", "segments.jsonl",
        "english.jsonl", "english_homographs.jsonl",
    ])
    func whatPhonemizeThrowsNormalizeThrew(file: String) throws {
        let frontEnds = try Self.frontEnds.get()
        var passed = 0
        for (index, text) in try texts(file).enumerated() {
            for language in [LanguageCode.auto, .zh, .en, .ja, .ko, .yue, .allZh] {
                let version: SymbolVersion = (index + language.rawValue.count) % 3 == 0 ? .v1 : .v2
                passed += try check(text, language, version, frontEnds[index % frontEnds.count]) ? 1 : 0
            }
        }
        #expect(passed > 100)
    }

    @Test func randomTexts() throws {
        let frontEnds = try Self.frontEnds.get()
        let pieces: [[CodePoint]] =
            [
                "一", "不", "儿", "行", "还", "了", "2024年", "3:30", "-", ".", "，", "。", "!", "…", "￥", "^", "\n",
                " ",
                "個", "噷", "兙", "٣", "あ", "日本", "カ", "한", "개", "99999999999999999개", "😀", "\u{D7B0}", "a",
                "zqx",
                "the", "record", "blorf", "'s", "qvrt's", "x's", "$,5", "😀's", "喺", "佢",
            ].map { [CodePoint]($0) } + [[0xD800], [0xA960]]
        var generator = SplitMix64(seed: 21)
        var (passed, refused) = (0, 0)
        for _ in 0..<6000 {
            let text = (0..<Int.random(in: 0...9, using: &generator)).flatMap { _ in
                pieces.randomElement(using: &generator) ?? []
            }
            let language = try #require(LanguageCode.allCases.randomElement(using: &generator))
            let version: SymbolVersion = Bool.random(using: &generator) ? .v1 : .v2
            let frontEnd = try #require(frontEnds.randomElement(using: &generator))
            if try check(text, language, version, frontEnd) { passed += 1 } else { refused += 1 }
        }
        #expect(passed > 2000)
        #expect(refused > 500)
    }

    /// No network runs in the first stage, and one call serves a segment in the second.
    @Test func networkRunsInTheSecondStage() throws {
        let network = CountingNetwork(seed: 1)
        let frontEnd = try TextFrontEnd(
            lexicon: Support.lexicon.get(), polyphones: network, englishTagger: .builtIn)
        let text = "他还没来。我们行走在银行旁边，了解长短。"
        let normalized = try frontEnd.normalize(text, language: .zh, version: .v2)
        #expect(network.calls == 0)
        let sentence = try frontEnd.phonemize(normalized)
        #expect(network.calls == 1)
        #expect(sentence == (try frontEnd.prepare(text, language: .zh, version: .v2)))
        #expect(try frontEnd.normalize("今天天气。", language: .zh, version: .v1).minimumPhonemeCount == 9)
        #expect(network.calls == 2)
    }

    /// Whatever label the network chooses, the reading has phonemes: of the labels without, another of the character's
    /// labels takes the place.
    @Test func everyLabelHasPhonemes() throws {
        let chinese = try Support.chinese.get()
        let tables = try PolyphoneTables(Support.lexicon.get(), chinese)
        var replaced = 0
        for character in 0..<tables.characterCount {
            for label in tables.labels(of: character) + [-1, 10_000] {
                let own = tables.syllable(ofLabel: label)
                let reading = tables.reading(of: character, label: label)
                #expect(chinese.syllables.phones(reading) != nil)
                if reading != own, label >= 0, label < 10_000 { replaced += 1 }
            }
        }
        #expect(replaced == 13)
    }

    /// Fewer than six phonemes: the first stage continues with a period in front of the text.
    @Test func fewPhonemes() throws {
        let frontEnd = try Support.frontEnd.get()
        let normalized = try frontEnd.normalize("Zorf", language: .en, version: .v2)
        #expect(normalized.normalizedText == ". Zorf")
        let sentence = try frontEnd.phonemize(normalized)
        #expect(sentence.normalizedText == ". Zorf")
        #expect(sentence.phonemes.map(SymbolTable.v2.symbol).first == ".")
        let long = try frontEnd.normalize("Glorpianvexlerquindle", language: .en, version: .v2)
        #expect(try frontEnd.phonemize(long).normalizedText == "Glorpianvexlerquindle")
    }

    /// Errors caused by the text are thrown before any network runs.
    @Test func textErrorsAreThrownFirst() throws {
        let frontEnd = try #require(try Self.frontEnds.get().first)
        func refused(_ text: String, _ language: LanguageCode) -> TextError? {
            do throws(TextError) {
                _ = try frontEnd.normalize(text, language: language, version: .v2)
                return nil
            } catch { return error }
        }
        #expect(refused("他还没来。覅讲闲话。", .zh)?.name == "noPhones")
        #expect(refused("佢哋乄", .yue)?.name == "noPhones")
        #expect(refused("한국어 \u{D7B0}", .allKo)?.name == "noPhones")
        #expect(refused("99999999999999999개", .ko)?.name == "numberTooLong")
        #expect(refused(String(repeating: "ゃ", count: 400), .allJa)?.name == "passageTooLong")
        #expect(refused("It costs $,5 now.", .en)?.name == "unreadableAmount")
        #expect(refused(" \n ", .zh)?.name == "emptyText")
    }
}
