import Foundation
import Tensor
import Testing

@testable import Text

/// The lattice and the dictionary under it, over the Japanese dictionary.
@Suite struct MorphologyTests {
    private static let lexicon = Result { try JapaneseLexicon(Support.lexicon.get()) }

    private func words(_ text: String) throws -> [String] {
        let points = [CodePoint](text)
        return MorphemeLattice.morphemes(of: points, try Self.lexicon.get().dictionary).map {
            Array(points[$0.range]).string + ($0.isUnknown ? "?" : "")
        }
    }

    @Test func cheapestPath() throws {
        #expect(try words("すもももももももものうち") == ["すもも", "も", "もも", "も", "もも", "の", "うち"])
        #expect(try words("東京都に住む") == ["東京", "都", "に", "住む"])
        #expect(try words("") == [])
    }

    /// Unknown words are whole runs of a kind, unless those are long.
    @Test func unknownWords() throws {
        #expect(try words(String(repeating: "ゎ", count: 25)) == [String(repeating: "ゎ", count: 25) + "?"])
        #expect(
            try words(String(repeating: "ゎ", count: 26)) == ["ゎゎ?", String(repeating: "ゎ", count: 24) + "?"])
        // MeCab uses 16 bits of a character.
        #expect(try words("\u{1D7DB}\u{1D7DB}") == ["\u{1D7DB}\u{1D7DB}?"])
    }

    /// Whitespace precedes the next morpheme, and is dropped at the end.
    @Test func whiteSpace() throws {
        #expect(try words("  東京  都 ") == ["東京", "都"])
        #expect(try words("   ") == [])
    }

    /// Every morpheme follows the one before, and only whitespace is between.
    @Test func morphemesCoverTheText() throws {
        let dictionary = try Self.lexicon.get().dictionary
        var generator = SplitMix64(seed: 6)
        for _ in 0..<2000 {
            let text = (0..<Int.random(in: 0...60, using: &generator)).map { _ -> CodePoint in
                switch Int.random(in: 0..<8, using: &generator) {
                case 0: 0x20
                case 1: CodePoint.random(in: 0...0x10FFFF, using: &generator)
                case 2...4: CodePoint.random(in: 0x4E00...0x9FFF, using: &generator)
                default: CodePoint.random(in: 0x3041...0x30FF, using: &generator)
                }
            }
            var end = 0
            for morpheme in MorphemeLattice.morphemes(of: text, dictionary) {
                #expect(
                    text[end..<morpheme.range.lowerBound].allSatisfy {
                        dictionary.categories[$0].isKind(of: dictionary.categories.space)
                    })
                #expect(!morpheme.range.isEmpty)
                end = morpheme.range.upperBound
            }
            #expect(
                text[end...].allSatisfy { dictionary.categories[$0].isKind(of: dictionary.categories.space) })
        }
    }

    @Test func chainRules() {
        func rule(_ text: String, _ name: PartOfSpeech.Name) -> ChainRule { ChainRule(text, behind: name) }
        #expect(rule("C3", .noun) == ChainRule(kind: .c3, shift: 0))
        #expect(rule("動詞%F2@0/形容詞%F4@-2", .verb) == ChainRule(kind: .f2, shift: 0))
        #expect(rule("動詞%F2@0/形容詞%F4@-2", .adjective) == ChainRule(kind: .f4, shift: -2))
        #expect(rule("動詞%F2@0/形容詞%F4@-2", .noun) == ChainRule(kind: .none, shift: 0))
        // 助動詞 holds 動詞.
        #expect(rule("動詞%F2@1", .auxiliary) == ChainRule(kind: .f2, shift: 1))
        // A rule of the dictionary without its separator: what follows is skipped.
        #expect(rule("名詞%F2@1/形容詞%F2@-1動詞%F2@0", .adjective) == ChainRule(kind: .f2, shift: -1))
        #expect(rule("名詞%F2@1/形容詞%F2@-1動詞%F2@0", .verb) == ChainRule(kind: .none, shift: 0))
        for text in ["*", "", "-1", "%", "@", "/", "%%", "F4@", "F4@x"] {
            #expect(rule(text, .noun).shift == 0)
        }
    }

    /// Altered sections with corrected hashes: an error or some result, never a crash.
    @Test func hostileSections() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(
            "gsv-\(UUID().uuidString).gsvpack")
        defer { try? FileManager.default.removeItem(at: path) }
        let pack = [UInt8](try Data(contentsOf: URL(fileURLWithPath: try Support.lexicon.get().path)))
        try Data(pack).write(to: path)
        let file = try FileHandle(forUpdating: path)
        func number(_ offset: Int) -> Int {
            Int(pack[offset..<offset + 8].withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
        }
        func write(_ bytes: [UInt8], _ offset: Int) throws {
            try file.seek(toOffset: UInt64(offset))
            try file.write(contentsOf: Data(bytes))
        }
        func bytes(_ value: UInt64) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
        let count = Int(pack[12])
        let entries = (0..<count).map { 64 + $0 * 48 }.filter { pack[$0..<$0 + 3].elementsEqual("ja.".utf8) }
        #expect(entries.count == 6)
        var generator = SplitMix64(seed: 7)
        var opened = 0
        for round in 0..<36 {
            let entry = entries[round % entries.count]
            let (offset, length) = (number(entry + 24), number(entry + 32))
            var section = Array(pack[offset..<offset + length])
            for _ in 0..<(round % 4 == 0 ? 1 : 4000) {
                let index =
                    round % 4 == 0
                    ? Int.random(in: 0..<16, using: &generator)
                    : Int.random(in: 0..<length, using: &generator)
                section[index] = UInt8.random(in: 0...255, using: &generator)
            }
            var table = Array(pack[64..<64 + count * 48])
            table.replaceSubrange(
                entry - 64 + 40..<entry - 64 + 48, with: bytes(section.withUnsafeBytes(PackHash.of)))
            try write(section, offset)
            try write(table, 64)
            try write(bytes(table.withUnsafeBytes(PackHash.of)), 24)
            do {
                let phonemizer = try JapanesePhonemizer(Lexicon(path: path.path))
                opened += 1
                for text in ["東京都の天気は、1004年4月24日に3本と二十四日間。", "すもももももももものうち", "ゃゃゃゔNHKヌヘヌヘ魑魅魍魎"] {
                    _ = try? phonemizer.phonemize([CodePoint](text), version: .v2)
                }
            } catch {
                guard case .packDamaged = error else {
                    Issue.record("\(error)")
                    continue
                }
            }
            try write(Array(pack[offset..<offset + length]), offset)
        }
        #expect(opened > 5)
    }
}
