/// The text front end: from a text to the phones and norm texts a voice is given.
///
/// Made once from a lexicon; immutable, so any number of threads may use it at once.
public final class TextFrontEnd: Sendable {
    private let normalizer: ChineseNormalizer
    private let phonemizer: ChinesePhonemizer
    private let polyphones: (any PolyphoneReader)?

    /// - Parameters:
    ///   - lexicon: the pack made by `make data`.
    ///   - polyphones: chooses readings by context in v2 Chinese; nil for pypinyin's word-wise readings.
    public init(lexicon: Lexicon, polyphones: (any PolyphoneReader)? = nil) throws(TextError) {
        let chinese = try ChineseLexicon(lexicon)
        normalizer = ChineseNormalizer(chinese)
        phonemizer = ChinesePhonemizer(chinese)
        self.polyphones = polyphones
    }

    /// Upstream's `clean_text`: normalises and phonemizes a text of one language.
    /// - Parameters:
    ///   - text: any text.
    ///   - language: `zh`, `ja`, `en`, `ko`, `yue`; anything else is read as a single pause, as upstream does.
    ///   - version: the voice's symbol list.
    ///   - polyphones: used instead of the front end's own reader.
    public func clean(
        _ text: String, language: String, version: SymbolVersion, polyphones: (any PolyphoneReader)? = nil
    ) throws -> CleanedText {
        try clean([CodePoint](text), language: language, version: version, polyphones: polyphones)
    }

    /// `clean` on code points.
    package func clean(
        _ text: [CodePoint], language: String, version: SymbolVersion,
        polyphones: (any PolyphoneReader)? = nil
    ) throws -> CleanedText {
        let known = version == .v1 ? ["zh", "ja", "en"] : ["zh", "ja", "en", "ko", "yue"]
        guard known.contains(language) else {
            // Upstream replaces the text by a blank and reads it as English, which leaves one comma.
            return CleanedText(
                norm: " ", ids: [SymbolTable.table(version).id(",") ?? 0], wordToPhone: nil, version: version)
        }
        guard language == "zh" else { throw TextError.languageNotBuilt(language) }
        return try chinese(text, version: version, polyphones: polyphones ?? self.polyphones)
    }

    private func chinese(
        _ text: [CodePoint], version: SymbolVersion, polyphones: (any PolyphoneReader)?
    ) throws -> CleanedText {
        let reader = version == .v2 ? polyphones : nil
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
