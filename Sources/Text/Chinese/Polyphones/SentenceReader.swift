/// Reads whole sentences, choosing among a character's readings by context.
package protocol SentenceReader: Sendable {
    /// One syllable per character of every sentence; asked once per text.
    /// - Parameter sentences: normalised: ideographs with at most one mark, at the end.
    func read(_ sentences: [[CodePoint]]) throws -> [[Syllable]]
}

/// Readings recorded beforehand, as written pinyin with a tone digit: checks the path around the network without it.
package struct RecordedReadings: SentenceReader {
    private let lexicon: ChineseLexicon
    private let readings: [[String]]

    /// - Parameter readings: one list per sentence, in the order of the sentences.
    package init(_ readings: [[String]], lexicon: ChineseLexicon) {
        self.readings = readings
        self.lexicon = lexicon
    }

    package func read(_ sentences: [[CodePoint]]) -> [[Syllable]] {
        readings.map { $0.map(lexicon.syllables.syllable) }
    }
}
