/// A rewriting rule of fixed length: a set of code points per position, and the replacement.
struct JamoRule: Sendable {
    /// A piece of the replacement.
    enum Piece: Sendable {
        /// This code point.
        case jamo(CodePoint)
        /// The code point that matched at this position of the pattern.
        case same(Int)
    }

    private let pattern: [[CodePoint]]
    private let replacement: [Piece]

    init(_ pattern: [[CodePoint]], _ replacement: [Piece]) {
        self.pattern = pattern
        self.replacement = replacement
    }

    /// Replaces every leftmost match that does not overlap the one before.
    func apply(to text: inout [CodePoint]) {
        var output: [CodePoint] = []
        var copied = 0
        var index = 0
        while index + pattern.count <= text.count {
            guard matches(text, index) else {
                index += 1
                continue
            }
            output += text[copied..<index]
            for piece in replacement {
                switch piece {
                case .jamo(let point): output.append(point)
                case .same(let place): output.append(text[index + place])
                }
            }
            index += pattern.count
            copied = index
        }
        guard copied > 0 else { return }
        output += text[copied...]
        text = output
    }

    @inline(__always)
    private func matches(_ text: [CodePoint], _ index: Int) -> Bool {
        for place in pattern.indices where !pattern[place].contains(text[index + place]) { return false }
        return true
    }
}

/// The rules for particular vowels, endings and words (g2pk2's `special`), in the order they are applied.
///
/// Everything is in conjoining jamo. A set such as ᄀ and ᅳ is what upstream's source shows as `[그]`: the rule meant for
/// the names of letters (디귿이) thus holds after every ᅳ (끝이 → 끄시).
enum JamoRules {
    /// Applies all rules; the text is decomposed and annotated, afterwards the annotations are gone.
    static func apply(to text: inout [CodePoint]) {
        for rule in vowelRules { rule.apply(to: &text) }
        let isAnnotated = text.contains(slash)
        if isAnnotated { removeAnnotations("J", from: &text) }
        for rule in letterNameRules { rule.apply(to: &text) }
        if isAnnotated { for rule in stemRules { rule.apply(to: &text) } }
        shortenBalb(&text)
        for rule in palatalRules { rule.apply(to: &text) }
        if isAnnotated { for rule in adnominalRules { rule.apply(to: &text) } }
        for rule in futureEndings { rule.apply(to: &text) }
        if isAnnotated { removeAnnotations("PJEB", from: &text) }
    }

    private static let slash: CodePoint = 0x2F

