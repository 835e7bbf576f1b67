/// Phonemes of one text in one language: the result of upstream's `clean_text`.
package struct PhonemizedText: Equatable, Sendable {
    /// The normalised text; BERT reads it for Chinese.
    package let normalizedText: String
    /// Phoneme ids in the version's symbol table.
    package let phonemes: [Int]
    /// Number of phonemes of each code point of `normalizedText` (upstream's `word2ph`); nil for languages that do not
    /// relate the two.
    package let wordToPhone: [Int]?
    /// The version that `phonemes` refers to.
    package let version: SymbolVersion

    init(normalizedText: [CodePoint], phonemes: [Int], wordToPhone: [Int]?, version: SymbolVersion) {
        self.normalizedText = normalizedText.string
        self.phonemes = phonemes
        self.wordToPhone = wordToPhone
        self.version = version
    }

    /// From symbols by name. Those outside the version's table become `UNK`.
    init(normalizedText: [CodePoint], symbols: [String], wordToPhone: [Int]?, version: SymbolVersion) {
        let table = SymbolTable.table(version)
        self.init(
            normalizedText: normalizedText, phonemes: symbols.map { table.id($0) ?? table.unknownID },
            wordToPhone: wordToPhone, version: version)
    }

    /// The phonemes by name.
    package var symbols: [String] {
        let table = SymbolTable.table(version)
        return phonemes.map(table.symbol)
    }
}
