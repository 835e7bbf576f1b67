import Text

/// Numbers strings in order of first use.
struct OrderedStrings<Number: FixedWidthInteger> {
    private(set) var strings: [String] = []
    private var numbers: [String: Number] = [:]

    mutating func number(of string: String) -> Number {
        if let known = numbers[string] { return known }
        precondition(strings.count < Number.max, "more strings than \(Number.self) can number")
        let number = Number(strings.count)
        numbers[string] = number
        strings.append(string)
        return number
    }
}

/// Numbers the base syllables (initial and final without tone) and finds their two phonemes.
struct SyllableRegistry {
    private var numbers: [PinyinSpelling.Parts: UInt16] = [:]
    private var bases: [(initial: String, final: String, phones: String)] = []
    private var phonesOfPinyin: [String: String] = [:]

    init() {}

    /// - Parameter opencpop: lines `pinyin TAB consonant vowel`.
    init(opencpop lines: [String]) throws {
        for line in lines where !line.isEmpty {
            let fields = line.split(separator: "\t")
            guard fields.count == 2, fields[1].split(separator: " ").count == 2 else {
                throw SourceError(file: "opencpop-strict.txt", reason: "bad line \(line)")
            }
            phonesOfPinyin[String(fields[0])] = String(fields[1])
        }
        // Every syllable of the table gets a base, so that every reading by context has one.
        for pinyin in phonesOfPinyin.keys.sorted() { _ = syllable(pinyin) }
    }

    /// The syllable of a written reading.
    mutating func syllable(_ reading: String) -> Syllable {
        syllable(PinyinSpelling.parts(reading))
    }

    /// The syllable of a split reading.
    mutating func syllable(_ parts: PinyinSpelling.Parts) -> Syllable {
        guard !parts.final.isEmpty else { return .emptyFinal }
        let key = PinyinSpelling.Parts(initial: parts.initial, final: parts.final, tone: 0)
        if let number = numbers[key] { return Syllable(base: number, tone: parts.tone) }
        let number = UInt16(bases.count)
        precondition(number < Syllable.firstSpecialBase, "too many syllables")
        numbers[key] = number
        let pinyin = SyllableRegistry.tableKey(initial: parts.initial, final: parts.final)
        bases.append((parts.initial, parts.final, phonesOfPinyin[pinyin] ?? ""))
        return Syllable(base: number, tone: parts.tone)
    }

    /// The spelling under which opencpop-strict lists a syllable.
    static func tableKey(initial: String, final: String) -> String {
        if !initial.isEmpty {
            return initial + (["uei": "ui", "iou": "iu", "uen": "un"][final] ?? final)
        }
        if let whole = ["ing": "ying", "i": "yi", "in": "yin", "u": "wu"][final] { return whole }
        guard let first = final.first, let letter = ["v": "yu", "e": "e", "i": "y", "u": "w"][first] else {
            return final
        }
        return letter + final.dropFirst()
    }

    /// Initials, finals and phoneme pairs of all bases, in order.
    var section: SectionBuilder {
        var section = SectionBuilder()
        section.add(bases.map(\.initial))
        section.add(bases.map(\.final))
        section.add(bases.map(\.phones))
        return section
    }
}
