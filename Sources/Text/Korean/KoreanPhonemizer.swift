/// Korean: letter names, g2pk2's rules of pronunciation, and one phoneme per compatibility jamo.
///
/// The normalised text is the text itself; phonemes are not related to its characters.
package struct KoreanPhonemizer: Phonemizer {
    private let lexicon: KoreanLexicon
    private let annotation: KoreanAnnotation

    /// - Parameter lexicon: the pack.
    package init(_ lexicon: Lexicon) throws(TextError) {
        self.lexicon = try KoreanLexicon(lexicon)
        annotation = KoreanAnnotation(self.lexicon.dictionary)
    }

    /// - Throws: `TextError.noPhones` for lone surrogates and the jamo of Unicode 5.2, `.numberTooLong`.
    package func analyze(_ text: [CodePoint], version: SymbolVersion) throws(TextError) -> PhonemizationDraft
    {
        for point in text where (0xD800...0xDFFF).contains(point) {
            throw .noPhones(of: "U+\(String(point, radix: 16, uppercase: true))", sentence: text.string)
        }
        var letters = try HangulJamo.compatibilityJamo(try pronounced(text))
        repairRieul(&letters)
        endWithPeriod(&letters)
        return PhonemizationDraft(
            PhonemizedText(
                normalizedText: text, symbols: letters.map(KoreanPhones.phone), wordToPhone: nil,
                version: version))
    }

    /// The text as pronounced, in conjoining jamo: letter names, then g2pk2.
    func pronounced(_ text: [CodePoint]) throws(TextError) -> [CodePoint] {
        var spoken = LatinLetterNames.spelledOut(text)
        for (written, read) in lexicon.idioms { spoken = spoken.replacing(written, with: read) }
        spoken = try KoreanNumerals.verbalized(annotation.annotated(spoken))
        var jamo = HangulJamo.decomposed(spoken)
        JamoRules.apply(to: &jamo)
        lexicon.table.apply(to: &jamo)
        CodaTable.link(&jamo)
        return HangulJamo.supplyingOnsets(jamo)
    }

    // MARK: Repairs

    private static let rieul: CodePoint = 0x3139  // ㄹ
    private static let eu: CodePoint = 0x3161  // ㅡ

    /// 을 and 를 before a word in ㄹ: that ㄹ becomes ㄴ.
    private func repairRieul(_ text: inout [CodePoint]) {
        var index = 0
        while index + 4 < text.count {
            if text[index + 1] == Self.eu, text[index + 2] == Self.rieul, text[index + 3] == 0x20,
                text[index + 4] == Self.rieul, text[index] == 0x3147 || text[index] == Self.rieul
            {
                text[index + 4] = 0x3134  // ㄴ
                index += 5
            } else {
                index += 1
            }
        }
    }

    /// A text that ends in a jamo gets a period, also before a final line break.
    private func endWithPeriod(_ text: inout [CodePoint]) {
        var end = text.count
        if end > 1, text[end - 1] == 0x0A { end -= 1 }
        if end > 0, HangulJamo.compatibility.contains(text[end - 1]) { text.insert(0x2E, at: end) }
    }
}

/// The phoneme of each character of a decomposed text.
enum KoreanPhones {
    /// The phoneme of every character that has none of its own.
    private static let stop = "停"

    private static let phones: [CodePoint: String] = {
        var phones: [CodePoint: String] = [:]
        for symbol in SymbolTable.v2.symbols {
            let points = [CodePoint](symbol)
            if points.count == 1 { phones[points[0]] = symbol }
        }
        let punctuation = [
            ("：", ","), ("；", ","), ("，", ","), ("。", "."), ("！", "!"), ("？", "?"), ("\n", "."), ("·", ","),
            ("、", ","),
            (" ", "空"),
        ]
        for (mark, phone) in punctuation { for point in [CodePoint](mark) { phones[point] = phone } }
        return phones
    }()

    /// The phoneme of a character: always one of v2's symbols.
    static func phone(_ point: CodePoint) -> String {
        phones[point] ?? stop
    }
}
