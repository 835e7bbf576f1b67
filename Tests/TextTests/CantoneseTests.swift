import Foundation
import Tensor
import Testing

@testable import Text

@Suite struct CantoneseTests {
    static let phonemizer = Result {
        try CantonesePhonemizer(Support.lexicon.get(), chinese: Support.chinese.get())
    }

    @Test func agreesWithUpstream() throws {
        try Support.expectAgreement("cantonese.jsonl", count: 150)
    }

    @Test(arguments: [
        ("佢個鋤頭", "Yk Yeoi5 Yg Yo3 Yc Yo4 Yt Yau2"), ("唔", "Ym Ym4"), ("五", "Yng Yg5"), ("牙", "Yng Yaa4"),
        ("挨", "Yaa Yi1"),
        ("啊", "Yaa Ya3"), ("銀行", "Yng Yan4 Yh Yong4"), ("行路", "Yh Yaang4 Yl You6"), ("瓩", "Yc Yin1 ngaa5"),
    ])
    func spelling(text: String, wanted: String) throws {
        let phonemizer = try Self.phonemizer.get()
        let normalized = try phonemizer.normalize([CodePoint](text))
        #expect(try phonemizer.symbols(of: normalized).symbols.joined(separator: " ") == wanted)
    }

    @Test(arguments: [
        ("你好。。。", "你好..."), ("你...好", "你…好"), ("「你」～好—", "你-好"), ("嗯呣", "嗯呣"), ("你/好$", "你每好."), ("個體", "个体"),
        ("〇𠮶㗎", ""), ("3蚊", "三蚊"),
    ])
    func normalization(text: String, wanted: String) throws {
        #expect(try Self.phonemizer.get().normalize([CodePoint](text)).string == wanted)
    }

    /// Splitting by upstream's list of initials: the first entry that matches, in its order.
    @Test(arguments: [
        ("gwong2", "Ygw", "Yong2"), ("aai1", "Yaa", "Yi1"), ("aak1", "Yaa", "Yk1"), ("ang1", "Ya", "Yng1"),
        ("m4", "Ym", "Ym4"),
        ("ng5", "Yng", "Yg5"), ("uk1", "Yuk", "Yk1"), ("o1", "Yo", "Yo1"), ("sin1 ngaa5", "Ys", "Yin1 ngaa5"),
    ])
    func initials(reading: String, initial: String, final: String) throws {
        let phones = try #require(JyutpingSpelling.phones(of: reading))
        #expect(phones == (initial, final))
    }

    @Test func syllablesWithoutInitial() {
        #expect(JyutpingSpelling.phones(of: "ik1") == nil)
        #expect(JyutpingSpelling.phones(of: "") == nil)
    }

    /// All ideographs of the block have readings but these.
    @Test func everyIdeograph() throws {
        let phonemizer = try Self.phonemizer.get()
        var silent: Set<CodePoint> = []
        var unknown = 0
        for point in CodePoint(0x4E00)...0x9FA5 {
            guard let result = try? phonemizer.phonemize([point], version: .v2) else {
                silent.insert(point)
                continue
            }
            #expect(result.wordToPhone == result.normalizedText.unicodeScalars.map { _ in 2 })
            if result.symbols.contains("UNK") { unknown += 1 }
        }
        #expect(silent == Set([CodePoint]("乄乊乛牜犭糹纟罓肀艹衤覀訁讠辶釒钅飠饣")))
        #expect(unknown > 40 && unknown < 90)
    }

    private static let pieces: [[CodePoint]] =
        [
            "佢", "個", "唔", "銀行", "2024年", "3:30", "-", "~", "…", "...", "。。", "「", "$", "嗯", "噷", "纟", "\n",
            " ", "あ", "한",
            "😀", "\u{0}", "e\u{301}", "\u{202E}", "10%",
        ].map { [CodePoint]($0) } + [[0xD800], [0x10FFFF]]

    /// Any text: a consistent result, or a typed error.
    @Test func textsOfAllKinds() throws {
        let phonemizer = try Self.phonemizer.get()
        var generator = SplitMix64(seed: 7)
        var read = 0
        for _ in 0..<2000 {
            var text: [CodePoint] = []
            for _ in 0..<Int.random(in: 0...14, using: &generator) {
                switch Int.random(in: 0..<8, using: &generator) {
                case 0: text.append(CodePoint.random(in: 0...0x10FFFF, using: &generator))
                case 1...3: text.append(CodePoint.random(in: 0x4E00...0x9FA5, using: &generator))
                default: text += Self.pieces.randomElement(using: &generator) ?? []
                }
            }
            guard let result = try? phonemizer.phonemize(text, version: .v2) else { continue }
            #expect(result.wordToPhone?.count == result.normalizedText.unicodeScalars.count)
            #expect(result.wordToPhone?.reduce(0, +) == result.symbols.count)
            read += 1
        }
        #expect(read > 1200)
    }

    @Test(arguments: ["佢", "銀行", "。", "3:30", "1", "a", "-", "😀", "一心一意"])
    func longLines(unit: String) throws {
        let phonemizer = try Self.phonemizer.get()
        let unit = [CodePoint](unit)
        let text = [CodePoint](repeatElement(unit, count: 100_000 / unit.string.utf8.count).joined())
        let time = ContinuousClock().measure { _ = try? phonemizer.phonemize(text, version: .v2) }
        #expect(time < Support.generous, "\(time)")
    }
}
