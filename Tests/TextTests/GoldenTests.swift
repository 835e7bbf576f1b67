import Foundation
import Testing

@testable import Text

/// What upstream answers to the same texts, compared field by field.
@Suite struct GoldenTests {
    @Test(arguments: [
        ("phones.jsonl", 429), ("phones_numbers.jsonl", 110), ("pieces.jsonl", 240),
        ("pieces_more.jsonl", 36),
        ("sentences.jsonl", 87), ("segments.jsonl", 313), ("identification.jsonl", 215),
    ])
    func agreesWithUpstream(file: String, count: Int) throws {
        try Support.expectAgreement(file, count: count)
    }

    /// One changed id must be a failure, or the comparison above proves nothing.
    @Test func comparisonBites() throws {
        let line = try #require(try Support.lines("phones.jsonl").first)
        let answer = try Support.object(try Support.answerer.get().answer(line))
        var golden = try Support.object(line)
        #expect(Support.difference(golden, answer) == nil)
        var ids = try #require(golden["ids"] as? [Int])
        ids[0] += 1
        golden["ids"] = ids
        #expect(Support.difference(golden, answer) != nil)
        #expect(Support.difference(["error": true], answer) != nil)
    }

    /// The request and the prompt of the end-to-end references.
    @Test func theStandardRequest() throws {
        let frontEnd = try Support.frontEnd.get()
        let request = try frontEnd.prepare(
            "先帝创业未半而中道崩殂，今天下三分，益州疲弊，此诚危急存亡之秋也。", language: .zh, version: .v2)
        #expect(request.normalizedText == "先帝创业未半而中道崩殂,今天下三分,益州疲弊,此诚危急存亡之秋也.")
        #expect(
            request.phonemes == [
                317, 176, 127, 169, 125, 278, 318, 31, 316, 138, 122, 110, 33, 151, 320, 235, 127, 120, 122,
                145,
                124, 256, 1, 221, 196, 252, 176, 317, 174, 250, 107, 155, 140, 1, 318, 169, 320, 240, 245,
                167,
                122, 169, 1, 124, 163, 125, 146, 316, 135, 221, 167, 124, 286, 316, 113, 320, 211, 247, 216,
                318,
                30, 3,
            ])
        let prompt = try frontEnd.prepare(
            "我是「罗浮」云骑将军景元。不必拘谨，「将军」只是一时的身份，你称呼我景元便可", language: .zh, version: .v2)
        #expect(prompt.normalizedText == "我是罗浮云骑将军景元.不必拘谨,将军只是一时的身份,你称呼我景元便可")
        #expect(prompt.phonemes.prefix(12) == [316, 232, 251, 214, 224, 291, 155, 256, 318, 312, 247, 167])
        #expect(prompt.segments.count == 1)
        #expect(prompt.segments[0].wordToPhone?.count == prompt.normalizedText.unicodeScalars.count)
        #expect(prompt.segments[0].wordToPhone?.reduce(0, +) == prompt.phonemes.count)
    }
}
