/// Hangul syllables, conjoining jamo and compatibility jamo.
package enum HangulJamo {
    /// Initial consonants ᄀ…ᄒ.
    package static let onsets: ClosedRange<CodePoint> = 0x1100...0x1112
    /// Vowels ᅡ…ᅵ.
    static let vowels: ClosedRange<CodePoint> = 0x1161...0x1175
    /// Final consonants ᆨ…ᇂ.
    static let codas: ClosedRange<CodePoint> = 0x11A8...0x11C2
    /// ᄋ, the placeholder of a missing initial consonant.
    static let silentOnset: CodePoint = 0x110B
    private static let syllables: ClosedRange<CodePoint> = 0xAC00...0xD7A3

    /// The final consonant of a syllable, or the code point itself: the last element of its decomposition.
    static func last(of point: CodePoint) -> CodePoint {
        guard syllables.contains(point) else { return point }
        let index = point - syllables.lowerBound
        let coda = index % 28
        return coda > 0 ? 0x11A7 + coda : vowels.lowerBound + index / 28 % 21
    }

    /// Syllables as conjoining jamo, the rest as it is.
    static func decomposed(_ text: [CodePoint]) -> [CodePoint] {
        var result: [CodePoint] = []
        result.reserveCapacity(text.count * 3)
        for point in text {
            guard syllables.contains(point) else {
                result.append(point)
                continue
            }
            let index = point - syllables.lowerBound
            result.append(onsets.lowerBound + index / 588)
            result.append(vowels.lowerBound + index / 28 % 21)
            if index % 28 > 0 { result.append(0x11A7 + index % 28) }
        }
        return result
    }

    /// Gives every vowel without an initial consonant a ᄋ (upstream's `compose`, whose syllables are taken apart again
    /// right after, so that only this is left of it).
    ///
    /// A match takes the character before the vowel along, so the third of three vowels gets its ᄋ from the second.
    static func supplyingOnsets(_ text: [CodePoint]) -> [CodePoint] {
        var result: [CodePoint] = []
        result.reserveCapacity(text.count + 4)
        var index = 0
        if let first = text.first, vowels.contains(first) {
            result.append(silentOnset)
            result.append(first)
            index = 1
        }
        while index < text.count {
            let point = text[index]
            result.append(point)
            index += 1
            if !onsets.contains(point), index < text.count, vowels.contains(text[index]) {
                result.append(silentOnset)
                result.append(text[index])
                index += 1
            }
        }
        return result
    }

    // MARK: Compatibility jamo

    /// ㄱ…ㅣ: what counts as a jamo at the end of a text.
    static let compatibility: ClosedRange<CodePoint> = 0x3131...0x3163

    /// Conjoining jamo as compatibility jamo, diphthongs as their parts.
    ///
    /// - Throws: `TextError.noPhones` for the jamo of Unicode 5.2, at which upstream stops.
    static func compatibilityJamo(_ text: [CodePoint]) throws(TextError) -> [CodePoint] {
        var result: [CodePoint] = []
        result.reserveCapacity(text.count + 8)
        for point in text {
            switch point {
            case onsets: result.append(onsetLetters[Int(point - onsets.lowerBound)])
            case vowels: append(vowel: point - vowels.lowerBound + 0x314F, to: &result)
            case codas: result.append(codaLetters[Int(point - codas.lowerBound)])
            case 0x314F...0x3163: append(vowel: point, to: &result)
            case 0x111A: result.append(0x3140)
            case 0x1121: result.append(0x3144)
            case 0x115C, 0x115D: result.append(point - 0x115C + 0x3135)
            case 0xA960...0xA97C, 0xD7B0...0xD7C6, 0xD7CB...0xD7FB:
                throw .noPhones(of: [point].string, sentence: text.string)
            default: result.append(point)
            }
        }
        return result
    }

    private static func append(vowel: CodePoint, to result: inout [CodePoint]) {
        switch vowel {
        case 0x3158: result += [0x3157, 0x314F]  // ㅘ
        case 0x3159: result += [0x3157, 0x3150]
        case 0x315A: result += [0x3157, 0x3163]
        case 0x315D: result += [0x315C, 0x3153]  // ㅝ
        case 0x315E: result += [0x315C, 0x3154]
        case 0x315F: result += [0x315C, 0x3163]
        case 0x3162: result += [0x3161, 0x3163]  // ㅢ
        case 0x3151: result += [0x3163, 0x314F]  // ㅑ
        case 0x3152: result += [0x3163, 0x3150]
        case 0x3155: result += [0x3163, 0x3153]
        case 0x3156: result += [0x3163, 0x3154]
        case 0x315B: result += [0x3163, 0x3157]  // ㅛ
        case 0x3160: result += [0x3163, 0x315C]
        default: result.append(vowel)
        }
    }

    private static let onsetLetters = [CodePoint]("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")
    private static let codaLetters = [CodePoint]("ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
}
