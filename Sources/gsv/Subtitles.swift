import Foundation
import Synthesis

/// Sentences with their times, as a SubRip file.
struct Subtitles {
    private var entries: [(text: String, start: Double, end: Double)] = []
    private var samples = 0

    /// The sentences of the next fragment.
    mutating func add(_ fragment: AudioFragment) {
        let rate = Double(fragment.sampleRateHz)
        for sentence in fragment.sentences {
            let (start, end) = (samples + sentence.samples.lowerBound, samples + sentence.samples.upperBound)
            let text = sentence.text.trimmingCharacters(in: .whitespacesAndNewlines)
            entries.append((text, Double(start) / rate, Double(end) / rate))
        }
        samples += fragment.samples.count
    }

    /// The file's text.
    var text: String {
        entries.enumerated().map { number, entry in
            "\(number + 1)\n\(Self.time(entry.start)) --> \(Self.time(entry.end))\n\(entry.text)\n"
        }.joined(separator: "\n")
    }

    private static func time(_ seconds: Double) -> String {
        let milliseconds = Int((seconds * 1000).rounded())
        return String(
            format: "%02d:%02d:%02d,%03d", milliseconds / 3_600_000, milliseconds / 60_000 % 60,
            milliseconds / 1_000 % 60, milliseconds % 1_000)
    }
}
