/// The Cantonese sections of the lexicon pack, as typed tables.
package final class CantoneseLexicon: Sendable {
    /// ToJyutping's dictionary; a word's value is the offset of its first syllable in `readings`.
    package let words: PackedTrie
    /// Syllable numbers, one per character of a word.
    package let readings: PackArray<UInt16>
    /// First phoneme of each syllable; empty for one that upstream's list of initials cannot take apart.
    package let initials: [String]
    /// Second phoneme of each syllable, with the tone.
    package let finals: [String]

    /// Reads and checks the sections `yue.*`.
    package init(_ lexicon: Lexicon) throws(TextError) {
        var reader = try lexicon.section("yue.words")
        words = try PackedTrie(&reader)
        reader = try lexicon.section("yue.readings")
        readings = try reader.array(UInt16.self, count: try reader.count())
        reader = try lexicon.section("yue.syllables")
        initials = try reader.strings()
        finals = try reader.strings()
        guard initials.count == finals.count else {
            throw reader.damaged("\(initials.count) initials and \(finals.count) finals")
        }
    }
}
