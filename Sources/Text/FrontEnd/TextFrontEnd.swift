/// The text front end: from a text to the phones and norm texts a voice is given.
///
/// Made once from a lexicon; immutable, so any number of threads may use it at once.
public final class TextFrontEnd: Sendable {
    private let normalizer: ChineseNormalizer
    private let phonemizer: ChinesePhonemizer
    private let chineseLexicon: ChineseLexicon
    private let polyphones: ContextualReader?
    /// Splits texts by language.
    package let splitting: LanguageSplitting
    /// The languages beside Chinese, by their codes.
    private let readers: [String: any LanguageReader]

    /// The part-of-speech tagger that decides between readings of English homographs: `builtIn` or `nltk`.
    public let englishTagger: EnglishTagger

    /// - Parameters:
    ///   - lexicon: the pack made by `make data`.
    ///   - polyphones: chooses readings by context in v2 Chinese; nil for pypinyin's word-wise readings.
    ///   - polyphoneLists: the lists that belong to `polyphones`; nil for those of the pack.
    ///   - languageModel: path of a fastText model to tell languages apart with; nil for the pack's `lid.176.ftz`.
    ///   - englishTagger: which part-of-speech tagger English uses.
    public init(
        lexicon: Lexicon, polyphones: (any PolyphoneNetwork)? = nil, polyphoneLists: PolyphoneLists? = nil,
        languageModel: String? = nil, englishTagger: EnglishTagger = .automatic
    ) throws(TextError) {
        let chinese = try ChineseLexicon(lexicon)
        chineseLexicon = chinese
        normalizer = ChineseNormalizer(chinese)
        phonemizer = ChinesePhonemizer(chinese)
        splitting = LanguageSplitting(segmenter: try LanguageSegmenter(lexicon, model: languageModel))
        let tagger = try englishTagger.open(lexicon)
        self.englishTagger = tagger.kind
        readers = [
            "en": EnglishReader(try EnglishLexicon(lexicon), tagger: tagger.tagger),
            "ja": try JapaneseReader(lexicon), "ko": try KoreanReader(lexicon),
            "yue": try CantoneseReader(lexicon, chinese: chinese),
        ]
        self.polyphones = try polyphones.map { network throws(TextError) in
            let tables = try polyphoneLists.map { lists throws(TextError) in
                try PolyphoneTables(lists, chinese)
            }
            return try ContextualReader(lexicon, chinese, network: network, tables: tables)
        }
    }

    /// The polyphone network's output classes; nil without a network.
    public var polyphoneLabels: PolyphoneLabels? { polyphones?.tables.labels }

    /// Number of characters the polyphone network is asked about; nil without a network.
    public var polyphoneCount: Int? { polyphones?.tables.characterCount }

    /// Upstream's `clean_text`: normalises and phonemizes a text of one language.
    /// - Parameters:
    ///   - text: any text.
    ///   - language: `zh`, `ja`, `en`, `ko`, `yue`; anything else is read as a single pause, as upstream does.
    ///   - version: the voice's symbol list.
    public func clean(_ text: String, language: String, version: SymbolVersion) throws -> CleanedText {
        try clean([CodePoint](text), language: language, version: version)
    }

    /// `clean` on code points, with readings recorded beforehand in place of the polyphone network's if given, or
    /// without that network.
    package func clean(
        _ text: [CodePoint], language: String, version: SymbolVersion, readings: [[String]]? = nil,
        asksNetwork: Bool = true
    ) throws -> CleanedText {
        let known = version == .v1 ? ["zh", "ja", "en"] : ["zh", "ja", "en", "ko", "yue"]
        guard known.contains(language) else {
            // Upstream replaces the text by a blank and reads it as English, which leaves one comma.
            return CleanedText(
                norm: " ", ids: [SymbolTable.table(version).id(",") ?? 0], wordToPhone: nil, version: version)
        }
        guard language == "zh" else { return try other(text, language: language, version: version) }
        var reader: (any SentenceReader)? = asksNetwork ? polyphones : nil
        if let readings { reader = RecordedReadings(readings, lexicon: chineseLexicon) }
        return try chinese(text, version: version, reader: version == .v2 ? reader : nil)
    }

    private func other(
        _ text: [CodePoint], language: String, version: SymbolVersion
    ) throws(TextError) -> CleanedText {
        guard let reader = readers[language] else { throw .languageNotBuilt(language) }
        let read = try reader.read(text, version: version)
        var phones = read.phones
        if language == "en", phones.count < TextFrontEnd.minimumEnglishPhones { phones.insert(",", at: 0) }
        let table = SymbolTable.table(version)
        return CleanedText(
            norm: read.norm.string, ids: phones.map { table.id($0) ?? table.unknownID },
            wordToPhone: read.wordToPhone, version: version)
    }

    /// English with fewer phones gets a comma in front.
    private static let minimumEnglishPhones = 4

    private func chinese(
        _ text: [CodePoint], version: SymbolVersion, reader: (any SentenceReader)?
    ) throws -> CleanedText {
        for (character, symbol) in SpecialPause.all where text.contains(character) {
            let comma: CodePoint = 0x2C
            let norm = try normalizer.normalize(text.map { $0 == character ? comma : $0 })
            let phones = try phonemizer.phones(of: norm, version: version, reader: reader)
            let table = SymbolTable.table(version)
            guard let pause = table.id(symbol) else { throw TextError.unknownSymbol(symbol) }
            let commaID = table.id(",")
            return CleanedText(
                norm: norm.string, ids: phones.ids.map { $0 == commaID ? pause : $0 },
                wordToPhone: phones.perCharacter, version: version)
        }
        let norm = try normalizer.normalize(text)
        let phones = try phonemizer.phones(of: norm, version: version, reader: reader)
        return CleanedText(
            norm: norm.string, ids: phones.ids, wordToPhone: phones.perCharacter, version: version)
    }
}
