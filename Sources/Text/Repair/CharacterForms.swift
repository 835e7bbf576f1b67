import Foundation

extension TextRepair {
    /// One form for each character: full-width letters and digits as ASCII, half-width kana as full-width ones, ligatures, letters in
    /// circles and of mathematical alphabets as plain letters, compatibility ideographs as the standard ones, apostrophes as
    /// `'`; zero-width characters, emoji and control characters are left out.
    static func characterForms(_ text: [CodePoint]) -> [CodePoint] {
        guard text.contains(where: { $0 >= 0x80 || $0 < 0x20 }) else { return text }
        var result: [CodePoint] = []
        result.reserveCapacity(text.count)
        // Whether something was left out between two words.
        var isSeparated = false
        for (index, point) in text.enumerated() {
            if isSeparated, !isInvisible(point), !isEmoji(point) {
                isSeparated = false
                if let last = result.last, Letters.isWord(last), Letters.isWord(point) { result.append(0x20) }
            }
            if point < 0x80 {
                if point >= 0x20 || point == 0x0A || point == 0x0D || point == 0x09 || point == 0x0B
                    || point == 0x0C
                {
                    result.append(point)
                }
            } else if isApostrophe(point) {
                let isBefore = Letters.isLatin(text.at(index - 1)),
                    isAfter = Letters.isLatin(text.at(index + 1))
                // An opening quotation mark stands before a letter, too.
                let isQuote = point == 0x2018 || point == 0x201B
                result.append(isAfter && (isBefore || !isQuote) ? 0x27 : point)
            } else if isInvisible(point) {
                continue
            } else if isEmoji(point) {
                // Two words stay two words.
                isSeparated = true
                continue
            } else if isEnclosed(point), isEnclosed(text.at(index - 1)) || isEnclosed(text.at(index + 1)) {
                // ①② are not twelve.
                result.append(point)
            } else if let plain = compatible(point) {
                result += plain
            } else {
                result.append(point)
            }
        }
        return result
    }

    /// ’ ‘ ‛ ʼ ´ ＇ ′, which stand for an apostrophe before a Latin letter.
    private static func isApostrophe(_ point: CodePoint) -> Bool {
        switch point {
        case 0x2018, 0x2019, 0x201B, 0x02BC, 0x00B4, 0xFF07, 0x2032: true
        default: false
        }
    }

    /// Soft hyphens, joiners, marks of direction, byte order marks, variation selectors.
    private static func isInvisible(_ point: CodePoint) -> Bool {
        switch point {
        case 0x80...0x84, 0x86...0x9F, 0xAD, 0x34F, 0x61C, 0x180E, 0x200B...0x200F, 0x202A...0x202E,
            0x2060...0x2064,
            0x2066...0x206F, 0xFE00...0xFE0F, 0xFEFF, 0xE0000...0xE007F, 0xE0100...0xE01EF:
            true
        default: false
        }
    }

    /// Pictures, and the signs that combine them.
    private static func isEmoji(_ point: CodePoint) -> Bool {
        switch point {
        case 0x20E3, 0x2600...0x26FF, 0x2700...0x2712, 0x2714...0x2716, 0x2719...0x275A, 0x2761...0x2775,
            0x2B05...0x2B07, 0x2B1B, 0x2B1C, 0x2B50, 0x2B55, 0x231A, 0x231B, 0x23E9...0x23F3,
            0x1F000...0x1FAFF:
            true
        default: false
        }
    }

    private static func isEnclosed(_ point: CodePoint) -> Bool { point >= 0x2460 && point <= 0x249B }

    /// The plain form of a compatibility character; nil for others.
    private static func compatible(_ point: CodePoint) -> [CodePoint]? {
        switch point {
        case 0xFF10...0xFF19, 0xFF21...0xFF3A, 0xFF41...0xFF5A: return [point - 0xFEE0]
        case 0xFF66...0xFF9F, 0xF900...0xFAD9, 0x1D400...0x1D7FF, 0xFB00...0xFB06, 0x2460...0x249B,
            0x24B6...0x24E9,
            0x2160...0x217B, 0x2100...0x2102, 0x210A...0x2115, 0x2119...0x211D, 0x2124, 0x2128,
            0x212A...0x212D,
            0x1F100...0x1F10A, 0x2F800...0x2FA1D:
            guard let scalar = Unicode.Scalar(point), point != 0x2103, point != 0x2109 else { return nil }
            let plain = String(scalar).precomposedStringWithCompatibilityMapping.unicodeScalars.map(\.value)
            // ⒈ is 1. and ⑴ is (1): the number alone.
            return plain.filter { $0 != 0x28 && $0 != 0x29 && $0 != 0x2E }
        default: return nil
        }
    }
}
