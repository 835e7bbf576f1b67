import Foundation
import Tensor
import Testing

@testable import Text

@Suite struct KoreanTests {
    static let phonemizer = Result { try KoreanPhonemizer(Support.lexicon.get()) }

    private func phones(_ text: String) throws -> String {
        try Self.phonemizer.get().phonemize([CodePoint](text), version: .v2).symbols.joined()
    }

    // MARK: Upstream's answers

    @Test func agreesWithUpstream() throws {
        try Support.expectAgreement("korean.jsonl", count: 420)
    }

    // MARK: Letters, idioms, repairs

    @Test(arguments: [
        ("", ""), (" ", "空"), ("KBS", "ㅋㅔㅇㅣㅂㅣㅇㅔㅅㅡ."), ("ıſK", "ㅇㅏㅇㅣㅇㅔㅅㅡㅋㅔㅇㅣ."), ("空停", "空停"),
        ("漢あ🙂", "停停停"), ("가：나。", "ㄱㅏ,ㄴㅏ."), ("가\n", "ㄱㅏ.."), ("ㅋㅋ", "ㅋㅋ."), ("ㅘ", "ㅗㅏ."), ("ㄳ", "停."),
        ("ㅏㅏ\n\n", "ㅏㅏ.."), ("생산량", "ㅅㅐㅇㅅㅏㄴㄴㅣㅏㅇ."), ("6·25", "ㅇㅣㅜㄱㅣㅇㅗ."), ("100%", "ㅂㅐㄱㅍㅓㅅㅔㄴㅌㅡ."),
        ("를 라면", "ㄹㅡㄹ空ㄴㅏㅁㅣㅓㄴ."), ("을 라라", "ㅇㅡㄹ空ㄴㅏㄹㅏ."), ("실 라라", "ㅅㅣㄹ空ㄹㅏㄹㅏ."),
    ])
    func letters(text: String, wanted: String) throws {
        #expect(try phones(text) == wanted)
    }

    // MARK: Rules of pronunciation

    @Test(arguments: [
        ("가져", "ㄱㅏㅈㅓ."), ("희망", "ㅎㅣㅁㅏㅇ."), ("끝이", "ㄲㅡㅅㅣ."), ("굳이", "ㄱㅜㅈㅣ."), ("같이", "ㄱㅏㅊㅣ."),
        ("밟다", "ㅂㅏㅂㄸㅏ."),
        ("밟아", "ㅂㅏㅂㅏ."), ("밟아\t", "ㅂㅏㄹㅂㅏ停"), ("밟밟", "ㅂㅏㅂㅃㅏㅂ."), ("밟밟\t", "ㅂㅏㅂㅃㅏㄹ停"), ("넓죽", "ㄴㅓㅂㅉㅜㄱ."),
        ("안다", "ㅇㅏㄴㄷㅏ."), ("앉고", "ㅇㅏㄴㄲㅗ."),
        ("젊지", "ㅈㅓㅁㅉㅣ."),
        ("맑게", "ㅁㅏㄹㄲㅔ."), ("닭", "ㄷㅏㄱ."), ("값이", "ㄱㅏㅂㅆㅣ."), ("국물", "ㄱㅜㅇㅁㅜㄹ."), ("신라", "ㅅㅣㄹㄹㅏ."),
        ("칼날", "ㅋㅏㄹㄹㅏㄹ."),
        ("좋다", "ㅈㅗㅌㅏ."), ("많아", "ㅁㅏㄴㅏ."), ("옷 안", "ㅇㅗㄷ空ㅇㅏㄴ."), ("할 것", "ㅎㅏㄹ空ㄲㅓㄷ."), ("할수록", "ㅎㅏㄹㅆㅜㄹㅗㄱ."),
        ("앞!", "ㅇㅏㅂ!"), ("잃", "ㅇㅣㄹ."), ("ᅡᅡᅡ", "ㅇㅏㅏㅇㅏ."), ("강ᆨ", "ㄱㅏㅇㄱ."), ("나의", "ㄴㅏㅇㅡㅣ."),
    ])
    func pronunciation(text: String, wanted: String) throws {
        #expect(try phones(text) == wanted)
    }

    /// A word before whitespace other than a space is not looked up, so nothing depends on its part of speech.
    @Test func annotations() throws {
        let annotation = KoreanAnnotation(try KoreanLexicon(Support.lexicon.get()).dictionary)
        func annotated(_ text: String) -> String { annotation.annotated([CodePoint](text)).string }
        #expect(annotated("나의 책 3개를 갈 것이다") == "나의/J 책 3개/B를 갈/E 것이다")
        #expect(annotated("신을 신고 안고") == "신을 신/P고 안/P고")
        #expect(annotated("나의\t책 3개") == "나의\t책 3개")
        #expect(annotated("책 3개\u{0}") == "책 3개\u{0}")
        #expect(annotated("  3개  ") == "  3개/B  ")
    }

    @Test(arguments: [
        ("0", false, "영"), ("0", true, "영"), ("20", true, "스무"), ("21", true, "스물한"), ("20", false, "이십"),
        ("10", false, "십"),
        ("11", true, "열한"), ("100", true, "백"), ("101", true, "백한"), ("1111", false, "천백십일"),
        ("10000", false, "만"),
        ("100000000", false, "일억"), ("1010101010", false, "일십억천십만천십"), ("100010000", false, "일억만"),
        ("9999999999999999", false, "구천구백구십구조구천구백구십구억구천구백구십구만구천구백구십구"), ("007", false, "칠"), ("", false, ""),
        ("00000000000000000001", true, "한"), ("３3", false, "십삼"), ("1000000000000", false, "일조"),
    ])
    func numbers(digits: String, native: Bool, wanted: String) throws {
        #expect(try KoreanNumerals.reading([CodePoint](digits), native: native).string == wanted)
    }

