/// The Chinese sections of the lexicon pack, as typed tables.
package final class ChineseLexicon: Sendable {
    /// Number and meaning of part-of-speech tags.
    package let tags: PartOfSpeechTags
    /// jieba's dictionary; a word's value indexes `logProbability` and `tagOfEntry`.
    package let words: PackedTrie
    /// ln(count / total) per entry, and last the one of a character outside the dictionary.
    package let logProbability: PackDoubles
    package let tagOfEntry: PackArray<UInt8>
    /// jieba's two hidden Markov models.
    package let tagging: TaggingModel
    package let cutting: CuttingModel
    /// pypinyin: first reading of a character, and readings of phrases.
    package let single: PagedMap
    package let phrases: PackedTrie
    package let phraseReadings: PackArray<UInt16>
    /// Corrections of readings by context.
    package let corrections: PackedTrie
    package let correctionReadings: PackArray<UInt16>
    /// Traditional to simplified, one character at a time.
    package let simplified: PagedMap
    /// Words whose last syllable is neutral (value 1) or must not be (value 2).
    package let neutral: PackedTrie
    package let syllables: SyllableTable

    /// Reads and checks the sections `zh.*`.
    package init(_ lexicon: Lexicon) throws(TextError) {
        var reader = try lexicon.section("zh.tags")
        tags = PartOfSpeechTags(try reader.strings())

        reader = try lexicon.section("zh.words")
        words = try PackedTrie(&reader)
        reader = try lexicon.section("zh.entries")
        let entries = try reader.count()
        try reader.align()
        logProbability = try reader.doubles(count: entries + 1)
        tagOfEntry = try reader.array(UInt8.self, count: entries)

        reader = try lexicon.section("zh.pos")
        tagging = try TaggingModel(&reader)
        reader = try lexicon.section("zh.cut")
        cutting = try CuttingModel(&reader)

        reader = try lexicon.section("zh.single")
        single = try PagedMap(&reader)
        reader = try lexicon.section("zh.phrases")
        phrases = try PackedTrie(&reader)
        reader = try lexicon.section("zh.phrases.readings")
        phraseReadings = try reader.array(UInt16.self, count: try reader.count())
        reader = try lexicon.section("zh.corrections")
        corrections = try PackedTrie(&reader)
        reader = try lexicon.section("zh.corrections.readings")
        correctionReadings = try reader.array(UInt16.self, count: try reader.count())

        reader = try lexicon.section("zh.simplified")
        simplified = try PagedMap(&reader)
        reader = try lexicon.section("zh.neutral")
        neutral = try PackedTrie(&reader)
        reader = try lexicon.section("zh.syllables")
        syllables = try SyllableTable(&reader)
    }

    /// ln of the probability of a dictionary entry, or of an unknown character for nil.
    @inline(__always)
    package func logProbability(entry: Int?) -> Double {
        logProbability[entry ?? logProbability.count - 1]
    }

    /// Tag of a word, `x` if it is not in the dictionary.
    package func tag<Word: Sequence>(of word: Word) -> UInt8 where Word.Element == CodePoint {
        words.value(of: word).map { tagOfEntry[$0] } ?? tags.unknown
    }
}

/// The part-of-speech tags, with the properties that rules use.
package struct PartOfSpeechTags: Sendable {
    /// Name of each tag number.
    package let names: [String]
    /// Number of `x`.
    package let unknown: UInt8
    /// Number of `m`, the tag of digits and periods.
    package let number: UInt8
    /// Number of `d`, given to a 不 that ends a sentence.
    package let adverb: UInt8
    private let properties: [Properties]

    /// Properties of a tag that rules use.
    package struct Properties: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        /// `v` exactly.
        package static let verb = Properties(rawValue: 1)
        /// Begins with n, v or a: a doubled character loses its tone.
        package static let doubling = Properties(rawValue: 2)
        /// `ul`, `uz`, `ug`: 了 着 过 as particles.
        package static let aspect = Properties(rawValue: 4)
        /// `r` or `n` exactly: 们 and 子 lose their tone.
        package static let plural = Properties(rawValue: 8)
        /// `s`, `l`, `f`: 上 下 里 lose their tone.
        package static let place = Properties(rawValue: 16)
        /// `a`, `j`, `nr`: no 儿化.
        package static let keepsEr = Properties(rawValue: 32)
    }

    init(_ names: [String]) {
        self.names = names
        func number(_ name: String) -> UInt8 { UInt8(truncatingIfNeeded: names.firstIndex(of: name) ?? 255) }
        unknown = number("x")
        self.number = number("m")
        adverb = number("d")
        properties = names.map { name in
            var found: Properties = []
            if name == "v" { found.insert(.verb) }
            if name.hasPrefix("n") || name.hasPrefix("v") || name.hasPrefix("a") { found.insert(.doubling) }
            if ["ul", "uz", "ug"].contains(name) { found.insert(.aspect) }
            if ["r", "n"].contains(name) { found.insert(.plural) }
            if ["s", "l", "f"].contains(name) { found.insert(.place) }
            if ["a", "j", "nr"].contains(name) { found.insert(.keepsEr) }
            return found
        }
    }

    /// Properties of a tag number.
    @inline(__always)
    package subscript(tag: UInt8) -> Properties {
        Int(tag) < properties.count ? properties[Int(tag)] : []
    }

    /// Name of a tag number.
    package func name(_ tag: UInt8) -> String {
        Int(tag) < names.count ? names[Int(tag)] : "x"
    }
}

