/// Splits a normalised text into tokens, as nltk's TweetTokenizer does with letters, spaces and `' . , ? ! -`.
///
/// Of its many patterns only four can match such a text, tried in this order at every position:
///
/// 1. a naked domain, `a.bc` or `a-b.cd`: labels of letters joined by `.` or `-`, up to the last label that follows a
///    period and has 2 to 13 letters. So `stop.and` is one token, and its period makes no pause.
/// 2. a word of three and more: a letter, letters with `'` and `-`, a letter
/// 3. a run of letters
/// 4. any other single character except a space
///
/// Emoticons, telephone numbers, tags and addresses need characters that normalisation removes; an ellipsis needs two
/// periods in a row, which normalisation has reduced to one.
enum EnglishTokenizer {
    private static let period = UInt8(ascii: ".")
    private static let hyphen = UInt8(ascii: "-")
    private static let apostrophe = UInt8(ascii: "'")
    /// Labels of a domain but the first and last, and letters of the last.
    private static let maximumInnerLabels = 126
    private static let topLabelLetters = 2...13
    /// A longer run of one punctuation mark is cut to three; only apostrophes can still be in runs.
    private static let longestRun = 3

    static func isLetter(_ byte: UInt8) -> Bool { byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A }

    /// The tokens of a normalised text.
    static func tokens(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
        var result: [ArraySlice<UInt8>] = []
        result.reserveCapacity(text.count / 4)
        let text = shorteningRuns(text)
        var index = 0
        while index < text.count {
            let byte = text[index]
            if isLetter(byte) {
                let letters = end(ofLetters: text, index)
                let end = domain(text, index, letters) ?? word(text, index) ?? letters
                result.append(text[index..<end])
                index = end
            } else {
                if byte != 0x20 { result.append(text[index..<index + 1]) }
                index += 1
            }
        }
        return result
    }

    private static func shorteningRuns(_ text: [UInt8]) -> [UInt8] {
        guard text.contains(apostrophe) else { return text }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var run = 0
        for byte in text {
            run = byte == apostrophe ? run + 1 : 0
            if run <= longestRun { result.append(byte) }
        }
        return result
    }

    private static func end(ofLetters text: [UInt8], _ index: Int) -> Int {
        var end = index
        while end < text.count, isLetter(text[end]) { end += 1 }
        return end
    }

    private static func domain(_ text: [UInt8], _ index: Int, _ firstEnd: Int) -> Int? {
        var found: Int?
        var end = firstEnd
        var labels = 0
        while end < text.count, text[end] == period || text[end] == hyphen, labels <= maximumInnerLabels {
            let next = self.end(ofLetters: text, end + 1)
            guard next > end + 1 else { break }
            if text[end] == period, topLabelLetters.contains(next - end - 1) { found = next }
            labels += 1
            end = next
        }
        return found
    }

    /// A word with apostrophes and hyphens inside, three characters and more.
    private static func word(_ text: [UInt8], _ index: Int) -> Int? {
        var end = index + 1
        var last = index
        while end < text.count, isLetter(text[end]) || text[end] == apostrophe || text[end] == hyphen {
            if isLetter(text[end]) { last = end }
            end += 1
        }
        return last - index >= 2 ? last + 1 : nil
    }
}
