/// Joins sections again (split_lang's merging across punctuation and line breaks, and its rule of ten).
enum SectionMerging {
    /// The runs of a whole text.
    static func runs(of sections: [TextSection]) -> [LanguageRun] {
        var sections = joiningRuns(joiningKinds(acrossPunctuation(sections)), absorbing: .punctuation)
        sections = joiningRuns(joiningKinds(acrossNewlines(sections)), absorbing: .newline)
        return sections.flatMap { section in
            section.kind == .chineseJapanese ? balanced(section.runs) : section.runs
        }
    }

    /// Punctuation joins the section before it; leading punctuation joins the section after it.
    private static func acrossPunctuation(_ sections: [TextSection]) -> [TextSection] {
        var merged: [TextSection] = []
        for section in sections {
            guard let last = merged.indices.last, let end = merged[last].runs.indices.last,
                let first = section.runs.first,
                merged[last].kind == .punctuation || section.kind == .punctuation
            else {
                merged.append(section)
                continue
            }
            if merged[last].kind == .punctuation {
                merged[last].kind = section.kind
                merged[last].runs[end].language = first.language
            }
            merged[last].runs[end].extend(by: first)
            merged[last].runs += section.runs.dropFirst()
        }
        return merged
    }

    /// Line breaks likewise, as runs of their own.
    private static func acrossNewlines(_ sections: [TextSection]) -> [TextSection] {
        var merged: [TextSection] = []
        for section in sections {
            guard let last = merged.indices.last,
                merged[last].kind == .newline || section.kind == .newline
            else {
                merged.append(section)
                continue
            }
            if merged[last].kind == .newline { merged[last].kind = section.kind }
            merged[last].runs += section.runs
        }
        return merged
    }

    private static func joiningKinds(_ sections: [TextSection]) -> [TextSection] {
        var joined: [TextSection] = []
        for section in sections {
            if let last = joined.indices.last, joined[last].kind == section.kind {
                joined[last].runs += section.runs
            } else {
                joined.append(section)
            }
        }
        return joined
    }

    private static func joiningRuns(
        _ sections: [TextSection], absorbing mark: SegmentLanguage
    ) -> [TextSection] {
        sections.map { section in
            var runs: [LanguageRun] = []
            var before: SegmentLanguage?
            for run in section.runs {
                if let last = runs.indices.last, run.language == mark || run.language == before {
                    runs[last].extend(by: run)
                    if run.language != mark, runs[last].language == mark {
                        runs[last].language = run.language
                    }
                } else {
                    runs.append(run)
                }
                before = run.language
            }
            return TextSection(kind: section.kind, runs: runs)
        }
    }

    /// In a section of ideographs and kana a run of less than a tenth of its neighbour's length is taken in, unknown
    /// runs become what most of the section is, and little Chinese among much Japanese becomes Japanese.
    private static func balanced(_ runs: [LanguageRun]) -> [LanguageRun] {
        guard runs.count > 1 else { return runs }
        var balance = Balance()
        var kept: [LanguageRun] = []
        var index = 0
        while index < runs.count {
            let run = runs[index]
            // A run that is taken in as the right one of three or of two is never counted.
            balance.add(run)
            let next = index + 1 < runs.count ? runs[index + 1] : nil
            if let last = kept.last, let next {
                let sides = last.count + next.count
                if last.language == next.language, last.isIdeographic, run.language != .en,
                    run.count * 10 < sides
                {
                    kept[kept.count - 1].extend(by: next)
                    index += 1
                } else {
                    kept.append(run)
                }
            } else if let last = kept.last {
                if last.isIdeographic, run.isIdeographic || run.language == .unknown,
                    run.count * 10 < last.count
                {
                    kept[kept.count - 1].extend(by: run)
                } else {
                    kept.append(run)
                }
            } else if let next, next.isIdeographic, run.isIdeographic || run.language == .unknown,
                run.count * 10 < next.count
            {
                kept.append(
                    LanguageRun(language: next.language, range: run.range.lowerBound..<next.range.upperBound))
                index += 1
            } else {
                kept.append(run)
            }
            index += 1
        }
        for index in kept.indices {
            if balance.unknown > 0, kept[index].language == .unknown { kept[index].language = balance.most }
            if balance.ja >= balance.zh * 10, kept[index].language == .zh { kept[index].language = .ja }
        }
        return RunMerging.joiningEqual(kept)
    }

    /// Characters counted by language.
    private struct Balance {
        private(set) var zh = 0
        private(set) var ja = 0
        private(set) var unknown = 0
        private var punctuation = 0
        private var newline = 0

        mutating func add(_ run: LanguageRun) {
            switch run.language {
            case .zh: zh += run.count
            case .ja: ja += run.count
            case .unknown: unknown += run.count
            case .punctuation: punctuation += run.count
            case .newline: newline += run.count
            case .digit, .ko, .en: break
            }
        }

        /// The language with most characters; of equal ones the first in this order.
        var most: SegmentLanguage {
            var most = (SegmentLanguage.zh, zh)
            for other in [
                (SegmentLanguage.ja, ja), (.unknown, unknown), (.punctuation, punctuation),
                (.newline, newline),
            ] where other.1 > most.1 { most = other }
            return most.0
        }
    }
}

extension LanguageRun {
    fileprivate var isIdeographic: Bool { language == .zh || language == .ja }
}
