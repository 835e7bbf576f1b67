import Foundation
import Testing

@testable import Text

@Suite struct RecordTests {
    private func answer(_ line: String) throws -> [String: Any] {
        try Support.object(try Support.answerer.get().answer(line))
    }

    private func errorType(_ line: String) throws -> String? {
        (try answer(line)["error"] as? [String: Any])?["type"] as? String
    }

    @Test func badRecords() throws {
        for line in [
            "", "{", "[]", "null", "{\"text\": 1}", "{\"text\": \"a", "{\"text\": \"\\q\"}",
            "{\"text\": \"\\u12\"}",
            "{} x", "{\"a\" 1}", "{\"a\": }", "{\"id\": \"\\", "{\"trace\": [[[",
            "{\"text\": \"好\", \"version\": \"v9\"}",
            String(repeating: "[", count: 100_000), "{\"id\":" + String(repeating: "[", count: 100_000),
        ] {
            #expect(try errorType(line) == "badRecord", "\(line.prefix(40))")
        }
    }

    @Test func questions() throws {
        let segments = try answer(#"{"id":"a","text":"你好, my  friend 。","default_lang":""}"#)
        #expect(
            segments["segments"] as? [[String]] == [["zh", "你好, "], ["en", "my friend 。"]])
        let fallback = try answer(#"{"id":"a","text":"你好, my friend","default_lang":"ja"}"#)
        #expect((fallback["segments"] as? [[String]])?.first == ["ja", "你好, "])
        let language = try answer(#"{"id":"a","text":"どうも","k":2,"threshold":0}"#)
        #expect((language["result"] as? [[Any]])?.first?.first as? String == "ja")
        #expect((language["result"] as? [[Any]])?.count == 2)
        #expect(try errorType(#"{"text":"好","threshold":0.0,"k":0}"#) == "badRecord")
        #expect(try errorType(#"{"text":"好","default_lang":"fr"}"#) == "badRecord")
        #expect(try errorType(#"{"text":" ","default_lang":""}"#) == "emptyText")
        #expect(try errorType(#"{"text":"\ud800","default_lang":"zh"}"#) == "unknownCharacter")
        #expect(try errorType(#"{"id":"a","text":"好","cut":"cut9","lang":"zh"}"#) == "unknownCut")
        #expect(try errorType(#"{"id":"a","text":"好","lang":"fr","calls":[]}"#) == "languageNotBuilt")
    }

    /// A lone surrogate and NUL are ordinary characters: Chinese normalisation removes them.
    @Test func oddCharacters() throws {
        let odd = try answer(#"{"id":7,"text":"你\ud800好\u0000吗\udc00。","lang":"zh","version":"v2"}"#)
        #expect(odd["norm"] as? String == "你好吗.")
        #expect(odd["id"] as? Int == 7)
        let pair = try answer(#"{"text":"好\ud83d\ude00的啊","lang":"all_zh","version":"v2","calls":[]}"#)
        #expect(pair["norm"] as? String == "好的啊")
        let pieces = try Support.answerer.get().answer(
            #"{"text":"好\ud800好好好。\u0001","cut":"cut0","lang":"zh"}"#)
        #expect(pieces.contains(#"["好\ud800好好好。\u0001。"]"#))
    }

    @Test func badBytes() throws {
        let answerer = try Support.answerer.get()
        let line: [UInt8] =
            Array("{\"lang\":\"zh\",\"text\":\"好".utf8) + [0xFF, 0xC0, 0xE4] + Array("\"}".utf8)
        #expect(String(decoding: answerer.answer(line), as: UTF8.self).contains(#""norm": "好""#))
    }
}
