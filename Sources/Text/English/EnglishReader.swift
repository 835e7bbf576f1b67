/// Reads English: normaliser, tokens, words. v1 and v2 are given the same phones, of which v1 knows all.
struct EnglishReader: LanguageReader {
    private let phonemizer: EnglishPhonemizer

    /// - Parameter tagger: decides between the two readings of homographs.
    init(_ lexicon: EnglishLexicon, tagger: TaggerOnDemand) {
        phonemizer = EnglishPhonemizer(lexicon, tagger: tagger)
    }

    func read(_ text: [CodePoint], version: SymbolVersion) throws(TextError) -> ReadText {
        let norm = try EnglishNormalizer.normalize(text)
        return ReadText(norm: norm, phones: try phonemizer.phones(of: norm), wordToPhone: nil)
    }
}
