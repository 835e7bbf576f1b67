/// A sentence's words during merging and tone changes.
///
/// Words are consecutive ranges of `text`; merging neighbours therefore only moves boundaries. `text` is the
/// concatenation of the words, which is the sentence itself unless the tagging model lost or doubled characters.
package struct SentenceWords: Sendable {
    /// A word: its range in `text` and its part of speech.
    package struct Word: Equatable, Sendable {
        package var range: Range<Int>
        package var tag: UInt8
    }

    package var text: [CodePoint]
    package var words: [Word]
    /// Syllable of each character of `text`.
    package var syllables: [Syllable]

    /// From the segmenter's words.
    package init(_ sentence: [CodePoint], cut: [TaggingModel.Word]) {
        text = []
        text.reserveCapacity(sentence.count)
        words = []
        words.reserveCapacity(cut.count)
        for word in cut {
            let start = text.count
            text += sentence[word.range]
            words.append(Word(range: start..<text.count, tag: word.tag))
        }
        syllables = [Syllable](repeating: .unknown, count: text.count)
    }

    /// True if the word is this one character.
    @inline(__always)
    func isOnly(_ word: Word, _ point: CodePoint) -> Bool {
        word.range.count == 1 && text[word.range.lowerBound] == point
    }

    /// True if two words have the same characters.
    func same(_ a: Word, _ b: Word) -> Bool {
        a.range.count == b.range.count && text[a.range].elementsEqual(text[b.range])
    }
}
