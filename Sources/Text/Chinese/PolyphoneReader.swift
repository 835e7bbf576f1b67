/// The seam for a reader that chooses among a character's readings by context, as g2pW does.
///
/// It is asked once per text with all its sentences, and answers one reading per character: pinyin with a tone digit
/// (`zhong1`, `lv4`, `de5`), or for a mark the mark itself.
public protocol PolyphoneReader: Sendable {
    /// Readings of every character of every sentence.
    /// - Parameter sentences: normalised sentences, ideographs with at most one mark at the end.
    func readings(of sentences: [String]) throws -> [[String]]
}

/// Readings recorded beforehand; used to check the path around the network without the network.
public struct RecordedReadings: PolyphoneReader {
    private let readings: [[String]]

    /// - Parameter readings: one list per sentence, in the order the sentences will be asked about.
    public init(_ readings: [[String]]) {
        self.readings = readings
    }

    /// The recorded readings, whatever the sentences are.
    public func readings(of sentences: [String]) -> [[String]] {
        readings
    }
}
