import Foundation
import Tensor
import Testing

@testable import Text

/// nltk's tagger for tests: beside the checkout, for it carries no licence and is never part of it.
enum NltkFile {
    static let path = Support.fixtures.deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("shared/data/averaged_perceptron_tagger.zip").path
    static let isThere = FileManager.default.fileExists(atPath: path)
    static let reason: Comment = "nltk's averaged_perceptron_tagger.zip is not in ../shared/data"
    /// Path of the file that it is converted to.
    static let converted = Result {
        let output = FileManager.default.temporaryDirectory
            .appendingPathComponent("gsv-tests-nltk-tagger.gsvpack").path
        let result = try TaggerConversion.convert(path, to: output)
        guard result.status == 0 else {
            throw CocoaError(.fileReadCorruptFile, userInfo: ["message": result.message])
        }
        return output
    }
    static let answerer = Result {
        TextRecordAnswerer(
            frontEnd: try TextFrontEnd(
                lexicon: Support.lexicon.get(), englishTagger: .nltk(path: converted.get())))
    }
}

@Suite struct EnglishTests {
    /// Texts without homographs: the same with any tagger.
    @Test func agreesWithUpstream() throws {
        try Support.expectAgreement("english.jsonl", count: 320)
    }

    @Test(.enabled(if: NltkFile.isThere, NltkFile.reason))
    func homographsAgreeWithUpstream() throws {
        try Support.expectAgreement("english_homographs.jsonl", count: 160, NltkFile.answerer.get())
    }

    /// The built-in tagger agrees with nltk's on nearly all homographs of these difficult contexts.
    @Test func builtInTaggerAgrees() throws {
        let answerer = try Support.answerer.get()
        let lines = try Support.lines("english_homographs.jsonl")
        let same = try lines.count { line in
            Support.difference(try Support.object(line), try Support.object(answerer.answer(line))) == nil
        }
        #expect(Double(same) >= 0.93 * Double(lines.count), "\(same) of \(lines.count)")
    }

    private func phones(_ text: String) throws -> String {
        try Support.frontEnd.get().clean(text, language: "en", version: .v2).symbols.joined(separator: " ")
    }

    @Test func homographs() throws {
        #expect(try phones("They record it.").contains("R IH0 K AO1 R D"))
        #expect(try phones("He broke the record.").contains("R EH1 K ER0 D"))
        #expect(try phones("I will read it.").contains("R IY1 D"))
        #expect(try phones("I have read it.").contains("R EH1 D"))
        #expect(try phones("a complex problem").contains("K AH0 M P L EH1 K S"))
    }

    @Test func letters() throws {
        #expect(try phones("A") == ", EY1")
        #expect(try phones("a") == ", AH0")
        #expect(try phones("NASA.") == "EH1 N EY1 EH1 S EY1 .")
        #expect(try phones("the dogs' cat's") == "DH AH0 D AA1 G Z - K AE1 T S")
        #expect(try phones("") == ",")
        #expect(try phones("'") == ", -")
    }

    @Test func names() throws {
        // Only a capitalised word is looked up among names.
        #expect(try phones("Alijah") == "AH0 L AY1 JH AH0")
        #expect(try phones("alijah") == "AA1 L IY0 JH EY1 EY1 EY1 CH")
    }

    @Test func compounds() throws {
        let segmenter = WordSegmenter(try EnglishLexicon(try Support.lexicon.get()).counts)
        func words(_ text: String) -> [String] {
            var rest = Substring(text)
            return segmenter.lengths(Array(text.utf8)).map { length in
                defer { rest = rest.dropFirst(length) }
                return String(rest.prefix(length))
            }
        }
        #expect(words("thisisatest") == ["this", "is", "a", "test"])
        // Of a pair that the source has twice, the last count is used.
        #expect(words("planina") == ["plan", "in", "a"])
        #expect(words("") == [])
        #expect(words("qzxv") == ["qz", "xv"])
        // The last five words of a piece of 250 letters are segmented again with the next piece.
        let long = String(repeating: "thequickbrownfoxjumpsoverthelazydog", count: 20)
        let cut = words(long)
        #expect(cut.joined() == long)
        #expect(cut.count == 180)
    }

