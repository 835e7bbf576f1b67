/// A text of one language, read aloud on paper: upstream's `text_normalize` and `g2p` of that language.
package struct ReadText: Equatable, Sendable {
    /// The normalised text.
    package let norm: [CodePoint]
    /// Phones by name. Those outside the voice's symbol list become `UNK`.
    package let phones: [String]
    /// Number of phones of each code point of `norm`; nil for languages that do not relate the two.
    package let wordToPhone: [Int]?
}

/// Reads texts of one language. Immutable once made from the lexicon; any number of threads may ask at once.
package protocol LanguageReader: Sendable {
    /// Normalises and phonemizes.
    /// - Parameters:
    ///   - text: any text, also none.
    ///   - version: the voice's symbol list, for languages whose rules depend on it.
    func read(_ text: [CodePoint], version: SymbolVersion) throws(TextError) -> ReadText
}
