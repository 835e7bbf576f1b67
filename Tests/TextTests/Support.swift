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

    /// Compares an answer with a golden record, field by field; nil if they agree, else what differs.
    static func difference(_ golden: [String: Any], _ answer: [String: Any]) -> String? {
        let failed = answer["error"] is [String: Any]
        if golden["error"] as? Bool == true { return failed ? nil : "should be an error" }
        if failed { return "error: \(answer["error"] ?? "")" }
        for field in ["norm", "word2ph", "ids", "texts"] {
            guard let wanted = golden[field] else { continue }
            guard let given = answer[field], "\(wanted)" == "\(given)" else {
                return "\(field): want \(wanted), got \(answer[field] ?? "nothing")"
            }
        }
        return nil
    }
}
