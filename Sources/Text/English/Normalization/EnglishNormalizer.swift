/// Turns written English into pronounceable characters: A–Z, a–z, spaces and the punctuation `' . , ? ! -`, nothing
/// else.
///
/// A faithful port of upstream's normaliser, inconsistencies included; see this folder's README for the odd cases kept.
package enum EnglishNormalizer {
    private static let space: CodePoint = 0x20
    private static let apostrophe: CodePoint = 0x27
    private static let percent = [CodePoint](" percent")

    /// The normalised text; empty if nothing readable is left.
    package static func normalize(_ text: [CodePoint]) throws(TextError) -> [CodePoint] {
        var text = mappingPunctuation(text)
        try numbers(&text)
        text = plainLetters(text)
        abbreviation(&text, "ie", [CodePoint]("that is"))
        abbreviation(&text, "eg", [CodePoint]("for example"))
        return collapsingPunctuation(separatingCapitals(text))
    }

    /// Upstream's punctuation map is written as patterns and used as plain strings: only single characters take effect,
    /// and two strings that do not occur in practice.
    private static func mappingPunctuation(_ text: [CodePoint]) -> [CodePoint] {
        var result: [CodePoint] = []
        result.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            switch text[index] {
            case 0x3002: result.append(Scan.period)
            case 0xFF01: result.append(0x21)
            case 0xFF1F: result.append(0x3F)
            case 0x5B where text.has(listOfCommas, at: index):
                result.append(0x2C)
                index += listOfCommas.count - 1
            case 0x5B where text.has(listOfQuotes, at: index):
                result.append(apostrophe)
                index += listOfQuotes.count - 1
            default: result.append(text[index])
            }
            index += 1
        }
        return result
    }
    private static let listOfCommas = [CodePoint]("[;:：，；]")
    private static let listOfQuotes = [CodePoint]("[\"’]")

    private static func numbers(_ text: inout [CodePoint]) throws(TextError) {
        let hasDigits = text.contains(where: PythonUnicode.isDecimal)
        if hasDigits { try rewrite(&text, EnglishNumberRules.listNumber) }
        try EnglishNumberRules.operations(&text)
        guard hasDigits else { return }
        if text.contains(Scan.minus) { try rewrite(&text, EnglishNumberRules.sign) }
        try rewrite(&text, EnglishNumberRules.separators)
        if text.contains(Scan.colon) { try rewrite(&text, EnglishQuantityRules.time) }
        try rewrite(&text, EnglishQuantityRules.measure)
        try EnglishQuantityRules.money(&text)
        try rewrite(&text, EnglishNumberRules.decimal)
        try rewrite(&text, EnglishNumberRules.fraction)
        try rewrite(&text, EnglishNumberRules.ordinal)
        try rewrite(&text, EnglishNumberRules.number)
    }

    /// Without accents and everything that is neither a letter, a space nor one of the six punctuation marks; `%` is
    /// spelled out.
    private static func plainLetters(_ text: [CodePoint]) -> [CodePoint] {
        var result: [CodePoint] = []
        result.reserveCapacity(text.count)
        for point in text {
            switch point {
            case 0x41...0x5A, 0x61...0x7A, 0x20, 0x21, 0x27, 0x2C...0x2E, 0x3F: result.append(point)
            case 0x25: result += percent
            case 0..<0xC0: break
            default: if let letter = AccentedLetters.plain(point) { result.append(letter) }
            }
        }
        return result
    }

    /// Replaces `x.y.`, in any case, by words.
    private static func abbreviation(_ text: inout [CodePoint], _ letters: String, _ words: [CodePoint]) {
        let letters = [CodePoint](letters)
        var output: [CodePoint] = []
        var copied = 0
        var index = 0
        while index + 3 < text.count {
            if text[index] | 0x20 == letters[0], text[index + 1] == Scan.period,
                text[index + 2] | 0x20 == letters[1],
                text[index + 3] == Scan.period
            {
                output += text[copied..<index]
                output += words
                index += 4
                copied = index
            } else {
                index += 1
            }
        }
        if copied > 0 { text = output + text[copied...] }
    }

    /// A space before every capital that does not follow one: abbreviations are spelled.
    private static func separatingCapitals(_ text: [CodePoint]) -> [CodePoint] {
        var result: [CodePoint] = []
        result.reserveCapacity(text.count + text.count / 4)
        for (index, point) in text.enumerated() {
            if point >= 0x41, point <= 0x5A, index > 0, text[index - 1] != space { result.append(space) }
            result.append(point)
        }
        return result
    }

    /// Of a space or punctuation mark with punctuation after it only the first is kept: punctuation after a space is
    /// dropped.
    private static func collapsingPunctuation(_ text: [CodePoint]) -> [CodePoint] {
        var result: [CodePoint] = []
        result.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            let point = text[index]
            result.append(point)
            index += 1
            guard isPunctuation(point) || point == space else { continue }
            while index < text.count, isPunctuation(text[index]) { index += 1 }
        }
        return result
    }

    private static func isPunctuation(_ point: CodePoint) -> Bool {
        switch point {
        case 0x21, 0x2C...0x2E, 0x3F: true
        default: false
        }
    }
}
