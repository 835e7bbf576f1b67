/// Pinyin readings as in pypinyin 0.55: phrases by forward maximum matching, else a character's first reading.
package struct PinyinReader: Sendable {
    private let lexicon: ChineseLexicon

    package init(_ lexicon: ChineseLexicon) {
        self.lexicon = lexicon
    }

    /// Writes one syllable per character of `text[range]` into `syllables[range]`. Punctuation gets
    /// `Syllable.punctuation`.
    ///
    /// pypinyin matches within runs of ideographs. No phrase contains punctuation, so a match ends before it.
    package func read(_ text: [CodePoint], _ range: Range<Int>, into syllables: inout [Syllable]) {
        var index = range.lowerBound
        while index < range.upperBound {
            var node = PackedTrie.root
            var end = index
            var longest: (end: Int, offset: Int)?
            while end < range.upperBound, let next = lexicon.phrases.child(of: node, text[end]) {
                node = next
                end += 1
                if let offset = lexicon.phrases.value(of: node) { longest = (end, offset) }
            }
            if let longest {
                for position in index..<longest.end {
                    syllables[position] = Syllable(
                        packed: lexicon.phraseReadings[longest.offset + position - index])
                }
                index = longest.end
            } else {
                syllables[index] = single(text[index])
                index += 1
            }
        }
    }

    /// A character's first reading.
    package func single(_ point: CodePoint) -> Syllable {
        if ChinesePunctuation.contains(point) { return .punctuation }
        let packed = lexicon.single[point]
        return packed == PackFormat.none ? .unknown : Syllable(packed: UInt16(truncatingIfNeeded: packed))
    }
}

/// The six punctuation marks that remain after Chinese normalisation; each is a phoneme.
package enum ChinesePunctuation {
    /// `! ? … , . -`
    package static let all: [CodePoint] = [0x21, 0x3F, 0x2026, 0x2C, 0x2E, 0x2D]

    /// True for one of the six.
    @inline(__always)
    package static func contains(_ point: CodePoint) -> Bool {
        switch point {
        case 0x21, 0x3F, 0x2026, 0x2C, 0x2E, 0x2D: true
        default: false
        }
    }
}
