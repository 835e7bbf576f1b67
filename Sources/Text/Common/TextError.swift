/// Errors of the text front end. Every case has what its message needs to say what to do.
package enum TextError: Error, Equatable, Sendable {
    /// No lexicon pack at any candidate path.
    case packMissing(searched: [String])
    /// The pack is cut short, altered, or of another format version.
    case packDamaged(path: String, reason: String)
    /// The pack was made by another version of the compiler.
    case packVersion(path: String, found: Int, expected: Int)
    /// A language code that upstream knows and this build does not yet.
    case languageNotBuilt(String)
    /// A file that is no language identification model.
    case identifierUnusable(path: String, reason: String)
    /// A lone surrogate, where a language has to be found for the text.
    case unknownCharacter(codePoint: UInt32)
    /// The language identification model has no result.
    case noLanguage(text: String)
    /// The text is empty where a sentence is needed.
    case emptyText
    /// The text has nothing but line breaks and spaces.
    case noValidText
    /// A cutting method that does not exist.
    case unknownCut(String)
    /// A decimal digit outside 0–9 (after full-width ones were folded) in a number that is converted to words.
    case unreadableDigit(codePoint: UInt32)
    /// A number whose cardinal reading upstream cannot make either: it recurses once per eight digits.
    case numberTooLong(digits: Int)
    /// A Japanese passage without punctuation, or a word made of single kana, longer than upstream's buffers.
    case passageTooLong(characters: Int)
    /// An amount of money that is no number.
    case unreadableAmount(String)
    /// No file at the path of a converted nltk tagger.
    case taggerMissing(path: String)
    /// A file that is no converted nltk tagger, or a damaged one.
    case taggerUnusable(path: String, reason: String)
    /// A character or reading that has no phonemes.
    case noPhones(of: String, sentence: String)
    /// The word cutter lost or doubled characters, so phonemes and text no longer belong together.
    case misaligned(characters: Int, read: Int)
    /// A polyphone reader gave another number of readings than the sentence has characters.
    case readingCount(sentence: String, expected: Int, found: Int)
    /// A phoneme outside the symbol list where upstream insists on one.
    case unknownSymbol(String)
    /// Traditional conversion changed a sentence's length, which the polyphone reader cannot follow.
    case conversionChangedLength(sentence: String, from: Int, to: Int)
    /// A line of a polyphone network's lists that is no character and reading.
    case badPolyphones(line: String)
    /// A record that is no JSON object, or lacks a field.
    case badRecord(String)

    /// A short stable name of the case, for machine-readable error records.
    package var name: String {
        switch self {
        case .packMissing: "packMissing"
        case .packDamaged: "packDamaged"
        case .packVersion: "packVersion"
        case .languageNotBuilt: "languageNotBuilt"
        case .identifierUnusable: "identifierUnusable"
        case .unknownCharacter: "unknownCharacter"
        case .noLanguage: "noLanguage"
        case .emptyText: "emptyText"
        case .noValidText: "noValidText"
        case .unknownCut: "unknownCut"
        case .unreadableDigit: "unreadableDigit"
        case .numberTooLong: "numberTooLong"
        case .passageTooLong: "passageTooLong"
        case .unreadableAmount: "unreadableAmount"
        case .taggerMissing: "taggerMissing"
        case .taggerUnusable: "taggerUnusable"
        case .noPhones: "noPhones"
        case .misaligned: "misaligned"
        case .readingCount: "readingCount"
        case .unknownSymbol: "unknownSymbol"
        case .conversionChangedLength: "conversionChangedLength"
        case .badPolyphones: "badPolyphones"
        case .badRecord: "badRecord"
        }
    }
}

extension TextError: CustomStringConvertible {
    /// One sentence: what was found, and what to do.
    package var description: String {
        switch self {
        case .packMissing(let searched):
            "no lexicon pack found (searched \(searched.joined(separator: ", "))); run `make data`, "
                + "or point GSV_DATA at the folder that holds lexicon.gsvpack"
        case .packDamaged(let path, let reason):
            "the lexicon pack \(path) is damaged (\(reason)); run `make data` to make it anew"
        case .packVersion(let path, let found, let expected):
            "the lexicon pack \(path) has format \(found), this program reads format \(expected); run `make data`"
        case .languageNotBuilt(let language):
            "language \(language) is not built yet; use zh or all_zh"
        case .identifierUnusable(let path, let reason):
            "\(path) cannot be used to identify languages (\(reason)); get lid.176.bin or lid.176.ftz of fastText, "
                + "or unset GSV_LID_MODEL to use the model of the lexicon pack"
        case .unknownCharacter(let point):
            "U+\(hexadecimal(point)) is half of a character; remove it, or send both halves"
        case .noLanguage(let text):
            "the language identification model has no answer for \(text); use another model in GSV_LID_MODEL"
        case .emptyText: "the text is empty; send at least one character"
        case .noValidText: "the text holds nothing to speak, only line breaks and spaces"
        case .unknownCut(let cut):
            "there is no cutting method \(cut); use cut0, cut1, cut2, cut3, cut4 or cut5"
        case .unreadableDigit(let point):
            "U+\(hexadecimal(point)) is a digit without a reading in Chinese; write it as 0–9"
        case .numberTooLong(let digits):
            "a number of \(digits) digits is too long to be read as one; put punctuation between its parts"
        case .passageTooLong(let characters):
            "a Japanese passage of \(characters) characters without punctuation is too long; put 、 or 。 between its parts"
        case .unreadableAmount(let amount):
            "\(amount) is no amount of money that can be read; write it like 12.50"
        case .taggerMissing(let path):
            "there is no file \(path); \(taggerHelp(path))"
        case .taggerUnusable(let path, let reason):
            "\(path) is no converted nltk tagger (\(reason)); \(taggerHelp(path))"
        case .noPhones(let unit, let sentence): "\(unit) in \(sentence) has no phones; remove or replace it"
        case .misaligned(let characters, let read):
            "a sentence of \(characters) characters gave phones for \(read); split the sentence differently"
        case .readingCount(let sentence, let expected, let found):
            "the polyphone reader gave \(found) readings for the \(expected) characters of \(sentence)"
        case .unknownSymbol(let symbol): "the voice's symbol list has no \(symbol)"
        case .conversionChangedLength(let sentence, let from, let to):
            "traditional conversion turned the \(from) characters of \(sentence) into \(to)"
        case .badPolyphones(let line):
            "POLYPHONIC_CHARS.txt and MONOPHONIC_CHARS.txt list a character, a tab and a reading on each line, not "
                + "\(line); get the files that belong to g2pW.onnx"
        case .badRecord(let reason): "bad record: \(reason)"
        }
    }

    private func taggerHelp(_ path: String) -> String {
        let variable = EnglishTagger.environmentVariable
        return "`make data` with \(variable) set to nltk's averaged_perceptron_tagger.zip or its folder "
            + "averaged_perceptron_tagger_eng writes data/\(NltkTagger.fileName): name that file, or unset \(variable)"
    }

    private func hexadecimal(_ point: UInt32) -> String {
        let digits = String(point, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
