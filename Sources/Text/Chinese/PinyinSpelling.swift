/// Splits a written pinyin syllable, as pypinyin 0.55's strict initials and finals do.
///
/// Input may have its tone as a diacritic (`lüè`) or as a trailing digit (`lve4`). The final is given in full form, so
/// that `yu` is `v`, `jiu` ends in `iou`, `hun` in `uen`; `ü` is written `v`.
package enum PinyinSpelling {
    /// One syllable's parts. `final` is empty for a syllable without one (`hm`, `ń`); `tone` is 1…5, 5 for neutral.
    package struct Parts: Hashable, Sendable {
        package let initial: String
        package let final: String
        package let tone: UInt8

        package init(initial: String, final: String, tone: UInt8) {
            self.initial = initial
            self.final = final
            self.tone = tone
        }
    }

    /// The parts of one reading.
    package static func parts(_ reading: String) -> Parts {
        let initial = initials.first { reading.hasPrefixOfScalars($0) } ?? ""
        var plain: [Unicode.Scalar] = []
        var tone: UInt8?
        for scalar in reading.unicodeScalars where scalar != "5" {
            switch scalar.value {
            case 0x304: tone = tone ?? 1
            case 0x301: tone = tone ?? 2
            case 0x30C: tone = tone ?? 3
            case 0x300: tone = tone ?? 4
            case 0x30...0x39: tone = tone ?? UInt8(scalar.value - 0x30)
            default:
                if let (letter, mark) = toned[scalar] {
                    plain.append(letter)
                    tone = tone ?? mark
                } else {
                    plain.append(scalar == "v" ? "ü" : scalar)
                }
            }
        }
        let final = self.final(of: String(String.UnicodeScalarView(plain)))
        return Parts(initial: initial, final: final.replacingScalar("ü", with: "v"), tone: tone ?? 5)
    }

    private static func final(of plain: String) -> String {
        let full = restored(plain)
        let initial = initials.first { full.hasPrefixOfScalars($0) } ?? ""
        let rest = String(full.unicodeScalars.dropFirst(initial.unicodeScalars.count))
        if finals.contains(rest) { return rest }
        // y and w count as initials only where the strict reading finds no final (yo).
        let loose = (initials + ["y", "w"]).first { full.hasPrefixOfScalars($0) } ?? ""
        let looseRest = String(full.unicodeScalars.dropFirst(loose.unicodeScalars.count))
        return finals.contains(looseRest) ? looseRest : ""
    }

    /// Undoes the abbreviations of written pinyin: y/w spellings, ü after j q x, iu, ui, un.
    private static func restored(_ plain: String) -> String {
        var scalars = Array(plain.unicodeScalars)
        if scalars.first == "y" || scalars.first == "w" {
            let rest = Array(scalars.dropFirst())
            let candidate: [Unicode.Scalar]
            if scalars.first == "y" {
                candidate =
                    rest.first == "u" ? ["ü"] + rest.dropFirst() : rest.first == "i" ? rest : ["i"] + rest
            } else {
                candidate = rest.first == "u" ? rest : ["u"] + rest
            }
            if finals.contains(String(String.UnicodeScalarView(candidate))) { scalars = candidate }
        }
        if scalars.count >= 2, scalars[1] == "u", let first = scalars.first,
            "jqx".unicodeScalars.contains(first)
        {
            scalars[1] = "ü"
        }
        for (short, long) in abbreviations {
            let tail = Array(short.unicodeScalars)
            guard scalars.count > tail.count, Array(scalars.suffix(tail.count)) == tail else { continue }
            let before = scalars[scalars.count - tail.count - 1]
            // The pattern wants a plain letter before it; iu wants nothing but plain letters.
            let letters = short == "iu" ? scalars.dropLast(tail.count) : [before]
            guard letters.allSatisfy({ $0 >= "a" && $0 <= "z" }) else { continue }
            scalars = Array(scalars.dropLast(tail.count)) + Array(long.unicodeScalars)
        }
        return String(String.UnicodeScalarView(scalars))
    }

    private static let abbreviations = [("iu", "iou"), ("ui", "uei"), ("un", "uen")]

    private static let initials = [
        "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "zh", "ch", "sh", "r", "z", "c",
        "s",
    ]

    private static let finals: Set<String> = [
        "i", "u", "ü", "a", "ia", "ua", "o", "uo", "e", "ie", "üe", "ai", "uai", "ei", "uei", "ao", "iao",
        "ou",
        "iou", "an", "ian", "uan", "üan", "en", "in", "uen", "ün", "ang", "iang", "uang", "eng", "ing",
        "ueng",
        "ong", "iong", "er", "ê",
    ]

    private static let toned: [Unicode.Scalar: (Unicode.Scalar, UInt8)] = {
        var table: [Unicode.Scalar: (Unicode.Scalar, UInt8)] = [
            "ń": ("n", 2), "ň": ("n", 3), "ǹ": ("n", 4), "ḿ": ("m", 2), "ế": ("ê", 2), "ề": ("ê", 4),
        ]
        for (letter, marked) in [
            ("a", "āáǎà"), ("e", "ēéěè"), ("o", "ōóǒò"), ("i", "īíǐì"), ("u", "ūúǔù"), ("ü", "ǖǘǚǜ"),
        ] as [(Unicode.Scalar, String)] {
            for (tone, scalar) in zip(UInt8(1)..., marked.unicodeScalars) { table[scalar] = (letter, tone) }
        }
        return table
    }()
}

extension String {
    /// `hasPrefix` by code points: a combining mark after the prefix does not hide it.
    fileprivate func hasPrefixOfScalars(_ prefix: String) -> Bool {
        unicodeScalars.starts(with: prefix.unicodeScalars)
    }

    fileprivate func replacingScalar(_ old: Unicode.Scalar, with new: Unicode.Scalar) -> String {
        String(String.UnicodeScalarView(unicodeScalars.map { $0 == old ? new : $0 }))
    }
}
