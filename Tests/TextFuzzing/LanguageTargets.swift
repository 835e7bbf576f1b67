import Text

/// The languages, and what stands around them: a text each, after a byte of choices.
enum LanguageTargets {
    static let all: [FuzzTarget] =
        ["zh", "en", "ja", "ko", "yue"].map(language) + [request, repair, segments, pieces, records]

    private static let lexicon = Result { try Lexicon() }
    private static let frontEnd = Result {
        try TextFrontEnd(lexicon: lexicon.get(), polyphones: FirstLettersNetwork(), englishTagger: .builtIn)
    }

    /// A text in one language. Bit 0 of the choices: v1; bit 1: Chinese without the polyphone network.
    private static func language(_ code: String) -> FuzzTarget {
        FuzzTarget(name: code, about: "a text in \(code), behind a byte of choices") {
            let frontEnd = try Self.frontEnd.get()
            return { bytes in
                let version: SymbolVersion = bytes.first.map { $0 & 1 == 1 } ?? false ? .v1 : .v2
                let usesNetwork = bytes.first.map { $0 & 2 == 0 } ?? true
                do {
                    let draft = try frontEnd.analyze(
                        FuzzText.points(bytes.dropFirst()), language: code, version: version,
                        readings: usesNetwork ? .network : .dictionary)
                    guard let cleaned = try? draft.phonemize() else {
                        fatalError("a normalised text that cannot be phonemized")
                    }
                    require(
                        cleaned.phonemes.count >= draft.minimumPhonemeCount,
                        "\(cleaned.phonemes.count) phonemes of at least \(draft.minimumPhonemeCount)")
                    check(ids: cleaned.phonemes, version)
                    guard let counts = cleaned.wordToPhone else { return }
                    require(
                        counts.reduce(0, +) == cleaned.phonemes.count, "phones of characters do not add up")
                    require(
                        counts.count == cleaned.normalizedText.unicodeScalars.count,
                        "\(counts.count) counts for \(cleaned.normalizedText.unicodeScalars.count) characters"
                    )
                } catch is TextError {}
            }
        } seeds: {
            try Fixtures.texts { $0 == code }.flatMap { [[0] + $0, [1] + $0] }
        }
    }

    /// A whole request: the choices are one of the eleven languages, how the text is cut, and the version.
    private static let request = FuzzTarget(
        name: "auto", about: "a request in any of the eleven languages, behind a byte of choices"
    ) {
        let frontEnd = try Self.frontEnd.get()
        return { bytes in
            let choice = Int(bytes.first ?? 0)
            let version: SymbolVersion = choice & 0x80 == 0 ? .v2 : .v1
            let languages = LanguageCode.allCases
            let language = languages[choice & 0xF < languages.count ? choice & 0xF : languages.count - 2]
            let cuts = CutMethod.allCases
            do {
                let pieces = try PreSegmentation.pieces(
                    PreSegmentation.collapsingPunctuation(FuzzText.points(bytes.dropFirst())),
                    isEnglish: language == .en, cut: cuts[(choice >> 4 & 7) % cuts.count])
                for piece in pieces {
                    let normalized = try frontEnd.normalize(piece, language: language, version: version)
                    guard let sentence = try? frontEnd.phonemize(normalized) else {
                        fatalError("a normalised sentence that cannot be phonemized")
                    }
                    require(!sentence.segments.isEmpty, "a sentence without segments")
                    check(ids: sentence.phonemes, version)
                }
            } catch is TextError {}
        }
    } seeds: {
        let automatic = UInt8(LanguageCode.allCases.firstIndex(of: .auto) ?? 0)
        return try Fixtures.texts { _ in true }.enumerated().map { number, text in
            [number % 2 == 0 ? automatic : UInt8(number / 2 % LanguageCode.allCases.count)] + text
        }
    }

    /// The repair of a text, behind a byte that chooses the language.
    private static let repair = FuzzTarget(
        name: "repair", about: "a text to repair, behind a byte that chooses the language"
    ) {
        { bytes in
            let languages = LanguageCode.allCases
            let text = FuzzText.points(bytes.dropFirst())
            let repaired = TextRepair(language: languages[Int(bytes.first ?? 0) % languages.count])(text)
            // The longest replacement is a word or two for a code point.
            require(repaired.count <= 40 * text.count + 40, "\(repaired.count) code points of \(text.count)")
        }
    } seeds: {
        try Fixtures.texts { _ in true }.enumerated().map { [UInt8($0 % 11)] + $1 }
    }

    /// The segmenter alone: no default language, or one of four.
    private static let segments = FuzzTarget(
        name: "segments", about: "a text to tell languages apart in, behind a byte that chooses the default"
    ) {
        let segmenter = try Self.frontEnd.get().splitting.segmenter
        return { bytes in
            let fallbacks: [SegmentLanguage?] = [nil, .zh, .ja, .ko, .en]
            let text = FuzzText.points(bytes.dropFirst())
            do {
                let found = try segmenter.segments(
                    of: text, fallback: fallbacks[Int(bytes.first ?? 0) % fallbacks.count])
                require(!found.isEmpty, "no segments")
                require(
                    zip(found, found.dropFirst()).allSatisfy { $0.language != $1.language },
                    "neighbours in one language")
            } catch is TextError {}
        }
    } seeds: {
        try Fixtures.texts { _ in true }.enumerated().map { [UInt8($0 % 5)] + $1 }
    }

    /// Splitting a text into sentences.
    private static let pieces = FuzzTarget(
        name: "pieces", about: "a text to cut, behind a byte that chooses the method"
    ) {
        { bytes in
            let choice = Int(bytes.first ?? 0)
            let cuts = CutMethod.allCases
            let text = FuzzText.points(bytes.dropFirst())
            do {
                let found = try PreSegmentation.pieces(
                    PreSegmentation.collapsingPunctuation(text), isEnglish: choice & 0x80 != 0,
                    cut: cuts[choice % 0x40 % cuts.count])
                // Punctuation is added before and after a piece, and nothing else.
                require(
                    found.reduce(0) { $0 + $1.count } <= text.count + 2 * found.count + 2, "text was added")
            } catch is TextError {}
        }
    } seeds: {
        try Fixtures.texts { _ in true }.enumerated().map { [UInt8($0 % 6)] + $1 }
    }

    /// A line of `gsv text --jsonl`.
    private static let records = FuzzTarget(name: "records", about: "a line of gsv text --jsonl") {
        let answerer = TextRecordAnswerer(frontEnd: try Self.frontEnd.get())
        return { bytes in
            let answer = answerer.answer(bytes)
            require(answer.first == UInt8(ascii: "{") && answer.last == UInt8(ascii: "}"), "no object")
        }
    } seeds: {
        try Fixtures.lines()
    }

    private static func check(ids: [Int], _ version: SymbolVersion) {
        let symbols = SymbolTable.table(version).symbols.count
        require(ids.allSatisfy { $0 >= 0 && $0 < symbols }, "a phone that is no symbol: \(ids)")
    }
}

/// Stands for the polyphone network: some label of each query, by its place.
private struct FirstLettersNetwork: PolyphoneNetwork {
    func choose(_ queries: [PolyphoneQuery]) -> [Int] {
        queries.map { query in
            require(query.index >= 0 && query.index < query.text.unicodeScalars.count, "a place outside")
            return query.labels.isEmpty ? 0 : query.labels[query.index % query.labels.count]
        }
    }
}
