/// A piece of a text in one language.
package struct LanguagePiece: Equatable, Sendable {
    /// `zh`, `en`, `ja`, `ko` or `yue`; `punctuation` or `newline` where there is nothing to pronounce.
    package let language: String
    package let text: [CodePoint]
}

/// Splits a request's text by language, according to its language code: the first part of upstream's
/// `get_phones_and_bert`.
package struct LanguageSplitting: Sendable {
    /// Identifies languages.
    package let segmenter: LanguageSegmenter

    /// A run of spaces becomes one.
    package static func collapsingSpaces(_ text: [CodePoint]) -> [CodePoint] {
        var collapsed: [CodePoint] = []
        collapsed.reserveCapacity(text.count)
        for point in text where point != 0x20 || collapsed.last != 0x20 { collapsed.append(point) }
        return collapsed
    }

    /// - Parameter text: after `collapsingSpaces`.
    /// - Throws: `TextError.emptyText` for whitespace only, `.unknownCharacter`.
    package func pieces(_ text: [CodePoint], language: LanguageCode) throws(TextError) -> [LanguagePiece] {
        switch language {
        case .en: [LanguagePiece(language: "en", text: text)]
        case .allZh: try segments(text, .zh)
        case .allJa: try segments(text, .ja)
        case .allKo: try segments(text, .ko)
        case .auto: try segments(text, nil)
        case .allYue: Self.cantonese(try segments(text, .zh))
        case .autoYue: Self.cantonese(try segments(text, nil))
        case .zh, .ja, .ko, .yue: Self.keepingEnglish(try segments(text, nil), rest: language.rawValue)
        }
    }

    private func segments(
        _ text: [CodePoint], _ fallback: SegmentLanguage?
    ) throws(TextError) -> [LanguagePiece] {
        try segmenter.segments(of: text, fallback: fallback).map {
            LanguagePiece(language: $0.language.rawValue, text: $0.text)
        }
    }

    /// Ideographs are Mandarin or Cantonese by the request's language, not by the text.
    private static func cantonese(_ pieces: [LanguagePiece]) -> [LanguagePiece] {
        pieces.map { $0.language == "zh" ? LanguagePiece(language: "yue", text: $0.text) : $0 }
    }

    /// English, and everything else in the request's language.
    private static func keepingEnglish(_ pieces: [LanguagePiece], rest: String) -> [LanguagePiece] {
        var joined: [LanguagePiece] = []
        for piece in pieces {
            let language = piece.language == "en" ? "en" : rest
            if let last = joined.last, last.language == language {
                joined[joined.count - 1] = LanguagePiece(language: language, text: last.text + piece.text)
            } else {
                joined.append(LanguagePiece(language: language, text: piece.text))
            }
        }
        return joined
    }
}
