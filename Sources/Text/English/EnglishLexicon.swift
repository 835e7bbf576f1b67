/// The English sections of the lexicon pack, as typed tables.
package final class EnglishLexicon: Sendable {
    /// CMUdict as upstream merges it, and the phonemes of its words.
    package let words: PackedByteTrie
    package let wordReadings: ReadingTable
    /// Given names, looked up for capitalised words only.
    package let names: PackedByteTrie
    package let nameReadings: ReadingTable
    package let homographs: HomographTable
    /// Counts of words and of pairs of words, for cutting compounds.
    package let counts: WordCounts
    /// Guesses the phonemes of words in no dictionary.
    package let spelling: SpellingNetwork
    /// Phoneme names by number, among them words upstream drops later.
    package let phones: PhoneNames

    /// Reads and checks the sections `en.*`.
    package init(_ lexicon: Lexicon) throws(TextError) {
        var reader = try lexicon.section("en.phones")
        phones = PhoneNames(try reader.strings())

        reader = try lexicon.section("en.words")
        words = try PackedByteTrie(&reader)
        wordReadings = try ReadingTable(&reader, count: words.wordCount)
        reader = try lexicon.section("en.names")
        names = try PackedByteTrie(&reader)
        nameReadings = try ReadingTable(&reader, count: names.wordCount)
        reader = try lexicon.section("en.homographs")
        homographs = try HomographTable(&reader)

        reader = try lexicon.section("en.unigrams")
        var pairs = try lexicon.section("en.bigrams")
        counts = try WordCounts(unigrams: &reader, bigrams: &pairs)
        reader = try lexicon.section("en.spelling")
        spelling = try SpellingNetwork(&reader)
    }
}

/// What phoneme numbers mean, and which of them rules add.
package struct PhoneNames: Sendable {
    private let symbolNames: [String?]
    private let endings: [[UInt8]]
    private let punctuationNumbers: [UInt8]
    /// EY1, the name of the letter a.
    let nameOfA: UInt8

    /// - Parameter names: names of phonemes by number: ARPAbet, punctuation, and words that are no phonemes and are
    ///   dropped.
    init(_ names: [String]) {
        let symbols = SymbolTable.v2
        symbolNames = names.map { name in
            switch name {
            case "<unk>": "UNK"
            case "'": "-"
            // The network's special tokens, and a vowel without stress that upstream removes by name.
            case "<pad>", "<s>", "</s>", "UW": nil
            default: symbols.id(name) == nil ? nil : name
            }
        }
        func number(_ name: String) -> UInt8 { UInt8(truncatingIfNeeded: names.firstIndex(of: name) ?? 255) }
        endings = names.map { name in
            switch name {
            case "P", "T", "K", "F", "TH", "HH": [number("S")]
            case "S", "Z", "SH", "ZH", "CH", "JH": [number("AH0"), number("Z")]
            default: [number("Z")]
            }
        }
        nameOfA = number("EY1")
        punctuationNumbers = (0..<64).map { byte in
            "!',-.?".utf8.contains(byte) ? number(String(UnicodeScalar(byte))) : 255
        }
    }

    /// The symbol of a phoneme, nil for one that is dropped: upstream keeps the symbols of v2.
    func symbol(_ number: UInt8) -> String? {
        Int(number) < symbolNames.count ? symbolNames[Int(number)] : nil
    }

    /// The phonemes of `'s` after a stem that ends in a phoneme.
    func possessive(after number: UInt8) -> [UInt8] {
        Int(number) < endings.count ? endings[Int(number)] : []
    }

    /// The number of a punctuation mark, nil for a letter.
    func punctuation(_ byte: UInt8) -> UInt8? {
        Int(byte) < punctuationNumbers.count ? punctuationNumbers[Int(byte)] : nil
    }
}

/// Phonemes of numbered words: a byte each, the last of a word with its high bit set; where every eighth word begins.
package struct ReadingTable: Sendable {
    private let start: PackArray<UInt32>
    private let phones: PackArray<UInt8>
    private static let last: UInt8 = 0x80
    private static let maximumPhones = 256

    init(_ reader: inout PackReader, count: Int) throws(TextError) {
        let length = try reader.count()
        start = try reader.array(UInt32.self, count: (count + 7) / 8)
        phones = try reader.array(UInt8.self, count: length)
        try reader.align()
    }

    /// Appends the phonemes of a word.
    func append(_ word: Int, to result: inout [DraftPiece]) {
        var position = Int(start[word >> 3])
        for _ in 0..<(word & 7) {
            while position < phones.count, phones[position] & Self.last == 0 { position += 1 }
            position += 1
        }
        let end = min(position + Self.maximumPhones, phones.count)
        while position < end {
            let phone = phones[position]
            result.append(.phone(phone & ~Self.last))
            if phone & Self.last != 0 { return }
            position += 1
        }
    }
}

/// Words with two pronunciations, distinguished by part of speech.
package struct HomographTable: Sendable {
    private let words: PackedByteTrie
    private let readings: ReadingTable
    private let tagOf: PackArray<UInt8>
    /// Prefixes of tags that choose the first reading, by number.
    private let tagPrefixes: [String]

    init(_ reader: inout PackReader) throws(TextError) {
        tagPrefixes = try reader.strings()
        words = try PackedByteTrie(&reader)
        readings = try ReadingTable(&reader, count: 2 * words.wordCount)
        tagOf = try reader.array(UInt8.self, count: words.wordCount)
    }

    /// Number of a word that is a homograph.
    func homograph(_ word: some Sequence<UInt8>) -> Int? { words.word(word) }

    /// Prefix of the tags that choose the first reading.
    func tagPrefix(of homograph: Int) -> String {
        let number = Int(tagOf[homograph])
        return number < tagPrefixes.count ? tagPrefixes[number] : "V"
    }

    /// Appends the first or second reading.
    func append(_ homograph: Int, first: Bool, to result: inout [DraftPiece]) {
        readings.append(2 * homograph + (first ? 0 : 1), to: &result)
    }
}
