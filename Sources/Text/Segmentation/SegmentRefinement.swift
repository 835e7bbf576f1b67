/// What upstream's `getTexts` does to the runs of split_lang: English by its letters, kana and Hangul by theirs,
/// Chinese out of what no language was found for, and a language for the numbers.
enum SegmentRefinement {
    private typealias Segment = LanguageSegmenter.Segment

    static func refined(
        _ runs: [LanguageRun], of text: [CodePoint], fallback: SegmentLanguage?
    ) -> [LanguageSegmenter.Segment] {
        var segments: [Segment] = []
        for run in runs {
            let piece = Segment(language: run.language, text: Array(text[run.range]))
            if run.language == .digit {
                append(Segment(language: fallback ?? .digit, text: piece.text), to: &segments)
            } else if isEnglish(piece.text) {
                append(Segment(language: .en, text: piece.text), to: &segments)
            } else if let fallback {
                append(Segment(language: fallback, text: piece.text), to: &segments)
            } else {
                for part in parts(of: piece) { append(ideographs(of: part), to: &segments) }
            }
        }
        return namingUnknown(namingDigits(segments))
    }

    /// Neighbours of one language are always one segment.
    private static func append(_ segment: Segment, to segments: inout [Segment]) {
        if let last = segments.indices.last, segments[last].language == segment.language {
            segments[last].text += segment.text
        } else {
            segments.append(segment)
        }
    }

    /// A Latin letter before the first line break, and nothing but ASCII and the Unicode blocks of punctuation.
    private static func isEnglish(_ text: [CodePoint]) -> Bool {
        guard text.prefix(while: { $0 != 0x0A }).contains(where: isLatin) else { return false }
        return text.allSatisfy { point in
            switch point {
            case 0x20...0x7E, 0x2000...0x206F, 0x3000...0x303F, 0xFF00...0xFFEF: true
            default: PythonUnicode.isSpace(point)
            }
        }
    }

    private static func isLatin(_ point: CodePoint) -> Bool {
        point < 0x80 && point | 0x20 >= 0x61 && point | 0x20 <= 0x7A
    }

    // MARK: Kana and Hangul

    /// A piece with its runs of kana and of Hangul as parts of their own.
    private static func parts(of piece: Segment) -> [Segment] {
        let byKana = piece.language == .ja ? [piece] : split(piece, by: .ja, isLetter: isKana)
        var parts: [Segment] = []
        // Upstream keeps the last parts it found when a part is Korean already, and adds them once more: the Hangul
        // after kana is lost, the kana are doubled.
        var latest: [Segment] = []
        for part in byKana {
            if part.language != .ko { latest = split(part, by: .ko, isLetter: isHangul) }
            parts += latest.isEmpty ? [part] : latest
        }
        // A piece that is one run as a whole keeps the language it had.
        return parts.count == 1 ? [piece] : parts
    }

    private static func split(
        _ piece: Segment, by language: SegmentLanguage, isLetter: (CodePoint) -> Bool
    ) -> [Segment] {
        let text = piece.text
        var parts: [Segment] = []
        var done = 0
        var index = 0
        while index < text.count {
            guard isLetter(text[index]) else {
                index += 1
                continue
            }
            if index > done {
                parts.append(Segment(language: piece.language, text: Array(text[done..<index])))
            }
            done = index
            while index < text.count, isLetter(text[index]) || isPunctuation(text[index]) { index += 1 }
            parts.append(Segment(language: language, text: Array(text[done..<index])))
            done = index
        }
        if done < text.count { parts.append(Segment(language: piece.language, text: Array(text[done...]))) }
        return parts
    }

    private static func isKana(_ point: CodePoint) -> Bool {
        switch point {
        case 0x3041...0x3096, 0x3099, 0x309A, 0x30A1...0x30FA, 0x30FC: true
        default: false
        }
    }

    private static func isHangul(_ point: CodePoint) -> Bool {
        switch point {
        case 0x1100...0x11FF, 0x3130...0x318F, 0xAC00...0xD7AF: true
        default: false
        }
    }

    /// Digits and punctuation inside a run: `、-〜` of upstream's expression is a range and includes brackets and 々.
    private static func isPunctuation(_ point: CodePoint) -> Bool {
        switch point {
        case 0x30...0x39, 0x3001...0x301C, 0xFF01, 0xFF1F, 0x2E, 0x21, 0x3F, 0x2026, 0x20: true
        default: false
        }
    }

    // MARK: Unknown languages

    /// The ideographs, digits and punctuation of an unknown part, as Chinese; the part itself if it has none of them.
    private static func ideographs(of part: Segment) -> Segment {
        guard part.language == .unknown else { return part }
        let kept = part.text.filter { isIdeograph($0) || isPunctuation($0) || $0 == 0x2F }
        return kept.isEmpty ? part : Segment(language: .zh, text: kept)
    }

    private static func isIdeograph(_ point: CodePoint) -> Bool {
        switch point {
        case 0x4E00...0x9FFF, 0x3400...0x4DB5, 0x20000...0x2A6DD, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
            0x2B820...0x2CEAF, 0x2CEB0...0x2EBEF, 0x30000...0x3134A, 0x31350...0x323AF, 0x2EBF0...0x2EE5D:
            true
        default: false
        }
    }

    private static func namingUnknown(_ segments: [Segment]) -> [Segment] {
        var named: [Segment] = []
        for segment in segments {
            var segment = segment
            if segment.language == .unknown {
                segment.language =
                    named.last?.language ?? (segments.count > 1 ? segments[1].language : .zh)
            }
            append(segment, to: &named)
        }
        return named
    }

    // MARK: Numbers

    private static let clausePunctuation = CodePointSet(",.!?，。！？")

    private static func namingDigits(_ segments: [Segment]) -> [Segment] {
        guard segments.contains(where: { $0.language == .digit }) else { return segments }
        var named: [Segment] = []
        for (index, segment) in segments.enumerated() {
            var segment = segment
            if segment.language == .digit {
                let next = index + 1 < segments.count ? segments[index + 1] : nil
                segment.language = language(ofNumber: segment, between: named.last, and: next)
            }
            append(segment, to: &named)
        }
        return named
    }

    private static func language(
        ofNumber number: Segment, between before: Segment?, and after: Segment?
    ) -> SegmentLanguage {
        guard let before else { return after?.language ?? .zh }
        guard let after else { return before.language }
        if before.language == after.language { return before.language }
        if let mark = before.text.last, clausePunctuation.contains(mark) { return after.language }
        if let mark = after.text.first, clausePunctuation.contains(mark) { return before.language }
        if let mark = number.text.last, mark == 0x3002 || mark == 0x2E { return before.language }
        return before.text.count >= after.text.count ? before.language : after.language
    }
}
