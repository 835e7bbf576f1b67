/// The Korean sections of the lexicon pack, as typed tables.
package final class KoreanLexicon: Sendable {
    /// Kind of a morpheme's last part, as the rules need it; the feature number in the dictionary.
    package enum Kind: UInt32, Sendable {
        case other
        /// A noun that counts (NNBC).
        case counter
        /// A particle (J…).
        case particle
        /// An ending (E…).
        case ending
        /// A stem of a verb or adjective (V…).
        case stem

        /// The kind of a tag; of a compound (`VV+EP`) the last part counts.
        package init(tag: String) {
            let last = tag.split(separator: "+", omittingEmptySubsequences: false).last.map(String.init) ?? ""
            self =
                switch last.first {
                case _ where last == "NNBC": .counter
                case "J": .particle
                case "E": .ending
                case "V": .stem
                default: .other
                }
        }
    }

    /// mecab-ko-dic.
    package let dictionary: MorphemeDictionary
    /// Words that are read as listed, in the order they are replaced.
    package let idioms: [(written: [CodePoint], read: [CodePoint])]
    /// What final and initial consonants do to each other.
    package let table: CodaTable

    /// Reads and checks the sections `ko.*`.
    package init(_ lexicon: Lexicon) throws(TextError) {
        dictionary = try MorphemeDictionary(lexicon, language: "ko")
        var reader = try lexicon.section("ko.idioms")
        let written = try reader.strings().map { [CodePoint]($0) }
        let read = try reader.strings().map { [CodePoint]($0) }
        guard written.count == read.count else {
            throw reader.damaged("\(written.count) idioms and \(read.count) readings")
        }
        idioms = Array(zip(written, read))
        reader = try lexicon.section("ko.table")
        table = try CodaTable(&reader)
    }
}
