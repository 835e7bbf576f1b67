/// The text front end: converts text to phonemes and normalised text, the input of a voice.
///
/// Initialised once from a lexicon; immutable, so any number of threads may use it at once.
package final class TextFrontEnd: Sendable {
    private let chinese: ChinesePhonemizer
    /// Splits texts by language.
    package let splitting: LanguageSplitting
    /// The languages beside Chinese, by their codes.
    private let phonemizers: [String: any Phonemizer]

    /// The part-of-speech tagger that decides between readings of English homographs: `builtIn` or `nltk`.
    package let englishTagger: EnglishTagger

    /// - Parameters:
    ///   - lexicon: the pack made by `make data`.
    ///   - polyphones: chooses readings by context in v2 Chinese; nil for pypinyin's word-wise readings.
    ///   - polyphoneLists: the lists that belong to `polyphones`; nil for those of the pack.
    ///   - languageModel: path of a fastText model that identifies languages; nil for the pack's `lid.176.ftz`.
    ///   - englishTagger: which part-of-speech tagger English uses.
    package init(
        lexicon: Lexicon, polyphones: (any PolyphoneNetwork)? = nil, polyphoneLists: PolyphoneLists? = nil,
        languageModel: String? = nil, englishTagger: EnglishTagger = .automatic
    ) throws(TextError) {
        let chineseLexicon = try ChineseLexicon(lexicon)
        let resolver = try polyphones.map { network throws(TextError) in
            let tables = try polyphoneLists.map { lists throws(TextError) in
                try PolyphoneTables(lists, chineseLexicon)
            }
            return try PolyphoneResolver(lexicon, chineseLexicon, network: network, tables: tables)
        }
        chinese = ChinesePhonemizer(chineseLexicon, polyphones: resolver)
        splitting = LanguageSplitting(segmenter: try LanguageSegmenter(lexicon, model: languageModel))
        let tagger = try englishTagger.open(lexicon)
        self.englishTagger = tagger.kind
        phonemizers = [
            "en": EnglishPhonemizer(try EnglishLexicon(lexicon), tagger: tagger.tagger),
            "ja": try JapanesePhonemizer(lexicon), "ko": try KoreanPhonemizer(lexicon),
            "yue": try CantonesePhonemizer(lexicon, chinese: chineseLexicon),
        ]
    }

    /// The polyphone network's output classes; nil without a network.
    package var polyphoneLabels: PolyphoneLabels? { chinese.polyphones?.tables.labels }

    /// Number of characters whose reading the polyphone network chooses; nil without a network.
    package var polyphoneCount: Int? { chinese.polyphones?.tables.characterCount }

    /// Upstream's `clean_text`: both stages for a text of one language.
    /// - Parameters:
    ///   - text: any text.
    ///   - language: `zh`, `ja`, `en`, `ko`, `yue`; anything else is read as a single pause, as upstream does.
    ///   - version: the voice's symbol list.
    package func clean(_ text: String, language: String, version: SymbolVersion) throws -> PhonemizedText {
        try clean([CodePoint](text), language: language, version: version)
    }

    /// `clean` on code points.
    /// - Parameter readings: where readings of Chinese characters come from in v2.
    package func clean(
        _ text: [CodePoint], language: String, version: SymbolVersion,
        readings: PolyphoneReadings = .network
    ) throws -> PhonemizedText {
        try analyze(text, language: language, version: version, readings: readings).phonemize()
    }

    /// The first stage for a text of one language; see `clean`.
    package func analyze(
        _ text: [CodePoint], language: String, version: SymbolVersion,
        readings: PolyphoneReadings = .network
    ) throws(TextError) -> PhonemizationDraft {
        let known = version == .v1 ? ["zh", "ja", "en"] : ["zh", "ja", "en", "ko", "yue"]
        guard known.contains(language) else {
            // Upstream replaces the text by a space and converts it as English, which leaves one comma.
            return PhonemizationDraft(
                PhonemizedText(normalizedText: [0x20], symbols: [","], wordToPhone: nil, version: version))
        }
        if language == "zh" { return try chinese.analyze(text, version: version, readings: readings) }
        guard let phonemizer = phonemizers[language] else { throw .languageNotBuilt(language) }
        return try phonemizer.analyze(text, version: version)
    }
}
