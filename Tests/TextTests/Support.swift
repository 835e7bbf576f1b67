import Foundation
import Testing

@testable import Text

/// Shared by all tests of the text front end: the pack of `make data`, and fixture files.
enum Support {
    /// The lexicon `make data` compiled; `make test` runs that first.
    static let lexicon = Result { try Lexicon() }
    static let chinese = Result { try ChineseLexicon(lexicon.get()) }
    static let frontEnd = Result { try TextFrontEnd(lexicon: lexicon.get(), englishTagger: .builtIn) }
    static let answerer = Result { TextRecordAnswerer(frontEnd: try frontEnd.get()) }

    /// Compares the responses to a file of records with upstream's, field by field.
    /// - Parameters:
    ///   - count: number of records; a truncated file is a failure.
    ///   - answerer: of another tagger than the built-in one, if given.
    static func expectAgreement(
        _ file: String, count: Int, _ answerer: TextRecordAnswerer? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let answerer = try answerer ?? Self.answerer.get()
        let lines = try lines(file)
        #expect(lines.count == count, sourceLocation: sourceLocation)
        for line in lines {
            let golden = try object(line)
            let answer = try object(answerer.answer(line))
            #expect(
                difference(golden, answer) == nil, "\(golden["id"] ?? "") \(golden["text"] ?? "")",
                sourceLocation: sourceLocation)
            #expect(answer["id"] as? String == golden["id"] as? String, sourceLocation: sourceLocation)
        }
    }

    /// Longest time for a hostile text: many times what it takes on an idle machine, and a fraction of what work that
    /// is quadratic in the text's length would.
    static let generous = Duration.seconds(20)

    /// Folder of the fixtures, beside the test targets.
    static let fixtures = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/text")

    /// Lines of a fixture file.
    static func lines(_ file: String) throws -> [String] {
        try String(contentsOf: fixtures.appendingPathComponent(file), encoding: .utf8)
            .split(separator: "\n").map(String.init)
    }

    /// Records of a fixture file.
    static func records(_ file: String) throws -> [[String: Any]] {
        try lines(file).map { try object($0) }
    }

    /// A JSON object.
    static func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    /// Compares a response with a golden record, field by field; nil if they agree, else what differs.
    static func difference(_ golden: [String: Any], _ answer: [String: Any]) -> String? {
        let failed = answer["error"] is [String: Any]
        if golden["error"] as? Bool == true { return failed ? nil : "should be an error" }
        if failed { return "error: \(answer["error"] ?? "")" }
        if let wanted = golden["result"] as? [[Any]] {
            return difference(languages: wanted, answer["result"])
        }
        for field in ["norm", "word2ph", "ids", "texts", "segments"] {
            guard let wanted = golden[field] else { continue }
            guard let given = answer[field], "\(wanted)" == "\(given)" else {
                return "\(field): want \(wanted), got \(answer[field] ?? "nothing")"
            }
        }
        return nil
    }

    /// Languages must be the same in the same order; probabilities may differ in the sixth digit, where upstream's
    /// and this program's rounding to six digits can differ.
    private static func difference(languages wanted: [[Any]], _ answer: Any?) -> String? {
        guard let given = answer as? [[Any]], given.count == wanted.count else {
            return "result: want \(wanted), got \(answer ?? "nothing")"
        }
        for (one, other) in zip(wanted, given) {
            guard one.count == 2, other.count == 2, one[0] as? String == other[0] as? String,
                let probability = one[1] as? Double, let found = other[1] as? Double,
                abs(probability - found) <= 1.5e-6
            else { return "result: want \(one), got \(other)" }
        }
        return nil
    }
}
