import Foundation
import Models
import Text

/// g2pW as the polyphone network of the text front end: a text goes through the network once, however many of its characters
/// are queried.
struct PolyphoneModel: PolyphoneNetwork {
    private let network: G2PW
    private let tokenizer: CharacterTokenizer

    /// Most parts of one text that is too long: each costs as much as a text of the greatest length.
    private static let partsOfText = 64
    /// Most tokens that go through the network together; more gain nothing and take memory.
    private static let tokensAtOnce = 512

    /// Number of the network's labels, and of the characters it knows (nil: any).
    var labelCount: Int { network.labelCount }
    var characterCount: Int? { network.characterCount }

    /// - Parameters:
    ///   - path: `g2pW.onnx`, or what `gsv convert` made of it.
    ///   - vocabulary: a folder with BERT's `vocab.txt` or `tokenizer.json`.
    init(path: String, vocabulary: String) throws {
        network = try G2PW(path: path)
        tokenizer = try CharacterTokenizer(folder: vocabulary, size: network.vocabularySize)
    }

    /// Tokens of a part of a text, and the queries for some of them.
    private struct Window {
        let tokens: [Int]
        var queries: [(query: Int, token: Int)]
    }

    func choose(_ queries: [PolyphoneQuery]) throws -> [Int] {
        var chosen = [Int](repeating: 0, count: queries.count)
        var batch: [Window] = []
        func run() {
            let pending = batch.enumerated().flatMap { number, window in
                window.queries.map { entry in
                    (
                        entry.query,
                        G2PW.Query(
                            text: number, token: entry.token, character: queries[entry.query].characterID,
                            labels: queries[entry.query].labels)
                    )
                }
            }
            let labels = network.choose(batch.map(\.tokens), pending.map(\.1))
            for (entry, label) in zip(pending, labels) { chosen[entry.0] = label }
            batch = []
        }
        var tokens = 0
        for window in try windows(queries) {
            if tokens + window.tokens.count > Self.tokensAtOnce, !batch.isEmpty {
                run()
                tokens = 0
            }
            batch.append(window)
            tokens += window.tokens.count
        }
        if !batch.isEmpty { run() }
        return chosen
    }

    /// Each distinct text once; of a text that is too long for the network, a part around each query, with as much of it on
    /// either side as fits.
    private func windows(_ queries: [PolyphoneQuery]) throws -> [Window] {
        struct Place: Hashable {
            let text: String
            let start: Int
        }
        var windows: [Window] = []
        var known: [Place: Int] = [:]
        var tokens: (text: String, ids: [Int], parts: Int) = ("", [], 0)
        let inner = network.maximumTokens - 2
        for (number, query) in queries.enumerated() {
            if tokens.ids.isEmpty || tokens.text != query.text {
                tokens = (query.text, tokenizer(query.text), 0)
            }
            let count = tokens.ids.count - 2
            guard query.index >= 0, query.index < count, query.characterID >= 0,
                query.characterID < characterCount ?? .max
            else {
                throw SynthesisError(
                    .weights, "the polyphone network cannot be queried for character \(query.characterID)")
            }
            let start = count <= inner ? 0 : min(max(0, query.index - inner / 2), count - inner)
            let place = Place(text: query.text, start: start)
            if let window = known[place] {
                windows[window].queries.append((number, query.index - start + 1))
                continue
            }
            tokens.parts += 1
            guard tokens.parts <= Self.partsOfText else {
                throw SynthesisError(
                    .text,
                    "a sentence of \(count) characters is too long to choose readings in it; put punctuation between "
                        + "its parts")
            }
            known[place] = windows.count
            let part =
                tokens.ids[0..<1] + tokens.ids[(start + 1)..<(start + 1 + min(count, inner))]
                + tokens.ids.suffix(1)
            windows.append(Window(tokens: Array(part), queries: [(number, query.index - start + 1)]))
        }
        return windows
    }
}
