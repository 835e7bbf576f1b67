import Foundation
import Tensor
import Testing

@testable import Text

@Suite struct FuzzTests {
    private static let pieces: [[CodePoint]] =
        [
            "一", "不", "儿", "第一", "好好", "2024年", "3:30", "-", "~", ".", "，", "。", "!", "…", "5kg", "1/2", "%",
            "²", "+",
            "400", "138", "￥", "^", "\n", " ", "個", "繁體", "看", "的", "了", "噷", "兙", "٣", "Ａ", "あ", "한", "😀",
            "\u{0}",
            "……", "——", "’", "x=y", "10", "000", "9.9.9", "个", "多", "元",
        ].map { [CodePoint]($0) } + [[0xD800], [0xDFFF], [0x10FFFF]]

    private func text(_ generator: inout SplitMix64) -> [CodePoint] {
        var result: [CodePoint] = []
        for _ in 0..<Int.random(in: 0...14, using: &generator) {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0: result.append(CodePoint.random(in: 0...0x10FFFF, using: &generator))
            case 1...3: result.append(CodePoint.random(in: 0x4E00...0x9FA5, using: &generator))
            default: result += Self.pieces.randomElement(using: &generator) ?? []
            }
        }
        return result
    }

    /// Any text can be repaired, in every language, and the front end reads what comes out or says why not.
    @Test func repairsOfAllKinds() throws {
        let frontEnd = try Support.frontEnd.get()
        var generator = SplitMix64(seed: 3)
        for round in 0..<20_000 {
            let text = text(&generator)
            let language = LanguageCode.allCases[round % LanguageCode.allCases.count]
            let repaired = TextRepair(language: language)(text)
            #expect(repaired.count <= 40 * text.count + 40)
            guard round % 20 == 0 else { continue }
            do { _ = try frontEnd.prepare(repaired, language: language, version: .v2) } catch {
                #expect(error is TextError)
            }
        }
    }

    /// Any text: a consistent result, or a typed error.
    @Test func textsOfAllKinds() throws {
        let frontEnd = try Support.frontEnd.get()
        var generator = SplitMix64(seed: 1)
        var read = 0
        for _ in 0..<2000 {
            let text = text(&generator)
            let version: SymbolVersion = Bool.random(using: &generator) ? .v1 : .v2
            do {
                let cleaned = try frontEnd.clean(text, language: "zh", version: version)
                #expect(cleaned.wordToPhone?.count == cleaned.normalizedText.unicodeScalars.count)
                #expect(cleaned.wordToPhone?.reduce(0, +) == cleaned.phonemes.count)
                #expect(cleaned.phonemes.allSatisfy { $0 >= 0 && $0 < 322 })
                read += 1
            } catch {
                #expect(error is TextError)
            }
            let cut = try #require(CutMethod.allCases.randomElement(using: &generator))
            do {
                let pieces = try PreSegmentation.pieces(
                    PreSegmentation.collapsingPunctuation(text), isEnglish: false, cut: cut)
                for piece in pieces { _ = try? frontEnd.prepare(piece, language: .zh, version: version) }
            } catch {
                #expect(error == .noValidText)
            }
        }
        #expect(read > 1500)
    }

    /// Mutated records: every response is a JSON object.
    @Test func mutatedRecords() throws {
        let answerer = try Support.answerer.get()
        let lines = try Support.lines("phones.jsonl") + Support.lines("pieces.jsonl")
        var generator = SplitMix64(seed: 2)
        for _ in 0..<1500 {
            var bytes = Array(try #require(lines.randomElement(using: &generator)).utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes.remove(at: index)
                case 1: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
                case 2: bytes.removeLast(min(bytes.count, index / 4))
                default: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                }
            }
            let answer = answerer.answer(bytes)
            #expect(try JSONSerialization.jsonObject(with: Data(answer)) is [String: Any])
        }
    }
}
