/// English to phonemes: upstream's `text_normalize` and `en_G2p`, which looks words up, segments them or guesses them.
///
/// v1 and v2 are given the same phonemes, of which v1 knows all. Words in no dictionary are left to the spelling
/// network, in the second stage.
struct EnglishPhonemizer: Phonemizer {
    private let lexicon: EnglishLexicon
    private let segmenter: WordSegmenter
    private let tagger: any PartOfSpeechTagger

    private static let apostrophe = UInt8(ascii: "'")
    private static let s = UInt8(ascii: "s")
    /// A word in no dictionary is spelled letter by letter up to this length.
    private static let longestSpelled = 3
    /// A text with fewer phonemes gets a comma in front, as in upstream's `clean_text`.
    private static let minimumPhonemeCount = 4

    /// - Parameter tagger: decides between the two readings of homographs.
    init(_ lexicon: EnglishLexicon, tagger: any PartOfSpeechTagger) {
        self.lexicon = lexicon
        self.tagger = tagger
        segmenter = WordSegmenter(lexicon.counts)
    }

    /// - Throws: the normaliser's errors; `noPhones` for `'s` after a word without phonemes.
    func analyze(_ text: [CodePoint], version: SymbolVersion) throws(TextError) -> PhonemizationDraft {
        let normalized = try EnglishNormalizer.normalize(text)
        var draft = draft(of: normalized)
        try guessBarePossessors(&draft)
        let unknown = draft.unknown.indices.filter { draft.guesses[$0] == nil }
        let pending = Pending(
            phonemizer: self, normalizedText: normalized, draft: draft, unknown: unknown, version: version)
        if unknown.isEmpty { return PhonemizationDraft(pending.phonemize()) }
        let certain = draft.pieces.count { piece in
            if case .phone(let number) = piece { lexicon.phones.symbol(number) != nil } else { false }
        }
        return PhonemizationDraft(
            pending, normalizedText: normalized,
            minimumPhonemeCount: certain < Self.minimumPhonemeCount ? certain + 1 : certain,
            isCountExact: false)
    }

    /// A text with words to guess.
    private struct Pending: PendingPhonemes {
        let phonemizer: EnglishPhonemizer
        let normalizedText: [CodePoint]
        let draft: Draft
        /// Which of the draft's unknown words have no guess yet.
        let unknown: [Int]
        let version: SymbolVersion

        func phonemize() -> PhonemizedText {
            let lexicon = phonemizer.lexicon
            var draft = draft
            let guesses = lexicon.spelling.guesses(of: unknown.map { draft.unknown[$0] })
            for (word, guess) in zip(unknown, guesses) { draft.guesses[word] = guess }
            var symbols = phonemizer.completed(draft).compactMap(lexicon.phones.symbol)
            if symbols.count < EnglishPhonemizer.minimumPhonemeCount { symbols.insert(",", at: 0) }
            return PhonemizedText(
                normalizedText: normalizedText, symbols: symbols, wordToPhone: nil, version: version)
        }
    }

    /// All of a normalised text but the guesses of its unknown words.
    private func draft(of normalizedText: [CodePoint]) -> Draft {
        let tokens = EnglishTokenizer.tokens(normalizedText.map { UInt8(truncatingIfNeeded: $0) })
        let words = tokens.map { token in token.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 } }
        let homographs = words.map { $0.count > 1 ? lexicon.homographs.homograph($0) : nil }
        // Tags serve homographs only, and depend on the tokens before and two after.
        var tags: [String] = []
        if let last = homographs.lastIndex(where: { $0 != nil }) {
            tags = tagger.tags(of: tokens, through: last).map { tagger.tagNames[Int($0)] }
        }

