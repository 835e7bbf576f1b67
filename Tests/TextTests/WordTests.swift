import Testing

@testable import Text

@Suite struct WordTests {
    /// jieba's tagged words and upstream's merged words, recorded.
    @Test func cutsAndMerges() throws {
        let lexicon = try Support.chinese.get()
        let cutter = WordCutter(lexicon)
        let merger = WordMerger(lexicon)
        let records = try Support.records("words.jsonl")
        #expect(records.count == 170)
        for record in records {
            let text = [CodePoint](try #require(record["sent"] as? String))
            let cut = try cutter.tagged(text)
            let tagged = cut.map { [Array(text[$0.range]).string, lexicon.tags.name($0.tag)] }
            #expect(tagged == record["cut"] as? [[String]])
            var sentence = SentenceWords(text, cut: cut)
            merger.merge(&sentence)
            let merged = sentence.words.map {
                [Array(sentence.text[$0.range]).string, lexicon.tags.name($0.tag)]
            }
            #expect(merged == record["merged"] as? [[String]])
        }
    }

    /// The period is segmented together with the characters before it, the comma is not.
    @Test func pointAndComma() throws {
        let lexicon = try Support.chinese.get()
        let cutter = WordCutter(lexicon)
        func words(_ text: String) throws -> [String] {
            let points = [CodePoint](text)
            return try cutter.tagged(points).map {
                Array(points[$0.range]).string + "/" + lexicon.tags.name($0.tag)
            }
        }
        #expect(try words("关上了门.") == ["关上/s", "了门/v", "./m"])
        #expect(try words("关上了门,").last == ",/x")
    }

    @Test func shortestParts() throws {
        let cutter = WordCutter(try Support.chinese.get())
        func part(_ word: String) -> String {
            let points = [CodePoint](word)
            return Array(points[cutter.shortestPart(of: points[...])]).string
        }
        #expect(part("癞蛤蟆想吃天鹅肉") == "蛤蟆")
        #expect(part("蒙古包") == "蒙古")
        #expect(part("一,") == "一")
    }

    /// Runs in no dictionary, of any length, are segmented without loss.
    @Test func unknownRuns() throws {
        let cutter = WordCutter(try Support.chinese.get())
        let run = (0..<500).map { CodePoint(0x9000 + $0 * 3 % 0xF00) }
        let words = try cutter.tagged(run)
        #expect(words.map(\.range.count).reduce(0, +) == 500)
    }
}
