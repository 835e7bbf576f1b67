/// Splits a text into segments of one language: upstream's `LangSegmenter.getTexts` over split_lang 2.1.1.
package struct LanguageSegmenter: Sendable {
    /// A segment of the text. `language` can be `punctuation` or `newline` for a text that has nothing else.
    package struct Segment: Equatable, Sendable {
        package var language: SegmentLanguage
        package var text: [CodePoint]
    }

    private let detection: RunDetection

    /// The language model after it.
    package var identifier: LanguageIdentifier { detection.identifier }

    /// Reads the sections `seg.*`.
    /// - Parameter model: a fastText model to use instead of the pack's.
    package init(_ lexicon: Lexicon, model: String? = nil) throws(TextError) {
        let identifier =
            if let model { try LanguageIdentifier(path: model) } else { try LanguageIdentifier(lexicon) }
        detection = try RunDetection(lexicon, identifier: identifier)
    }

    /// The segments of a text, in order.
    /// - Parameters:
    ///   - text: with runs of spaces collapsed.
    ///   - fallback: the language of everything but English; nil to identify all languages.
    /// - Throws: `emptyText`, `unknownCharacter`.
    package func segments(
        of text: [CodePoint], fallback: SegmentLanguage? = nil
    ) throws(TextError) -> [Segment] {
        let text = Array(text[...].stripped)
        guard !text.isEmpty else { throw .emptyText }
        return SegmentRefinement.refined(try runs(of: text), of: text, fallback: fallback)
    }

    /// What split_lang makes of a text without whitespace around it.
    func runs(of text: [CodePoint]) throws(TextError) -> [LanguageRun] {
        let merging = RunMerging(text: text, detection: detection)
        var sections: [TextSection] = []
        for (kind, range) in TextSection.kinds(of: text) {
            var runs = try detection.runs(of: text, kind, range)
            if kind == .chineseJapanese || kind == .other { runs = try merging.merged(runs) }
            sections.append(TextSection(kind: kind, runs: runs))
        }
        return SectionMerging.runs(of: sections)
    }
}
