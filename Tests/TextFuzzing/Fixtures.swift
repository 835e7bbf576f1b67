import Foundation

/// The fixtures of the text tests, as seeds.
enum Fixtures {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures")
    private static let files = [
        "cantonese", "english", "english_homographs", "japanese", "korean", "phones", "phones_numbers",
        "pieces",
        "pieces_more", "segments", "sentences",
    ]

    /// The bytes of a file.
    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appendingPathComponent(path)))
    }

    /// All records.
    static func lines() throws -> [[UInt8]] {
        try files.flatMap { try bytes("text/\($0).jsonl").split(separator: 0x0A).map(Array.init) }
    }

    /// Texts of the records whose language is wanted.
    static func texts(_ isWanted: (String) -> Bool) throws -> [[UInt8]] {
        try lines().compactMap { line in
            let record = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
            guard let text = record?["text"] as? String, isWanted(record?["lang"] as? String ?? "") else {
                return nil
            }
            return Array(text.utf8)
        }
    }
}
