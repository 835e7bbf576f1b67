/// Phones of one text in one language: upstream's `clean_text` and the ids.
public struct CleanedText: Equatable, Sendable {
    /// The normalised text; BERT reads it for Chinese.
    public let norm: String
    /// Phone ids in the version's symbol table.
    public let ids: [Int]
    /// Number of phones of each code point of `norm`; nil for languages that do not relate the two.
    public let wordToPhone: [Int]?
    /// The version `ids` refers to.
    public let version: SymbolVersion

    /// The phones by name.
    public var phones: [String] {
        let table = SymbolTable.table(version)
        return ids.map(table.symbol)
    }
}

/// The two characters of Chinese that stand for a special pause.
enum SpecialPause {
    /// Looked for in this order; the first found decides.
    static let all: [(character: CodePoint, symbol: String)] = [(0xFFE5, "SP2"), (0x5E, "SP3")]
}
