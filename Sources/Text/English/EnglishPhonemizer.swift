/// Looks up, takes apart or guesses the phones of words (upstream's `en_G2p`).
struct EnglishPhonemizer: Sendable {
    private let lexicon: EnglishLexicon
    private let segmenter: WordSegmenter
    private let tagger: TaggerOnDemand

    private static let apostrophe = UInt8(ascii: "'")
    private static let s = UInt8(ascii: "s")
    /// A word in no dictionary is spelled letter by letter up to this length.
    private static let longestSpelled = 3

    init(_ lexicon: EnglishLexicon, tagger: TaggerOnDemand) {
        self.lexicon = lexicon
        self.tagger = tagger
        segmenter = WordSegmenter(lexicon.counts)
    }

    /// The phones of a normalised text, by name.
    func phones(of norm: [CodePoint]) throws(TextError) -> [String] {
        let tokens = EnglishTokenizer.tokens(norm.map { UInt8(truncatingIfNeeded: $0) })
        let words = tokens.map { token in token.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 } }
        let homographs = words.map { $0.count > 1 ? lexicon.homographs.homograph($0) : nil }
        // Tags serve homographs only, and depend on the tokens before and two after.
        var tags: [String] = []
        if let last = homographs.lastIndex(where: { $0 != nil }) {
            let tagger = try tagger.tagger()
            tags = tagger.tags(of: tokens, through: last).map { tagger.tagNames[Int($0)] }
        }

        var numbers: [UInt8] = []
        numbers.reserveCapacity(norm.count)
        var guessed: Guesses = [:]
        for index in tokens.indices {
            let word = words[index]
            if let homograph = homographs[index] {
                let prefix = lexicon.homographs.tagPrefix(of: homograph)
                // A tag that is itself the beginning of the prefix counts too: VB for read's VBP.
                let first = tags[index].hasPrefix(prefix) || prefix.hasPrefix(tags[index])
                lexicon.homographs.append(homograph, first: first, to: &numbers)
            } else if word.count == 1 {
                append(character: word[0], isLoneLetter: tokens[index].first == word[0], to: &numbers)
            } else {
                try append(word[...], isTitle: Self.isTitle(tokens[index]), to: &numbers, &guessed)
            }
        }
        return numbers.compactMap(lexicon.phones.spoken)
    }

    /// Phones of unknown words met before in the same text: they are what takes time.
    private typealias Guesses = [ArraySlice<UInt8>: [UInt8]]

    /// Appends the phones of a lower-case word of two characters and more, or of a part of a compound.
    private func append(
        _ word: ArraySlice<UInt8>, isTitle: Bool, to result: inout [UInt8], _ guessed: inout Guesses
    ) throws(TextError) {
        if word.count > 1, let found = lexicon.words.word(word) {
            lexicon.wordReadings.append(found, to: &result)
        } else if isTitle, let found = lexicon.names.word(word) {
            lexicon.nameReadings.append(found, to: &result)
        } else if word.count <= Self.longestSpelled {
            for character in word { append(character: character, isLoneLetter: false, to: &result) }
        } else if let stem = Self.possessor(word) {
            let before = result.count
            try append(stem, isTitle: false, to: &result, &guessed)
            guard result.count > before, let last = result.last else {
                throw .noPhones(of: Self.string(stem), sentence: Self.string(word))
            }
            result += lexicon.phones.possessive(after: last)
        } else {
            if guessed[word] == nil { guessed[word] = try unknown(word, &guessed) }
            result += guessed[word] ?? []
        }
    }

    /// A compound's parts, or the network's guess.
    private func unknown(_ word: ArraySlice<UInt8>, _ guessed: inout Guesses) throws(TextError) -> [UInt8] {
        var result: [UInt8] = []
        let letters = word.filter(EnglishTokenizer.isLetter)
        let lengths = segmenter.lengths(letters)
        guard lengths.count > 1 else {
            lexicon.spelling.append(word, to: &result)
            return result
        }
        var start = 0
        for length in lengths {
            try append(letters[start..<start + length], isTitle: false, to: &result, &guessed)
            start += length
        }
        return result
    }

    /// Appends the phones of one character. A lone `a` is the article, everywhere else it has the letter's name.
    private func append(character: UInt8, isLoneLetter: Bool, to result: inout [UInt8]) {
        if let mark = lexicon.phones.mark(character) {
            result.append(mark)
        } else if character == UInt8(ascii: "a"), !isLoneLetter {
            result.append(lexicon.phones.nameOfA)
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

    /// Python's `istitle`: a capital begins every run of letters and stands nowhere else.
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
