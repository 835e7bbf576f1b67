import Files
import StrictJSON

/// BERT's tokenizer for normalised Chinese text, where every character is one token.
///
/// Upstream requires one token per character (word2ph is indexed by character), which the
/// Chinese normaliser guarantees: only ideographs and punctuation are left, and WordPiece keeps those apart.
package struct CharacterTokenizer: Sendable {
    private let vocabulary: [Unicode.Scalar: Int]
    private let start: Int, end: Int, unknown: Int

    /// Reads `vocab.txt` or `tokenizer.json` in `folder`; `size` is the number of entries the model has.
    package init(folder: String, size: Int) throws {
        let (path, entries) = try Self.read(folder)
        func special(_ name: String) throws -> Int {
            guard let id = entries[name], id < size else {
                throw ModelError(
                    path: path, key: name, reason: "missing, or outside the \(size) entries of the model")
            }
            return id
        }
        start = try special("[CLS]")
        end = try special("[SEP]")
        unknown = try special("[UNK]")
        var single: [Unicode.Scalar: Int] = [:]
        for (text, id) in entries where id < size && text.unicodeScalars.count == 1 {
            if let scalar = text.unicodeScalars.first { single[scalar] = id }
        }
        vocabulary = single
    }

    private static let limitBytes = 64 << 20

    private static func read(_ folder: String) throws -> (path: String, entries: [String: Int]) {
        let list = folder + "/vocab.txt"
        if let text = try? RegularFile.read(list, limitBytes: limitBytes) {
            var entries: [String: Int] = [:]
            for (id, line) in String(decoding: text, as: UTF8.self).split(
                separator: "\n", omittingEmptySubsequences: false
            ).enumerated() {
                entries[line.hasSuffix("\r") ? String(line.dropLast()) : String(line)] = id
            }
            return (list, entries)
        }
        let path = folder + "/tokenizer.json"
        guard let model = try? ModelFolderJSON.object(path, limitBytes: limitBytes)["model"],
            let vocabulary = model["vocab"]?.members,
            case let entries = vocabulary.compactMapValues(\.exactInt), entries.count == vocabulary.count,
            entries.values.allSatisfy({ $0 >= 0 })
        else {
            throw ModelError(
                path: folder, key: "vocabulary", reason: "no vocab.txt and no tokenizer.json with model.vocab"
            )
        }
        return (path, entries)
    }

    /// `[CLS]`, one id per character (upper case as lower case), `[SEP]`.
    package func callAsFunction(_ text: String) -> [Int] {
        [start]
            + text.unicodeScalars.map { scalar in
                if let id = vocabulary[scalar] { return id }
                let lower = scalar.properties.lowercaseMapping.unicodeScalars
                return lower.count == 1 ? lower.first.flatMap { vocabulary[$0] } ?? unknown : unknown
            } + [end]
    }
}