    @Test func networkGuesses() throws {
        let lexicon = try EnglishLexicon(try Support.lexicon.get())
        func guess(_ word: String) -> String {
            lexicon.spelling.guesses(of: [Array(word.utf8)[...]])[0]
                .map { lexicon.phones.symbol($0) ?? "" }.joined(separator: " ")
        }
        #expect(guess("activationist") == "AE2 K T IH0 V EY1 SH AH0 N IH0 S T")
        #expect(guess("") == "IY1 JH IY1 AH0 L")

        // A batch of words of all lengths gives the results of single words.
        var generator = SplitMix64(seed: 12)
        let words = (0..<400).map { _ in
            (0..<Int.random(in: 0...30, using: &generator)).map { _ in
                Int.random(in: 0..<8, using: &generator) == 0
                    ? 0x27 : UInt8.random(in: 0x61...0x7A, using: &generator)
            }[...]
        }
        let together = lexicon.spelling.guesses(of: words)
        for (word, guess) in zip(words, together) {
            #expect(lexicon.spelling.guesses(of: [word]) == [guess])
        }
        #expect(lexicon.spelling.guesses(of: []) == [])
    }

    @Test func tokens() {
        func tokens(_ text: String) -> [String] {
            EnglishTokenizer.tokens(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(tokens("stop.and go. on") == ["stop.and", "go", ".", "on"])
        #expect(tokens("a.b c-d.ef x.y-z") == ["a", ".", "b", "c-d.ef", "x", ".", "y-z"])
        #expect(tokens("don't ab' a'b '''''") == ["don't", "ab", "'", "a'b", "'", "'", "'"])
        #expect(tokens("x.abcdefghijklmn x.abcdefghijklm").count == 4)
    }

    @Test func numbers() throws {
        func normal(_ text: String) throws -> String {
            try EnglishNormalizer.normalize([CodePoint](text)).string
        }
        #expect(try normal("12,345") == "twelve thousand, three hundred forty-five")
        #expect(try normal("12005 1,000,001") == "twelve thousand five one million one")
        #expect(try normal("In 2005. Then") == "In two thousand and fifth, Then")
        #expect(
            try normal("1999 2000 2005 1905 1100")
                == "nineteen ninety-nine two thousand two thousand five nineteen oh five eleven hundred")
        #expect(try normal("a -3") == "anegative three")
        #expect(try normal("0:30 13:00") == "zero thirty a.m. one o'clock p.m.")
        #expect(try normal("$5.5 £.01") == "five dollars and fifty cents one penny")
        #expect(try normal("3/4 1/2 5/1 2/100") == "three fourths one half five two one hundredths")
        #expect(try normal("NASA's café, naïve") == "N A S A's cafe, naive")
        #expect(try normal("1 + 2 = 3") == "one plus two Equals three")
        #expect(throws: TextError.unreadableAmount(",5")) { try normal("$,5") }
        #expect(throws: TextError.numberTooLong(digits: 37)) { try normal(String(repeating: "9", count: 37)) }
        #expect(throws: TextError.numberTooLong(digits: 4301)) {
            try normal(String(repeating: "0", count: 4301))
        }
    }

    /// No text crashes, and none takes long: the characters of every rule, many times.
    @Test(.timeLimit(.minutes(1))) func hostile() throws {
        let frontEnd = try Support.frontEnd.get()
        var generator = SplitMix64(seed: 11)
        let pieces: [[CodePoint]] =
            [
                "a", "A", "the", "record", "'s", "'", "-", ".", ",", "!", "?", " ", "\t", "\n", "1", "0", "9",
                ":", "/", "$",
                "£", "(", "%", "km", "st", "×", "=", "+", "²", "é", "e\u{301}", "İ", "ſ", "٣", "Ａ", "中", "😀",
                "\u{200F}",
                "\u{0}", "i.e.", "$1.2.3", "stop.and", "[;:：，；]", "qzxvw",
            ].map { [CodePoint]($0) } + [[0xD800], [0x10FFFF]]
        for _ in 0..<3000 {
            let count = Int.random(in: 0..<12, using: &generator)
            let text = (0..<count).flatMap { _ in pieces.randomElement(using: &generator) ?? [] }
            do {
                let clean = try frontEnd.clean(text, language: "en", version: .v1)
                #expect(clean.normalizedText.unicodeScalars.allSatisfy { $0.isASCII })
            } catch { #expect(error is TextError) }
        }
        let long = [
            "1", "1,", "1.", "1 + ", "1 ", "a.", "a-", "a'", "a b ", "$", "£1", "(", "1:", "5m", "1/",
            "record ", "'", ".",
            " ", "e.g.", "A", "é", "\u{301}", "word", "0$", "x.com",
        ]
        for piece in long {
            let text = [CodePoint](String(repeating: piece, count: 100_000 / piece.utf8.count))
            let start = ContinuousClock.now
            do { _ = try frontEnd.clean(text, language: "en", version: .v2) } catch {
                #expect(error is TextError)
            }
            #expect(ContinuousClock.now - start < Support.generous, "\(piece)")
        }
    }
}
