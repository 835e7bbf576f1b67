/// Finds the words of a section and the language of each (split_lang's `_parse_zh_ja`, `_parse_without_zh_ja` and
/// `_init_substr_lang`).
struct RunDetection: Sendable {
    let japanese: PhraseSplitter
    let chinese: PhraseSplitter
    let identifier: LanguageIdentifier
    /// What each of the model's labels counts as, among ideographs and in other text.
    private let ideographic: [SegmentLanguage]
    private let general: [SegmentLanguage]

    init(_ lexicon: Lexicon, identifier: LanguageIdentifier) throws(TextError) {
        var reader = try lexicon.section("seg.phrases.ja")
        japanese = try PhraseSplitter(&reader)
        reader = try lexicon.section("seg.phrases.zh")
        chinese = try PhraseSplitter(&reader)
        self.identifier = identifier
        let names = identifier.languages.map { $0.lowercased() }
        ideographic = names.map { Self.ideographicNames[$0] ?? .unknown }
        general = names.map { Self.ideographicNames[$0] ?? Self.otherNames[$0] ?? .unknown }
    }

    private static let ideographicNames: [String: SegmentLanguage] = [
        "zh": .zh, "yue": .zh, "wuu": .zh, "zh-cn": .zh, "zh-tw": .unknown, "ja": .ja,
    ]
    private static let otherNames: [String: SegmentLanguage] = ["ko": .ko, "en": .en]

    /// The runs of a section before any merging.
    func runs(of text: [CodePoint], _ kind: TextSection.Kind, _ range: Range<Int>) throws(TextError)
        -> [LanguageRun]
    {
        switch kind {
        case .punctuation: [LanguageRun(language: .punctuation, range: range)]
        case .digits: [LanguageRun(language: .digit, range: range)]
        case .newline: [LanguageRun(language: .newline, range: range)]
        case .korean: [LanguageRun(language: .ko, range: range)]
        case .chineseJapanese:
            try phrases(text, range).map { phrase throws(TextError) in
                let language =
                    text.hasKana(phrase) ? .ja : try best(text[phrase], among: ideographic)
                return LanguageRun(language: language, range: phrase)
            }
        case .other:
            try Self.words(text, range).map { word throws(TextError) in
                LanguageRun(language: try best(text[word], among: general), range: word)
            }
        }
    }

    private func best(
        _ text: ArraySlice<CodePoint>, among languages: [SegmentLanguage]
    ) throws(TextError) -> SegmentLanguage {
        guard let label = try identifier.labels(of: text, limit: 1, threshold: 0).first?.label else {
            throw .noLanguage(text: String(codePoints: text.prefix(LanguageIdentifier.longestText)))
        }
        return languages[label]
    }

    /// True if a text without kana might be of a language: if that is among the model's five best guesses.
    func isPossible(
        _ language: SegmentLanguage, _ text: ArraySlice<CodePoint>
    ) throws(TextError) -> Bool {
        try identifier.labels(of: text.stripped, limit: 5, threshold: 0.01).contains {
            identifier.languages[$0.label] == language.rawValue
        }
    }

    /// Words, each with the whitespace after it.
    static func words(_ text: [CodePoint], _ range: Range<Int>) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var start = range.lowerBound
        for index in range.dropFirst()
        where PythonUnicode.isSpace(text[index - 1]) && !PythonUnicode.isSpace(text[index]) {
            words.append(start..<index)
            start = index
        }
        words.append(start..<range.upperBound)
        return words
    }

    /// Japanese phrases, split further into Chinese ones, of which those with kana are joined again, and so are
    /// single characters after a phrase that has no kana either.
    func phrases(_ text: [CodePoint], _ range: Range<Int>) -> [Range<Int>] {
        var joined: [(range: Range<Int>, hasKana: Bool)] = []
        for phrase in japanese.phrases(text, range).flatMap({ chinese.phrases(text, $0) }) {
            let hasKana = text.hasKana(phrase)
            if let last = joined.last, last.hasKana == hasKana, hasKana || phrase.count == 1 {
                joined[joined.count - 1].range = last.range.lowerBound..<phrase.upperBound
            } else {
                joined.append((phrase, hasKana))
            }
        }
        var phrases = joined.map(\.range)
        if phrases.count >= 2, phrases[0].count == 1 {
            phrases[1] = phrases[0].lowerBound..<phrases[1].upperBound
            phrases.removeFirst()
        }
        return phrases
    }
}