    @Test func numbersInTexts() throws {
        func read(_ text: String) throws -> String { try KoreanNumerals.verbalized([CodePoint](text)).string }
        #expect(try read("1개/B와 11개/B") == "한개/B와 열한개/B")
        #expect(try read("3월 5일/B") == "삼월 오일/B")
        #expect(try read("1,234원/B") == "천이백삼십사원/B")
        #expect(try read("1,234") == "일,이삼사")
        // 데 is part of 군데, so it takes native numerals, too.
        #expect(try read("3데/B") == "세데/B")
        #expect(throws: TextError.numberTooLong(digits: 17)) { try read("12345678901234567개/B") }
        #expect(try phones("12345678901234567") == phones("일이삼사오육칠팔구영일이삼사오육칠"))
    }

    // MARK: Errors and anything at all

    @Test func errors() throws {
        let phonemizer = try Self.phonemizer.get()
        #expect(throws: TextError.self) { try phonemizer.phonemize([0xAC00, 0xD800], version: .v2) }
        for point: CodePoint in [0xA960, 0xA97C, 0xD7B0, 0xD7FB] {
            #expect(throws: TextError.self) { try phonemizer.phonemize([0xAC00, point], version: .v2) }
        }
        for point: CodePoint in [0xA95F, 0xA97D, 0xD7A4, 0xD7C7, 0xD7FC, 0x1113, 0x115F, 0x1160, 0x11FF] {
            #expect(try phonemizer.phonemize([0xAC00, point], version: .v2).symbols.count == 3)
        }
    }

    private static let pieces: [[CodePoint]] =
        [
            "가", "의", "을 ", "를 라", "밟", "끝이", "3개", "11개", "1,000원", "10월", "%", "KBS", "ㅋㅋ", "ㅘ", "ᆨ", "ᄋ",
            "ᅡ", "ᇂ",
            "ᆶᇂ", " ", "\n", "\t", "\u{0}", ".", "。", "/B", "漢", "あ", "e\u{301}", "\u{202E}", "\u{3164}", "🙂",
            "１",
            "꘠", "갈 것", "신고",
        ].map { [CodePoint]($0) } + [[0x10FFFF]]

    /// Any text: itself as the normalised text and phonemes of the table, or a typed error.
    @Test func textsOfAllKinds() throws {
        let phonemizer = try Self.phonemizer.get()
        var generator = SplitMix64(seed: 5)
        var read = 0
        for _ in 0..<3000 {
            var text: [CodePoint] = []
            for _ in 0..<Int.random(in: 0...16, using: &generator) {
                switch Int.random(in: 0..<8, using: &generator) {
                case 0: text.append(CodePoint.random(in: 0...0x10FFFF, using: &generator))
                case 1: text.append(CodePoint.random(in: 0x1100...0x11FF, using: &generator))
                case 2...4: text.append(CodePoint.random(in: 0xAC00...0xD7A3, using: &generator))
                default: text += Self.pieces.randomElement(using: &generator) ?? []
                }
            }
            guard let result = try? phonemizer.phonemize(text, version: .v2) else { continue }
            #expect(result.normalizedText == text.string)
            #expect(result.wordToPhone == nil)
            #expect(result.symbols.count >= text.count)
            #expect(!result.symbols.contains("UNK"))
            read += 1
        }
        #expect(read > 2500)
    }

    @Test(arguments: [
        "가", "갉", "밟", "3개 ", "1", "a", "ᇂ", "ᆨᄋ", "을 ㄹ", "%", "漢", " ", ".", "한국어를 말할 것이다. ", "🙂", "!?",
    ])
    func longLines(unit: String) throws {
        let phonemizer = try Self.phonemizer.get()
        let unit = [CodePoint](unit)
        let bytes = unit.string.utf8.count
        let text = [CodePoint](repeatElement(unit, count: 100_000 / bytes).joined())
        let time = try ContinuousClock().measure { _ = try phonemizer.phonemize(text, version: .v2) }
        #expect(time < Support.generous, "\(time)")
    }
}

@Suite struct MorphemeTests {
    /// Morphemes cover the text except spaces, in order.
    @Test func coverTheText() throws {
        let dictionary = try KoreanLexicon(Support.lexicon.get()).dictionary
        var generator = SplitMix64(seed: 6)
        for _ in 0..<500 {
            let text = (0..<Int.random(in: 0...40, using: &generator)).map { _ -> CodePoint in
                switch Int.random(in: 0..<6, using: &generator) {
                case 0: 0x20
                case 1: CodePoint.random(in: 0x21...0x3FF, using: &generator)
                case 2: CodePoint.random(in: 0x3000...0x1FFFF, using: &generator)
                default: CodePoint.random(in: 0xAC00...0xD7A3, using: &generator)
                }
            }
            let morphemes = MorphemeLattice.morphemes(of: text, dictionary)
            #expect(morphemes.flatMap { text[$0.range] } == text.filter { $0 != 0x20 })
            #expect(morphemes.allSatisfy { !$0.range.isEmpty })
        }
    }

    /// mecab-ko's setting: a particle has a cost after a space.
    @Test func leftSpacePenalty() throws {
        let dictionary = try KoreanLexicon(Support.lexicon.get()).dictionary
        func kinds(_ text: String) -> [KoreanLexicon.Kind?] {
            MorphemeLattice.morphemes(of: [CodePoint](text), dictionary).map { .init(rawValue: $0.feature) }
        }
        #expect(kinds("친구가 왔다") == [.other, .particle, .ending, .ending])
        #expect(kinds("친구 가 왔다") == [.other, .ending, .ending, .ending])
    }
}
