/// The language in which a reader takes a line: that of its words.
package enum RepairReader: Sendable, Equatable {
    case english, chinese, cantonese, japanese, korean

    /// Whether numbers, units and signs are read in Chinese characters.
    var isChinese: Bool { self == .chinese || self == .cantonese }
    /// The one of four that is in this language.
    func name(_ english: String, _ chinese: String, _ japanese: String, _ korean: String) -> [CodePoint] {
        switch self {
        case .english: Array(english)
        case .chinese, .cantonese: Array(chinese)
        case .japanese: Array(japanese)
        case .korean: Array(korean)
        }
    }
    /// Whether words are not separated by spaces.
    var isUnspaced: Bool { self != .english && self != .korean }
}

extension LanguageCode {
    /// The language of a text's words where they are not English.
    var reader: RepairReader {
        switch self {
        case .zh, .allZh, .auto: .chinese
        case .yue, .allYue, .autoYue: .cantonese
        case .ja, .allJa: .japanese
        case .ko, .allKo: .korean
        case .en: .english
        }
    }

    /// The reader of a line: English where it has a Latin word and no character of another script; under `auto`, Japanese where
    /// it has kana and Korean where it has hangul. Letters behind digits are units.
    func reader(of line: [CodePoint]) -> RepairReader {
        guard self != .en else { return .english }
        var hasHan = false, hasLatin = false
        for (index, point) in line.enumerated() {
            if self == .auto || self == .autoYue {
                if Letters.isKana(point) { return .japanese }
                if Letters.isHangul(point) { return .korean }
            }
            if Letters.isHan(point) || Letters.isKana(point) || Letters.isHangul(point) {
                hasHan = true
            } else if Letters.isLatin(point), Letters.isLatin(line.at(index + 1)),
                !Letters.isWord(line.at(index - 1))
            {
                hasLatin = true
            }
        }
        return hasLatin && !hasHan || (self == .auto || self == .autoYue) && !hasHan ? .english : reader
    }
}

/// Classes of code points that rules look at.
enum Letters {
    static func isDigit(_ point: CodePoint) -> Bool { point >= 0x30 && point <= 0x39 }

    /// A letter of the Latin script, accented ones included.
    static func isLatin(_ point: CodePoint) -> Bool {
        let lower = point | 0x20
        return (lower >= 0x61 && lower <= 0x7A)
            || (point >= 0xC0 && point <= 0x24F && point != 0xD7 && point != 0xF7)
            || (point >= 0x1E00 && point <= 0x1EFF)
    }

    static func isASCIILetter(_ point: CodePoint) -> Bool {
        let lower = point | 0x20
        return lower >= 0x61 && lower <= 0x7A
    }

    static func isLowercase(_ point: CodePoint) -> Bool { point >= 0x61 && point <= 0x7A }

    static func isHan(_ point: CodePoint) -> Bool {
        (point >= 0x4E00 && point <= 0x9FFF) || (point >= 0x3400 && point <= 0x4DBF) || point == 0x3007
            || (point >= 0x20000 && point <= 0x323AF) || (point >= 0xF900 && point <= 0xFAFF)
    }

    static func isKana(_ point: CodePoint) -> Bool {
        (point >= 0x3041 && point <= 0x30FF && point != 0x30FB) || (point >= 0xFF66 && point <= 0xFF9D)
    }

    static func isHangul(_ point: CodePoint) -> Bool {
        (point >= 0xAC00 && point <= 0xD7A3) || (point >= 0x1100 && point <= 0x11FF)
            || (point >= 0x3131 && point <= 0x318E)
    }

    static func isCJK(_ point: CodePoint) -> Bool { isHan(point) || isKana(point) || isHangul(point) }

    /// What a word is written with: letters of any script, and digits.
    static func isWord(_ point: CodePoint) -> Bool { isLatin(point) || isDigit(point) || isCJK(point) }
}
