import Foundation
import Tensor
import Testing

@testable import Text

/// The Japanese front end: what upstream answers, the rules one by one, and inputs of all kinds.
@Suite struct JapaneseTests {
    private static let phonemizer = Result { try JapanesePhonemizer(Support.lexicon.get()) }

    private func phones(_ text: String) throws -> String {
        try Self.phonemizer.get().symbols(of: JapanesePhonemizer.normalized([CodePoint](text))).joined(
            separator: " ")
    }

    // MARK: Upstream

    @Test func agreesWithUpstream() throws {
        try Support.expectAgreement("japanese.jsonl", count: 381)
    }

    @Test(arguments: [
        ("", ""), (" ", ""), ("、", ","), ("橋", "h a [ sh i"), ("箸", "h a ] sh i"),
        ("雨と飴", "a ] m e t o # a [ m e"),
        // Entries of equal cost: the first of the dictionary.
        ("薬師", "k u [ s u ] sh i"),
        // Passages are independent of each other: a question mark has no effect.
        ("行く？", "i [ k u ?"),
        // What has no pronunciation is a pause, except at the ends.
        ("々々", ""), ("ゎ", ""), ("ー", ""), ("あー", "a ] a"),
    ])
    func passages(text: String, expected: String) throws {
        #expect(try phones(text) == expected)
    }

    @Test(arguments: [
        ("三百", "s a ] N by a k u"), ("六百", "r o [ cl py a k u"), ("八千", "h a [ cl s e ] N"),
        ("一日", "i [ ch i n i ch i"),
        ("4月1日", "sh i [ g a ts u # ts u [ i t a ch i"), ("一人", "h i [ t o ] r i"), ("二十日", "h a [ ts u k a"),
        ("3階", "s a [ N g a i"), ("007", "z e [ r o z e ] r o # n a ] n a"),
        ("1本2本3本", "i [ cl ] p o N # n i ] h o N # s a [ N ] b o N"),
    ])
    func numbers(text: String, expected: String) throws {
        #expect(try phones(text) == expected)
    }

    /// Punctuation marks are symbols of their own; most are not in the table and become `UNK`.
    @Test func punctuation() throws {
        #expect(try phones("：；，、·。\n！？…-") == ", , , , , . . ! ? …")
        #expect(try phones("「」％%〇\u{3000}") == "「 」 p a [ a s e ] N t o % 〇 \u{3000}")
        let unknown = try Support.frontEnd.get().clean("「[", language: "ja", version: .v1)
        #expect(unknown.symbols == ["UNK", "UNK"])
        #expect(try Support.frontEnd.get().clean("[", language: "ja", version: .v2).symbols == ["["])
    }

    /// Case and width make no difference, even where a letter becomes two.
    @Test func letters() throws {
        let plain = try phones("nhk k i 3")
        for other in ["NHK K I 3", "ＮＨＫ ｋ Ｉ ３", "nhＫ \u{212A} i 3"] { #expect(try phones(other) == plain) }
        #expect(try phones("\u{130}") == phones("i") + " \u{307}")
        #expect(try phones("ｱｲｽ") == phones("アイス"))
        // A voicing mark of half width is punctuation.
        #expect(try phones("ｶﾞ") == phones("カ") + " ﾞ")
    }

    @Test func normalization() throws {
        func norm(_ text: String) throws -> String {
            try Self.phonemizer.get().phonemize([CodePoint](text), version: .v2).normalizedText
        }
        #expect(try norm("え!?…,.-え！！。。") == "え!え！！。。")
        #expect(try norm("") == "")
    }

    // MARK: Limits

    @Test func passagesTooLong() throws {
        let phonemizer = try Self.phonemizer.get()
        func read(_ text: String) throws -> Int {
            try phonemizer.phonemize([CodePoint](text), version: .v2).symbols.count
        }
        #expect(try read(String(repeating: "日", count: 2730)) > 2730)
        #expect(throws: TextError.passageTooLong(characters: 2731)) {
            try read(String(repeating: "日", count: 2731))
        }
        // With punctuation it is two passages.
        #expect(
            try read(String(repeating: "日", count: 2730) + "、" + String(repeating: "日", count: 2730)) > 5460)
        // Kana that are no words become one.
        #expect(try read(String(repeating: "ゃ", count: 341)) == 683)
        #expect(throws: TextError.passageTooLong(characters: 345)) {
            try read(String(repeating: "ゃ", count: 345))
        }
        #expect("\(TextError.passageTooLong(characters: 2731))".contains("2731"))
    }

    @Test func longTexts() throws {
        let phonemizer = try Self.phonemizer.get()
        for unit in ["東京都の天気は、", "1、", "・1", "ー", "😀", "ﾞ", String(repeating: "漢", count: 2700) + "。"] {
            var text: [CodePoint] = []
            while text.count < 33_000 { text += [CodePoint](unit) }
            let start = ContinuousClock.now
            do {
                #expect(try phonemizer.phonemize(text, version: .v2).normalizedText == text.string)
            } catch {
                #expect(error as? TextError == .passageTooLong(characters: text.count))
            }
            #expect(ContinuousClock.now - start < Support.generous)
        }
    }

    // MARK: Properties

    private static let pieces: [[CodePoint]] =
        [
            "東京", "食べ", "られ", "ました", "の", "は", "て", "です", "、", "。", "・", "ー", "っ", "ゃ", "ゔ", "ヶ", "々", "〇",
            "ｶﾞ", "ｱ", "３",
            "10", "000", "二", "十", "四", "日", "日間", "人", "月", "番号", "何", "百", "兆", "第", "本", "％", "A", "ＮＨＫ",
            " ", "\n", "か\u{3099}",
            "\u{202E}", "👨\u{200D}👩", "한", "٣", "𝟛", "é", "\u{0}",
        ].map { [CodePoint]($0) } + [[0xD800], [0xDFFF], [0xFFFF], [0x10FFFF]]

    private func text(_ generator: inout SplitMix64) -> [CodePoint] {
        var result: [CodePoint] = []
        for _ in 0..<Int.random(in: 0...16, using: &generator) {
            switch Int.random(in: 0..<12, using: &generator) {
            case 0: result.append(CodePoint.random(in: 0...0x10FFFF, using: &generator))
            case 1, 2: result.append(CodePoint.random(in: 0x4E00...0x9FFF, using: &generator))
            case 3, 4: result.append(CodePoint.random(in: 0x3040...0x30FF, using: &generator))
            default: result += Self.pieces.randomElement(using: &generator) ?? []
            }
        }
        return result
    }

    /// Every text has phonemes of the table; punctuation separates passages completely.
    @Test func textsOfAllKinds() throws {
        let phonemizer = try Self.phonemizer.get()
        let frontEnd = try Support.frontEnd.get()
        var generator = SplitMix64(seed: 5)
        for _ in 0..<3000 {
            let (first, second) = (text(&generator), text(&generator))
            let (a, b) = (
                try phonemizer.phonemize(first, version: .v2).symbols,
                try phonemizer.phonemize(second, version: .v2).symbols
            )
            #expect(
                try phonemizer.phonemize(first + [0x3001] + second, version: .v2).symbols == a + [","] + b)
            let version: SymbolVersion = Bool.random(using: &generator) ? .v1 : .v2
            let cleaned = try frontEnd.clean(first, language: "ja", version: version)
            let symbols = SymbolTable.table(version).symbols
            #expect(cleaned.phonemes.count == a.count)
            #expect(cleaned.phonemes.allSatisfy { symbols.indices.contains($0) })
            #expect(cleaned.wordToPhone == nil)
        }
    }
}
