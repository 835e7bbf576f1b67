import Files
import Foundation

@testable import Text

/// The readers of files that a user may bring: an input is a whole file.
enum FileTargets {
    static let all = [tagger, identifier, pack, phrases, polyphones]

    /// nltk's tagger, converted; hashes are corrected, so that the code after them is reached.
    private static let tagger = FuzzTarget(
        name: "tagger", about: "a converted nltk tagger, its hashes corrected"
    ) {
        let file = ScratchFile("nltk-tagger.gsvpack")
        let tokens = ["I", "record", "the", "record", "."].map { Array($0.utf8)[...] }
        return { bytes in
            file.write(SmallPack.repaired(bytes))
            do {
                guard let tagger = try NltkTagger(path: file.path) else { return }
                let tags = tagger.tags(of: tokens, through: tokens.count - 1)
                require(tags.allSatisfy { Int($0) < tagger.tagNames.count }, "a tag without a name")
            } catch is TextError {}
        }
    } seeds: {
        [SmallTagger.pack]
    }

    /// A fastText model, `.ftz` or `.bin`.
    private static let identifier = FuzzTarget(name: "fasttext", about: "a fastText model, .ftz or .bin") {
        let file = ScratchFile("model.bin")
        let texts = ["これは日本語です。", "HELLO WORLD", "你好 the"].map { [CodePoint]($0) }
        return { bytes in
            file.write(bytes)
            do {
                let identifier = try LanguageIdentifier(path: file.path)
                for text in texts {
                    let guesses = try identifier.guesses(text, limit: 5, threshold: 0)
                    require(guesses.count <= 5, "\(guesses.count) guesses")
                }
            } catch is TextError {}
        }
    } seeds: {
        try ["pruned.ftz", "pairs.bin", "pairs.ftz"].map { try Fixtures.bytes("text/fasttext/\($0)") }
    }

    /// A lexicon pack; hashes are corrected, so that the code after them is reached.
    private static let pack = FuzzTarget(name: "pack", about: "a lexicon pack, its hashes made right") {
        let file = ScratchFile("lexicon.gsvpack")
        let words = [[CodePoint]("中国"), [CodePoint]("a"), [0x10FFFF, 0x3400]]
        return { bytes in
            file.write(SmallPack.repaired(bytes))
            do {
                let lexicon = try Lexicon(path: file.path)
                for name in lexicon.sectionNames {
                    read(lexicon, name) { reader throws(TextError) in
                        let trie = try PackedTrie(&reader)
                        for word in words { _ = trie.value(of: word) }
                    }
                    read(lexicon, name) { reader throws(TextError) in
                        let trie = try PackedByteTrie(&reader)
                        _ = trie.word("record".utf8)
                        let readings = try ReadingTable(&reader, count: trie.wordCount)
                        var phones: [DraftPiece] = []
                        for word in 0..<min(trie.wordCount, 20) { readings.append(word, to: &phones) }
                    }
                    read(lexicon, name) { reader throws(TextError) in
                        let map = try PagedMap(&reader)
                        for point in words.joined() { _ = map[point] }
                    }
                    read(lexicon, name) { reader throws(TextError) in
                        let table = try HomographTable(&reader)
                        if let found = table.homograph("record".utf8) {
                            var phones: [DraftPiece] = []
                            _ = table.tagPrefix(of: found)
                            table.append(found, first: true, to: &phones)
                        }
                    }
                    read(lexicon, name) { reader throws(TextError) in _ = try reader.strings() }
                }
            } catch is TextError {}
        }
    } seeds: {
        [SmallPack.make()]
    }

    private static func read(
        _ lexicon: Lexicon, _ name: String, _ body: (inout PackReader) throws(TextError) -> Void
    ) {
        do throws(TextError) {
            var reader = try lexicon.section(name)
            try body(&reader)
        } catch {
            _ = error
        }
    }

    /// BudouX's features as the pack has them.
    private static let phrases = FuzzTarget(name: "phrases", about: "the pack's section of a BudouX model") {
        let file = ScratchFile("phrases.bin")
        let text = [CodePoint]("今日は天気がいいから、散歩しましょう。我们去散步吧。")
        return { bytes in
            file.write(bytes)
            do throws(TextError) {
                guard let mapped = try MappedFile.tables(at: file.path) else { return }
                var reader = PackReader(file: mapped, range: 0..<mapped.byteCount, name: "phrases")
                let phrases = try PhraseSplitter(&reader).phrases(text, 0..<text.count)
                require(phrases.reduce(0) { $0 + $1.count } == text.count, "phrases lose text")
            } catch {
                _ = error
            }
        }
    } seeds: {
        [SmallPack.phrases]
    }

    /// g2pW's character lists.
    private static let polyphones = FuzzTarget(
        name: "polyphones", about: "g2pW's lists of characters, one behind the other with a zero between"
    ) {
        let chinese = try ChineseLexicon(Lexicon())
        return { bytes in
            let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            do {
                let lists = PolyphoneLists(polyphonic: parts[0], monophonic: parts.count > 1 ? parts[1] : "")
                let tables = try PolyphoneTables(lists, chinese)
                for number in 0..<tables.characterCount {
                    for label in tables.labels(of: number) { _ = tables.syllable(ofLabel: label) }
                }
            } catch is TextError {}
        }
    } seeds: {
        [
            Array("丁\tㄉㄧㄥ1\n丁\tㄓㄥ1\n重\tㄔㄨㄥ2\n重\tㄓㄨㄥ4\n".utf8) + [0]
                + Array("七\tㄑㄧ1\n万\tㄨㄢ4\n".utf8)
        ]
    }
}
