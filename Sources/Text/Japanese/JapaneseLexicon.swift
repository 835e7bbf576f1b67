/// The Japanese sections of the lexicon pack, as typed tables.
package struct JapaneseLexicon: Sendable {
    /// naist-jdic and upstream's user dictionary; a token's feature is the offset of its record.
    package let dictionary: MorphemeDictionary
    package let features: JapaneseFeatures
    package let rules: JapaneseRules

    /// Reads and checks the sections `ja.*`.
    package init(_ lexicon: Lexicon) throws(TextError) {
        dictionary = try MorphemeDictionary(lexicon, language: "ja")
        var reader = try lexicon.section("ja.features")
        features = try JapaneseFeatures(&reader)
        reader = try lexicon.section("ja.rules")
        rules = try JapaneseRules(&reader, features)
    }

    /// The words of a passage, with their dictionary entries.
    func words(of passage: [CodePoint]) -> [JapaneseWord] {
        var words: [JapaneseWord] = []
        for morpheme in MorphemeLattice.morphemes(of: passage, dictionary) {
            features.append(morpheme.feature, as: passage[morpheme.range], to: &words)
        }
        return words
    }
}
