/// A stretch of a text in one language.
package struct LanguagePiece: Equatable, Sendable {
    /// `zh`, `en`, `ja`, `ko` or `yue`.
    package let language: String
    package let text: [CodePoint]
}

/// Splits a text by language — as far as that is certain without the language model.
///
/// Upstream's segmenter keeps two languages apart in a Chinese request: English, and the rest. English can arise from
/// Latin letters, and (for `zh`, where the model is asked) from characters of no East Asian script. A text without
/// either is one Chinese piece whatever the model says; any other text is refused, and for `zh` so are kana and Hangul.
///
/// One thing the model does decide is left out: in a `zh` request a clause it takes for some third language loses its
/// commas. Upstream does that to about 2 of 100 ordinary texts; `all_zh` never asks the model.
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
            if language == .zh, let other = otherScript(point) { throw .segmentationNotBuilt(found: other) }
        }
        return [LanguagePiece(language: "zh", text: stripped)]
    }

    /// What a character is, unless it is one of ideographs, digits, the segmenter's own marks and white space.
    private static func otherScript(_ point: CodePoint) -> String? {
        switch point {
        case 0x4E00...0x9FFF, 0x3005: return nil
        case 0x3040...0x30FF: return "the kana \([point].string)"
        case 0xAC00...0xD7AF: return "the Hangul \([point].string)"
        default:
            if marks.contains(point) || PythonUnicode.isSpace(point) || PythonUnicode.isDigit(point) {
                return nil
            }
            return "\([point].string) (U+\(String(point, radix: 16, uppercase: true)))"
        }
    }

    private static let marks = CodePointSet(
        "〜~,.;:!?，。！？；：、·([{<（【《〈「『“‘)]}>）】》〉」』”’\"-_—#$%&…￥'*+=@\\^`|")
}
