import Foundation

/// A word, or a character of a script without spaces, and where it is spoken.
package struct SpokenWord: Sendable, Equatable {
    /// As it is written, without the punctuation around it.
    package let text: String
    /// Its samples, as an estimate.
    package let samples: Range<Int>

    /// A word at a given place.
    package init(text: String, samples: Range<Int>) {
        self.text = text
        self.samples = samples
    }
}

/// Estimates where the words of a sentence lie in its sound.
///
/// Each word has a weight, about its number of phonemes: 1.4 for a group of vowels and 1 for a consonant of alphabets, 3 for a
/// syllable of others and for a digit. Pauses of at least 120 ms are found in the sound and assigned to places between words,
/// in order, so that the sum is least of
///
///     |seconds of speech before the pause − seconds by weight before the place|
///     + 0.2 s for a place without punctuation + 0.15 s for punctuation without a pause
///
/// Between the pauses, words take time by their weights. The attention weights of decoding would be more precise; the attention kernels do not
/// store them.
package enum WordTimes {
    private static let frameSeconds = 0.01, pauseSeconds = 0.12
    /// How far below the loud frames a silent one is, in decibels.
    private static let silenceDepth: Float = 32

    /// The words of `text`, in order, with their places as indices of `samples`.
    package static func estimate(_ text: String, samples: ArraySlice<Int16>, sampleRateHz: Int)
        -> [SpokenWord]
    {
        let words = words(of: text)
        guard !words.isEmpty, !samples.isEmpty, sampleRateHz > 0 else { return [] }
        let frame = max(Int(Double(sampleRateHz) * frameSeconds), 1)
        var silences = silences(samples, frame: frame)
        var (start, end) = (samples.startIndex, samples.endIndex)
        if let first = silences.first, first.lowerBound == start, first.upperBound < end {
            start = first.upperBound
            silences.removeFirst()
        }
        // The rest of a frame at the end belongs to the silence before it.
        if let last = silences.last, end - last.upperBound < frame, last.lowerBound > start {
            end = last.lowerBound
            silences.removeLast()
        }
        let pauses = silences.filter { Double($0.count) >= pauseSeconds * Double(sampleRateHz) }
        let places = assign(pauses, to: words, from: start, to: end, sampleRateHz: sampleRateHz)
        return spread(words, between: places, from: start, to: end)
    }

    /// A word of the text.
    struct Word: Equatable {
        var text: String
        var weight: Double
        /// Whether punctuation follows.
        var isBeforeMark = false
    }

    /// Splits a text at whitespace, punctuation and characters that are words on their own.
    static func words(of text: String) -> [Word] {
        var words: [Word] = []
        var current = ""
        func finish() {
            if !current.isEmpty { words.append(Word(text: current, weight: weight(of: current))) }
            current = ""
        }
        for character in text {
            let scalar = character.unicodeScalars.first ?? " "
            if isIdeographic(scalar) {
                finish()
                words.append(Word(text: String(character), weight: 3))
            } else if character.isLetter || character.isNumber || (isInner(character) && !current.isEmpty) {
                current.append(character)
            } else {
                finish()
                if !character.isWhitespace, !words.isEmpty { words[words.count - 1].isBeforeMark = true }
            }
        }
        finish()
        return words
    }

    private static func isInner(_ character: Character) -> Bool { character == "'" || character == "’" }

    /// Han, kana: written without spaces.
    private static func isIdeographic(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isIdeographic || (0x3040...0x30FF).contains(scalar.value)
            || (0x31F0...0x31FF).contains(scalar.value)
    }

    private static let vowels = Set("aeiouyäöüáéíóúàèìòùâêîôû")
    /// Pairs of letters that are one consonant.
    private static let pairs: Set<String> = ["th", "sh", "ch", "ph", "gh", "wh", "ck"]

    private static func weight(of word: String) -> Double {
        var letters = Array(word.lowercased().filter { !isInner($0) })
        // A silent e of English.
        if letters.count > 3, letters.last == "e", let before = letters.dropLast().last, before != "l",
            !vowels.contains(before)
        {
            letters.removeLast()
        }
        var weight = 0.0
        var previous: Character = " "
        for letter in letters {
            let scalar = letter.unicodeScalars.first ?? " "
            if letter.isNumber || (0xAC00...0xD7AF).contains(scalar.value) {
                weight += 3
            } else if vowels.contains(letter) {
                weight += vowels.contains(previous) ? 0 : 1.4
            } else if letter != previous, !pairs.contains(String([previous, letter])) {
                weight += 1
            }
            previous = letter
        }
        return max(weight, 1)
    }

    /// Stretches of silent frames.
    private static func silences(_ samples: ArraySlice<Int16>, frame: Int) -> [Range<Int>] {
        let starts = Array(stride(from: samples.startIndex, through: samples.endIndex - frame, by: frame))
        let levels = starts.map { start -> Float in
            let energy = samples[start..<start + frame].reduce(Float(0)) { $0 + Float($1) * Float($1) }
            return 10 * log10(energy / Float(frame) + 1e-9)
        }
        guard !levels.isEmpty else { return [] }
        let limit = levels.sorted()[levels.count * 95 / 100] - silenceDepth
        var found: [Range<Int>] = []
        for (start, level) in zip(starts, levels) where level < limit {
            if let last = found.last, last.upperBound == start {
                found[found.count - 1] = last.lowerBound..<start + frame
            } else {
                found.append(start..<start + frame)
            }
        }
        return found
    }

    /// The pause behind each word that has one, by the word's number.
    private static func assign(
        _ pauses: [Range<Int>], to words: [Word], from start: Int, to end: Int, sampleRateHz: Int
    ) -> [Int: Range<Int>] {
        let places = words.count - 1
        guard !pauses.isEmpty, places > 0 else { return [:] }
        var spoken: [Double] = [], silent = 0
        for pause in pauses {
            spoken.append(Double(pause.lowerBound - start - silent) / Double(sampleRateHz))
            silent += pause.count
        }
        let seconds = Double(end - start - silent) / Double(sampleRateHz)
        let total = words.reduce(0) { $0 + $1.weight }
        // costs[i]: of having assigned i pauses to the places so far; taken[place][i]: whether the last one is here.
        var costs = [0.0] + Array(repeating: Double.infinity, count: pauses.count)
        var taken: [[Bool]] = []
        var before = 0.0
        for place in 0..<places {
            before += words[place].weight
            let expected = before / total * seconds
            let isMark = words[place].isBeforeMark
            var next = costs.map { $0 + (isMark ? 0.15 : 0) }
            var chosen = Array(repeating: false, count: costs.count)
            for i in pauses.indices {
                let cost = costs[i] + abs(spoken[i] - expected) + (isMark ? 0 : 0.2)
                if cost < next[i + 1] { (next[i + 1], chosen[i + 1]) = (cost, true) }
            }
            costs = next
            taken.append(chosen)
        }
        guard var i = costs.indices.last(where: { costs[$0].isFinite }) else { return [:] }
        var found: [Int: Range<Int>] = [:]
        for place in (0..<places).reversed() where taken[place][i] {
            i -= 1
            found[place] = pauses[i]
        }
        return found
    }

    private static func spread(
        _ words: [Word], between pauses: [Int: Range<Int>], from start: Int, to end: Int
    ) -> [SpokenWord] {
        var result: [SpokenWord] = []
        var first = 0, begin = start
        for last in pauses.keys.sorted() + [words.count - 1] {
            let stop = pauses[last]?.lowerBound ?? end
            let total = words[first...last].reduce(0) { $0 + $1.weight }
            var weight = 0.0
            var place = begin
            for word in words[first...last] {
                weight += word.weight
                let next = begin + Int((Double(stop - begin) * weight / total).rounded())
                result.append(SpokenWord(text: word.text, samples: place..<max(next, place)))
                place = max(next, place)
            }
            (first, begin) = (last + 1, pauses[last]?.upperBound ?? end)
        }
        return result
    }
}
