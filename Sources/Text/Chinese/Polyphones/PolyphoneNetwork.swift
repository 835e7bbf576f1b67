/// A query of the polyphone network: the reading of one character in its context.
package struct PolyphoneQuery: Equatable, Sendable {
    /// Taiwan-standard traditional text around the sentence's polyphones; equal for all queries of a sentence.
    package let text: String
    /// Index of the character in code points of `text`.
    package let index: Int
    /// The character's number among all polyphones by code point: g2pW's character id.
    package let characterID: Int
    /// Numbers of the labels the character can have, in `PolyphoneLabels.all`.
    package let labels: [Int]
}

/// Interface of the g2pW network, which has its own weights and vocabulary.
package protocol PolyphoneNetwork: Sendable {
    /// The chosen label number of each query, one of the query's `labels`.
    func choose(_ queries: [PolyphoneQuery]) throws -> [Int]
}

/// The network's output classes: bopomofo syllables with a tone digit, sorted, as g2pW numbers them.
package struct PolyphoneLabels: Sendable {
    /// All labels in order.
    package let all: [String]
}