        var draft = Draft()
        draft.pieces.reserveCapacity(normalizedText.count)
        for index in tokens.indices {
            let word = words[index]
            if let homograph = homographs[index] {
                let prefix = lexicon.homographs.tagPrefix(of: homograph)
                // A tag that is itself the beginning of the prefix counts too: VB for read's VBP.
                let first = tags[index].hasPrefix(prefix) || prefix.hasPrefix(tags[index])
                lexicon.homographs.append(homograph, first: first, to: &draft.pieces)
            } else if word.count == 1 {
                append(character: word[0], isLoneLetter: tokens[index].first == word[0], to: &draft.pieces)
            } else {
                append(word[...], isTitle: Self.isTitle(tokens[index]), to: &draft)
            }
        }
        return draft
    }

    /// Appends a lower-case word of two characters and more, or a part of a compound.
    private func append(_ word: ArraySlice<UInt8>, isTitle: Bool, to draft: inout Draft) {
        if word.count > 1, let found = lexicon.words.word(word) {
            lexicon.wordReadings.append(found, to: &draft.pieces)
        } else if isTitle, let found = lexicon.names.word(word) {
            lexicon.nameReadings.append(found, to: &draft.pieces)
        } else if word.count <= Self.longestSpelled {
            for character in word { append(character: character, isLoneLetter: false, to: &draft.pieces) }
        } else if let stem = Self.possessor(word) {
            draft.pieces.append(.stemBegins)
            append(stem, isTitle: false, to: &draft)
            draft.pieces.append(.stemEnds(word: draft.possessives.count))
            draft.possessives.append(word)
        } else {
            appendUnknown(word, to: &draft)
        }
    }

    /// Appends a compound's parts, or leaves a gap for the network's result.
    private func appendUnknown(_ word: ArraySlice<UInt8>, to draft: inout Draft) {
        if let gap = draft.gaps[word] {
            draft.pieces.append(.gap(gap))
            return
        }
        let letters = word.filter(EnglishTokenizer.isLetter)
        let lengths = draft.cuts[word] ?? segmenter.lengths(letters)
        guard lengths.count > 1 else {
            draft.gaps[word] = draft.unknown.count
            draft.pieces.append(.gap(draft.unknown.count))
            draft.unknown.append(word)
            return
        }
        draft.cuts[word] = lengths
        var start = 0
        for length in lengths {
            append(letters[start..<start + length], isTitle: false, to: &draft)
            start += length
        }
    }

    /// Guesses unknown words that have `'s` after them and no certain phoneme: whether they have phonemes at all
    /// decides whether the text can be pronounced.
    /// - Throws: `noPhones` for `'s` after a word without phonemes.
    private func guessBarePossessors(_ draft: inout Draft) throws(TextError) {
        var isCertain = false
        var gaps: [Int] = []
        for piece in draft.pieces {
            switch piece {
            case .phone: isCertain = true
            case .gap(let gap): gaps.append(gap)
            case .stemBegins: (isCertain, gaps) = (false, [])
            case .stemEnds(let number):
                if isCertain { continue }
                for gap in gaps where draft.guesses[gap] == nil {
                    draft.guesses[gap] = lexicon.spelling.guesses(of: [draft.unknown[gap]])[0]
                }
                guard gaps.contains(where: { draft.guesses[$0]?.isEmpty == false }) else {
                    let word = draft.possessives[number]
                    throw .noPhones(of: Self.string(word.dropLast(2)), sentence: Self.string(word))
                }
            }
        }
    }

    /// The phonemes of a draft whose unknown words have been guessed.
    private func completed(_ draft: Draft) -> [UInt8] {
        var phones: [UInt8] = []
        phones.reserveCapacity(draft.pieces.count)
        var stem = 0
        for piece in draft.pieces {
            switch piece {
            case .phone(let number): phones.append(number)
            case .gap(let gap): phones += draft.guesses[gap] ?? []
            case .stemBegins: stem = phones.count
            case .stemEnds:
                if phones.count > stem, let last = phones.last {
                    phones += lexicon.phones.possessive(after: last)
                }
            }
        }
        return phones
    }

    /// Phonemes of a text with gaps for its unknown words.
    private struct Draft: Sendable {
        var pieces: [DraftPiece] = []
        /// Each unknown word once, and its index here.
        var unknown: [ArraySlice<UInt8>] = []
        var gaps: [ArraySlice<UInt8>: Int] = [:]
        /// Results of the network so far, by index of the unknown word.
        var guesses: [Int: [UInt8]] = [:]
        /// Segmentations of the compounds so far.
        var cuts: [ArraySlice<UInt8>: [Int]] = [:]
        /// Words in `'s`.
        var possessives: [ArraySlice<UInt8>] = []
    }

    /// Appends the phonemes of one character. A lone `a` is the article; elsewhere it is pronounced as the letter's
    /// name.
    private func append(character: UInt8, isLoneLetter: Bool, to result: inout [DraftPiece]) {
        if let punctuation = lexicon.phones.punctuation(character) {
            result.append(.phone(punctuation))
        } else if character == UInt8(ascii: "a"), !isLoneLetter {
            result.append(.phone(lexicon.phones.nameOfA))
        } else if let found = lexicon.words.word(CollectionOfOne(character)) {
            lexicon.wordReadings.append(found, to: &result)
        }
    }

    /// The stem of a word in `'s`; nil unless the rest is letters.
    private static func possessor(_ word: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let stem = word.dropLast(2)
        guard word.suffix(2).elementsEqual([apostrophe, s]), !stem.isEmpty else { return nil }
        return stem.allSatisfy(EnglishTokenizer.isLetter) ? stem : nil
    }

    /// Python's `istitle`: every run of letters begins with its only capital.
    private static func isTitle(_ token: ArraySlice<UInt8>) -> Bool {
        var afterLetter = false
        for byte in token {
            let isLetter = EnglishTokenizer.isLetter(byte)
            if isLetter, (byte & 0x20 == 0) == afterLetter { return false }
            afterLetter = isLetter
        }
        return true
    }

    private static func string(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}

/// An element of a draft.
enum DraftPiece: Sendable {
    case phone(UInt8)
    /// The phonemes of an unknown word, by its index.
    case gap(Int)
    /// The stem of a word in `'s` is between these two; the word by its index.
    case stemBegins
    case stemEnds(word: Int)
}
