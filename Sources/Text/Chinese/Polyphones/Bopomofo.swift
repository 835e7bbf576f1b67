/// Bopomofo syllables (`ㄓㄨㄥ1`) as pinyin initial and full final.
package enum Bopomofo {
    /// The parts of a syllable, nil if it is none.
    package static func parts(_ label: String) -> PinyinSpelling.Parts? {
        var scalars = Array(label.unicodeScalars)
        guard let digit = scalars.popLast(), digit >= "1", digit <= "5" else { return nil }
        let tone = UInt8(digit.value - 0x30)
        var initial = ""
        if let first = scalars.first, let found = initials[first] {
            initial = found
            scalars.removeFirst()
        }
        let rest = String(String.UnicodeScalarView(scalars))
        if rest.isEmpty {
            // ㄓ ㄔ ㄕ ㄖ ㄗ ㄘ ㄙ alone are zhi … si; other initials need a final.
            return ["zh", "ch", "sh", "r", "z", "c", "s"].contains(initial)
                ? .init(initial: initial, final: "i", tone: tone) : nil
        }
        if rest == "ㄨㄥ" {
            return .init(initial: initial, final: initial.isEmpty ? "ueng" : "ong", tone: tone)
        }
        guard let final = finals[rest] else { return nil }
        return .init(initial: initial, final: final, tone: tone)
    }

    private static let initials: [Unicode.Scalar: String] = [
        "ㄅ": "b", "ㄆ": "p", "ㄇ": "m", "ㄈ": "f", "ㄉ": "d", "ㄊ": "t", "ㄋ": "n", "ㄌ": "l", "ㄍ": "g", "ㄎ": "k",
        "ㄏ": "h",
        "ㄐ": "j", "ㄑ": "q", "ㄒ": "x", "ㄓ": "zh", "ㄔ": "ch", "ㄕ": "sh", "ㄖ": "r", "ㄗ": "z", "ㄘ": "c", "ㄙ": "s",
    ]

    private static let finals: [String: String] = [
        "ㄚ": "a", "ㄛ": "o", "ㄜ": "e", "ㄝ": "ê", "ㄞ": "ai", "ㄟ": "ei", "ㄠ": "ao", "ㄡ": "ou", "ㄢ": "an",
        "ㄣ": "en",
        "ㄤ": "ang", "ㄥ": "eng", "ㄦ": "er", "ㄧ": "i", "ㄧㄚ": "ia", "ㄧㄛ": "o", "ㄧㄝ": "ie", "ㄧㄠ": "iao",
        "ㄧㄡ": "iou",
        "ㄧㄢ": "ian", "ㄧㄣ": "in", "ㄧㄤ": "iang", "ㄧㄥ": "ing", "ㄨ": "u", "ㄨㄚ": "ua", "ㄨㄛ": "uo", "ㄨㄞ": "uai",
        "ㄨㄟ": "uei", "ㄨㄢ": "uan", "ㄨㄣ": "uen", "ㄨㄤ": "uang", "ㄩ": "v", "ㄩㄝ": "ve", "ㄩㄢ": "van", "ㄩㄣ": "vn",
        "ㄩㄥ": "iong",
    ]
}
