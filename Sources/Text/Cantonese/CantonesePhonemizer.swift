/// Cantonese: the Chinese normaliser, a larger punctuation map, and ToJyutping's longest words.
package struct CantonesePhonemizer: Phonemizer {
    private let lexicon: CantoneseLexicon
    private let normalizer: ChineseNormalizer

    /// - Parameters:
    ///   - lexicon: the pack.
    ///   - chinese: its Chinese sections, which the normaliser reads.
    package init(_ lexicon: Lexicon, chinese: ChineseLexicon) throws(TextError) {
        self.lexicon = try CantoneseLexicon(lexicon)
        normalizer = ChineseNormalizer(chinese)
    }

    /// - Throws: `TextError.noPhones` for a character that ToJyutping cannot read; the Chinese normaliser's errors.
    package func analyze(_ text: [CodePoint], version: SymbolVersion) throws(TextError) -> PhonemizationDraft
    {
        let normalized = try normalize(text)
        let (symbols, counts) = try symbols(of: normalized)
        return PhonemizationDraft(
            PhonemizedText(
                normalizedText: normalized, symbols: symbols, wordToPhone: counts, version: version))
    }

    /// Phonemes of a normalised text by name, also those that no symbol table has, and their number per character.
    func symbols(of normalized: [CodePoint]) throws(TextError) -> (symbols: [String], counts: [Int]) {
        var phones: [String] = []
        var counts: [Int] = []
        phones.reserveCapacity(normalized.count * 2)
        counts.reserveCapacity(normalized.count)
        var index = 0
        while index < normalized.count {
            // A word may begin with punctuation, too: the dictionary comes first, as upstream.
            let word = longestWord(normalized, index)
            for offset in 0..<max(word.length, 1) {
                let point = normalized[index + offset]
                if ChinesePunctuation.contains(point) {
                    phones.append([point].string)
                    counts.append(1)
                } else {
                    guard let first = word.reading else {
                        throw .noPhones(of: [point].string, sentence: normalized.string)
                    }
                    let syllable = Int(lexicon.readings[first + offset])
                    guard syllable < lexicon.initials.count, !lexicon.initials[syllable].isEmpty else {
                        throw .noPhones(of: [point].string, sentence: normalized.string)
                    }
                    phones.append(lexicon.initials[syllable])
                    phones.append(lexicon.finals[syllable])
                    counts.append(2)
                }
            }
            index += max(word.length, 1)
        }
        return (phones, counts)
    }

    /// The longest word of the dictionary at `index`, and where its readings are; length 0 if there is none.
    private func longestWord(_ text: [CodePoint], _ index: Int) -> (length: Int, reading: Int?) {
        var node = PackedTrie.root
        var found: (length: Int, reading: Int?) = (0, nil)
        var end = index
        while end < text.count, let next = lexicon.words.child(of: node, text[end]) {
            node = next
            end += 1
            if let reading = lexicon.words.value(of: node) { found = (end - index, reading) }
        }
        return found
    }

    // MARK: Punctuation

    /// The normalised text: ideographs U+4E00…U+9FA5 and the punctuation `!?…,.-`. Runs of punctuation are kept.
    package func normalize(_ text: [CodePoint]) throws(TextError) -> [CodePoint] {
        var result: [CodePoint] = []
        result.reserveCapacity(text.count)
        for piece in try normalizer.verbalizedPieces(text) {
            var index = 0
            while index < piece.count {
                let point = piece[index]
                switch point {
                case 0x4E00...0x9FA5: result.append(point)
                case 0x2E where piece.has([0x2E, 0x2E, 0x2E], at: index):
                    result.append(0x2026)
                    index += 2
                case 0xFF1A, 0xFF1B, 0xFF0C, 0xB7, 0x3001: result.append(0x2C)  // ：；，·、
                case 0x3002, 0x0A, 0x24: result.append(0x2E)  // 。, line break, $
                case 0xFF01: result.append(0x21)
                case 0xFF1F: result.append(0x3F)
                case 0x2014, 0xFF5E, 0x7E: result.append(0x2D)  // —～~
                default: if ChinesePunctuation.contains(point) { result.append(point) }
                }
                index += 1
            }
        }
        return result
    }
}