    private static func removeAnnotations(_ tags: String, from text: inout [CodePoint]) {
        let tags = [CodePoint](tags)
        var output: [CodePoint] = []
        output.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            if text[index] == slash, index + 1 < text.count, tags.contains(text[index + 1]) {
                index += 2
            } else {
                output.append(text[index])
                index += 1
            }
        }
        text = output
    }

    // MARK: Vowels

    private static let vowelRules = [
        // 져 쪄 쳐 → 저 쩌 처
        JamoRule([[0x110C, 0x110D, 0x110E], [0x1167]], [.same(0), .jamo(0x1165)]),
        // ᅴ after a consonant → ᅵ
        JamoRule([HangulJamo.onsets.filter { $0 != silent }, [0x1174]], [.same(0), .jamo(0x1175)]),
    ]

    private static let silent = HangulJamo.silentOnset
    private static let eu: CodePoint = 0x1173  // ᅳ

    private static let letterNameRules = [
        JamoRule([[0x1100, eu], [0x11AE], [silent]], [.same(0), .jamo(0x1109)]),
        JamoRule([[silent, eu], [0x11BD, 0x11BE, 0x11C0, 0x11C2], [silent]], [.same(0), .jamo(0x1109)]),
        JamoRule([[silent, eu], [0x11BF], [silent]], [.same(0), .jamo(0x1100)]),
        JamoRule([[silent, eu], [0x11C1], [silent]], [.same(0), .jamo(0x1107)]),
    ]

    // MARK: Stems of verbs

    /// ᄀ ᄃ ᄉ ᄌ and the tense consonants they become.
    private static let tensed: [(plain: CodePoint, tense: CodePoint)] = [
        (0x1100, 0x1101), (0x1103, 0x1104), (0x1109, 0x110A), (0x110C, 0x110D),
    ]
    private static let verb: [[CodePoint]] = [[slash], [0x50]]  // /P

    private static let stemRules: [JamoRule] = {
        var rules = [
            JamoRule([[0x11B0]] + verb + [[0x1100, 0x1101]], [.jamo(0x11AF), .jamo(0x1101)])  // ᆰ
        ]
        func add(_ codas: [CodePoint], _ coda: JamoRule.Piece) {
            for (plain, tense) in tensed {
                rules.append(JamoRule([codas] + verb + [[plain]], [coda, .jamo(tense)]))
            }
        }
        add([0x11B2, 0x11B4], .same(0))  // ᆲ ᆴ
        add([0x11AB, 0x11B7], .same(0))  // ᆫ ᆷ
        add([0x11AC], .jamo(0x11AB))  // ᆬ
        add([0x11B1], .jamo(0x11B7))  // ᆱ
        return rules
    }()

    /// 밟 before anything but ᄋ and ᄒ, also at the end → 밥; 넓 in 넓죽하다 and 넓둥글다 → 넙.
    ///
    /// The character after 밟 belongs to the match: the second of 밟밟 stays.
    private static func shortenBalb(_ text: inout [CodePoint]) {
        guard text.contains(0x11B2) else { return }
        var index = 0
        while index + 2 < text.count {
            if text[index] == 0x1107, text[index + 1] == 0x1161, text[index + 2] == 0x11B2 {
                let next = index + 3 < text.count ? text[index + 3] : nil
                if next != silent, next != 0x1112 {
                    text[index + 2] = 0x11B8
                    // `$` is first in upstream's pattern, and matches before a final line break too.
                    index += next == 0x0A && index + 4 == text.count ? 3 : 4
                    continue
                }
            }
            index += 1
        }
        broad.apply(to: &text)
    }

    private static let broad = JamoRule(
        [[0x1102], [0x1165], [0x11B2], [0x110C, 0x110D, 0x1103, 0x1104], [0x116E]],
        [.same(0), .same(1), .jamo(0x11B8), .same(3), .same(4)])

    // MARK: ᅵ and ᅧ

    private static let palatalRules = [
        JamoRule([[0x11AE], [silent], [0x1175, 0x1167]], [.jamo(0x110C), .same(2)]),
        JamoRule([[0x11C0], [silent], [0x1175, 0x1167]], [.jamo(0x110E), .same(2)]),
        JamoRule([[0x11B4], [silent], [0x1175, 0x1167]], [.jamo(0x11AF), .jamo(0x110E), .same(2)]),
        JamoRule([[0x11AE], [0x1112], [0x1175]], [.jamo(0x110E), .same(2)]),
    ]

    // MARK: Adnominal ᆯ

    private static let adnominalRules = [
        (0x1100, 0x1101), (0x1103, 0x1104), (0x1107, 0x1108), (0x1109, 0x110A), (0x110C, 0x110D),
    ].map { (plain: CodePoint, tense: CodePoint) in
        JamoRule(
            [[0x11AF], [slash], [0x45], [0x20], [plain]], [.jamo(0x11AF), .jamo(0x20), .jamo(tense)])
    }

    /// 할걸, 할밖에, 할세라, 할수록, 할지라도, 할지언정, 할진대, after any ᆯ.
    private static let futureEndings: [JamoRule] = [
        ("걸", 0x1101), ("밖에", 0x1108), ("세라", 0x110A), ("수록", 0x110A), ("지라도", 0x110D), ("지언정", 0x110D),
        ("진대", 0x110D),
    ].map { (ending: String, tense: CodePoint) in
        let jamo = [0x11AF] + HangulJamo.decomposed([CodePoint](ending))
        var result = jamo
        result[1] = tense
        // 밖에 is written as pronounced, with ᆩ linked to the next syllable.
        if let tail = result.firstIndex(of: 0x11A9) {
            result.replaceSubrange(tail...tail + 1, with: [0x1101])
        }
        return JamoRule(jamo.map { [$0] }, result.map { .jamo($0) })
    }
}
