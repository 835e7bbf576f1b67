/// Reads Japanese texts: upstream's `text/japanese.py`.
package struct JapanesePhonemizer: Phonemizer {
    private let lexicon: JapaneseLexicon

    /// - Parameter lexicon: the pack made by `make data`.
    package init(_ lexicon: Lexicon) throws(TextError) {
        self.lexicon = try JapaneseLexicon(lexicon)
    }

    /// - Throws: `TextError.passageTooLong`.
    package func analyze(_ text: [CodePoint], version: SymbolVersion) throws(TextError) -> PhonemizationDraft
    {
        let normalized = JapanesePhonemizer.normalized(text)
        return PhonemizationDraft(
            PhonemizedText(
                normalizedText: normalized, symbols: try symbols(of: normalized), wordToPhone: nil,
                version: version))
    }

    /// Phonemes, pitch symbols and punctuation of a normalised text, also those that no symbol table has.
    func symbols(of normalizedText: [CodePoint]) throws(TextError) -> [String] {
        var symbols: [String] = []
        var passage: [CodePoint] = []
        for point in JapanesePhonemizer.lowercased(normalizedText) {
            if JapanesePhonemizer.isSpoken(point) {
                passage.append(point)
                continue
            }
            try append(passage, to: &symbols)
            passage.removeAll(keepingCapacity: true)
            if point != 0x20 { symbols.append(JapanesePhonemizer.phone(of: point)) }
        }
        try append(passage, to: &symbols)
        return symbols
    }

    // MARK: Passages

    /// Open JTalk's buffer for a passage and for the pronunciation of a word, in bytes, without the NUL at its end.
    /// Upstream writes beyond them.
    private static let passageBytes = 8191
    private static let pronunciationBytes = 1023

    /// Appends the phonemes of a passage without punctuation.
    private func append(_ passage: [CodePoint], to phones: inout [String]) throws(TextError) {
        guard !passage.isEmpty else { return }
        let text = passage.map(fullWidth)
        guard JapanesePhonemizer.byteCount(text) <= JapanesePhonemizer.passageBytes else {
            throw .passageTooLong(characters: text.count)
        }
        var words = Pronunciation(rules: lexicon.rules).apply(to: lexicon.words(of: text))
        words = NumberReading(rules: lexicon.rules).apply(to: words)
        for word in words
        where JapanesePhonemizer.byteCount(word.pronunciation) > JapanesePhonemizer.pronunciationBytes {
            throw .passageTooLong(characters: word.string.count)
        }
        AccentPhrases(features: lexicon.features).apply(to: &words)
        phones += Prosody(rules: lexicon.rules).phones(of: words)
    }

    /// ASCII letters and digits and half-width kana in the form the dictionary has them (`text2mecab`). A voicing mark
    /// of half width counts as punctuation, so it never follows its kana here.
    private func fullWidth(_ point: CodePoint) -> CodePoint {
        point < 0x80 ? point + 0xFEE0 : lexicon.rules.fullWidth[point] ?? point
    }

    private static func byteCount(_ text: [CodePoint]) -> Int {
        text.reduce(0) { $0 + ($1 < 0x80 ? 1 : $1 < 0x800 ? 2 : $1 < 0x10000 ? 3 : 4) }
    }

    // MARK: Characters

    private static let collapsing = CodePointSet("!?…,.-")

    /// Of consecutive punctuation marks only the first is kept (`text_normalize`).
    static func normalized(_ text: [CodePoint]) -> [CodePoint] {
        var result: [CodePoint] = []
        result.reserveCapacity(text.count)
        for point in text {
            if let last = result.last, collapsing.contains(last), collapsing.contains(point) { continue }
            result.append(point)
        }
        return result
    }

    private static let percent: CodePoint = 0xFF05
    private static let percentWord = [CodePoint]("パーセント")

    /// `％` as a word and letters in lower case, as far as it affects phonemes: other letters become `UNK`
    /// whatever their case.
    private static func lowercased(_ text: [CodePoint]) -> [CodePoint] {
        var result: [CodePoint] = []
        result.reserveCapacity(text.count)
        for point in text {
            switch point {
            case 0x41...0x5A, 0xFF21...0xFF3A: result.append(point + 0x20)
            case percent: result += percentWord
            case 0x212A: result.append(0x6B)
            case 0x130: result += [0x69, 0x307]
            default: result.append(point)
            }
        }
        return result
    }

    /// Members of a passage; everything else counts as punctuation.
    private static func isSpoken(_ point: CodePoint) -> Bool {
        switch point {
        case 0x61...0x7A, 0x30...0x39, 0x3005, 0x3040...0x30FF, 0x4E00...0x9FFF, 0xFF11...0xFF19,
            0xFF41...0xFF5A, 0xFF66...0xFF9D:
            true
        default: PythonUnicode.isDecimal(point)
        }
    }

    /// The symbol of a punctuation mark; most are no symbols and become `UNK`.
    private static func phone(of mark: CodePoint) -> String {
        switch Unicode.Scalar(mark) {
        case "：", "；", "，", "、", "·": ","
        case "。", "\n": "."
        case "！": "!"
        case "？": "?"
        default: [mark].string
        }
    }
}
