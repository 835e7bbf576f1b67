/// A stretch of a text in one language.
package struct LanguagePiece: Equatable, Sendable {
    /// `zh`, `en`, `ja`, `ko` or `yue`.
    package let language: String
    package let text: [CodePoint]
}

/// Splits a text by language — as far as that is certain without the language model.
///
/// Upstream's segmenter keeps two languages apart in a Chinese request: English, and the rest. English can arise from
/// Latin letters, and (for `zh`, where the model is asked) from characters outside the scripts of East Asia. A text
/// without either is one Chinese piece whatever the model says; any other text is refused.
package enum LanguageSplitting {
    /// - Parameter text: blanks already collapsed.
    /// - Throws: `TextError.emptyText` for blanks only, `.languageNotBuilt`, `.segmentationNotBuilt`.
    package static func pieces(_ text: [CodePoint], language: LanguageCode) throws(TextError)
        -> [LanguagePiece]
    {
        guard language == .zh || language == .allZh else { throw .languageNotBuilt(language.rawValue) }
        let stripped = Array(text[...].stripped)
        guard !stripped.isEmpty else { throw .emptyText }
        for point in stripped {
            if point < 0x80, point | 0x20 >= 0x61, point | 0x20 <= 0x7A {
                throw .segmentationNotBuilt(found: "the Latin letter \([point].string)")
            }
            if language == .zh, !isEastAsian(point) {
                let code = String(point, radix: 16, uppercase: true)
                throw .segmentationNotBuilt(found: "\([point].string) (U+\(code))")
            }
        }
        return [LanguagePiece(language: "zh", text: stripped)]
    }

    /// Ideographs, kana, Hangul syllables, digits, the segmenter's own marks, white space.
    private static func isEastAsian(_ point: CodePoint) -> Bool {
        switch point {
        case 0x4E00...0x9FFF, 0x3040...0x30FF, 0x3005, 0xAC00...0xD7AF: true
        default: marks.contains(point) || PythonUnicode.isSpace(point) || PythonUnicode.isDigit(point)
        }
    }

    private static let marks = CodePointSet(
        "〜~,.;:!?，。！？；：、·([{<（【《〈「『“‘)]}>）】》〉」』”’\"-_—#$%&…￥'*+=@\\^`|")
}