/// The base syllables: their parts and the ids of their phonemes, which v1 and v2 share.
package struct SyllableTable: Sendable {
    private let numberOfParts: [PinyinSpelling.Parts: UInt16]
    private let consonant: [UInt16]
    /// Five per base, for tones 1…5.
    private let vowels: [UInt16]
    private let isEr: [Bool]
    /// Number of the base `er`, the syllable of 儿.
    package let er: UInt16?

    init(_ reader: inout PackReader) throws(TextError) {
        let initials = try reader.strings()
        let finals = try reader.strings()
        let phones = try reader.strings()
        guard initials.count == finals.count, finals.count == phones.count,
            finals.count < Int(Syllable.firstSpecialBase)
        else {
            throw reader.damaged("\(initials.count) initials, \(finals.count) finals, \(phones.count) phones")
        }
        let symbols = SymbolTable.v1
        var numbers: [PinyinSpelling.Parts: UInt16] = [:]
        var consonant: [UInt16] = []
        var vowels: [UInt16] = []
        for (index, pair) in phones.enumerated() {
            numbers[.init(initial: initials[index], final: finals[index], tone: 0)] = UInt16(index)
            let parts = pair.split(separator: " ")
            guard parts.count == 2 else {
                consonant.append(.max)
                vowels += repeatElement(.max, count: 5)
                continue
            }
            guard let first = symbols.id(String(parts[0])) else {
                throw reader.damaged("no symbol \(parts[0])")
            }
            consonant.append(UInt16(first))
            for tone in 1...5 {
                guard let second = symbols.id("\(parts[1])\(tone)") else {
                    throw reader.damaged("no symbol \(parts[1])\(tone)")
                }
                vowels.append(UInt16(second))
            }
        }
        numberOfParts = numbers
        self.consonant = consonant
        self.vowels = vowels
        isEr = finals.map { $0 == "er" }
        er = numbers[.init(initial: "", final: "er", tone: 0)]
    }

    /// The two phoneme ids of a syllable, nil if it has none.
    @inline(__always)
    package func phones(_ syllable: Syllable) -> (Int, Int)? {
        let base = Int(syllable.base)
        guard base < consonant.count, syllable.tone >= 1, syllable.tone <= 5, consonant[base] != .max else {
            return nil
        }
        return (Int(consonant[base]), Int(vowels[base * 5 + Int(syllable.tone) - 1]))
    }

    /// True if the final is `er`.
    package func hasErFinal(_ syllable: Syllable) -> Bool {
        Int(syllable.base) < isEr.count && isEr[Int(syllable.base)]
    }

    /// The syllable of a written reading (`zhong1`, `lǜ`).
    package func syllable(_ reading: String) -> Syllable {
        syllable(PinyinSpelling.parts(reading))
    }

    /// The syllable of a split reading.
    package func syllable(_ parts: PinyinSpelling.Parts) -> Syllable {
        guard !parts.final.isEmpty else { return .emptyFinal }
        guard let base = numberOfParts[.init(initial: parts.initial, final: parts.final, tone: 0)] else {
            return Syllable(base: Syllable.unknown.base, tone: parts.tone)
        }
        return Syllable(base: base, tone: parts.tone)
    }
}
