/// Joins the runs of one section where the context is more reliable than the model (split_lang's `_smart_merge`).
///
/// The order of the steps and their reading from runs they have just changed are upstream's.
struct RunMerging {
    let text: [CodePoint]
    let detection: RunDetection

    /// Runs of at least this many characters, neighbours taken together, outweigh a short one between them.
    private static let longCount = 6
    private static let shortCount = 4

    func merged(_ runs: [LanguageRun]) throws(TextError) -> [LanguageRun] {
        var runs = Self.joiningEqual(runs)
        for _ in 0..<2 {
            try mergeMiddles(&runs)
            runs = Self.joiningEqual(runs)
        }
        Self.fillUnknown(&runs)
        try mergeSides(&runs)
        runs = Self.joiningEqual(runs)
        try mergeMiddles(&runs)
        return Self.joiningEqual(runs)
    }

    /// Neighbours of one language become one run.
    static func joiningEqual(_ runs: [LanguageRun]) -> [LanguageRun] {
        var joined: [LanguageRun] = []
        for run in runs {
            if let last = joined.last, last.language == run.language {
                joined[joined.count - 1].extend(by: run)
            } else {
                joined.append(run)
            }
        }
        return joined
    }

    /// A run between two of one language becomes theirs if it could be.
    private func mergeMiddles(_ runs: inout [LanguageRun]) throws(TextError) {
        guard runs.count > 2 else { return }
        for index in 1..<runs.count - 1 {
            let outer = runs[index - 1].language
            guard outer == runs[index + 1].language, outer != .unknown, outer != .newline else { continue }
            let middle = runs[index]
            if middle.language == .unknown {
                runs[index].language = outer
            } else if !text.hasKana(middle.range) {
                let isShort =
                    middle.count <= Self.shortCount
                    && runs[index - 1].count + runs[index + 1].count >= Self.longCount
                let isTheirs = isShort ? true : try detection.isPossible(outer, text[middle.range])
                if isTheirs { runs[index].language = outer }
            }
        }
    }

    /// An unknown run takes the language of the nearest known one: to the right for the first, to the left for the
    /// last, else on the side of its longer neighbour.
    private static func fillUnknown(_ runs: inout [LanguageRun]) {
        for index in runs.indices where runs[index].language == .unknown {
            let isLeft =
                index > 0
                && (index == runs.count - 1 || runs[index - 1].count >= runs[index + 1].count)
            runs[index].language = nearest(runs, index, toLeft: isLeft)
        }
    }

    private static func nearest(_ runs: [LanguageRun], _ index: Int, toLeft: Bool) -> SegmentLanguage {
        let known: (LanguageRun) -> Bool = { $0.language != .unknown && $0.language != .digit }
        let found = toLeft ? runs[..<index].last(where: known) : runs[(index + 1)...].first(where: known)
        return (found ?? runs[index]).language
    }

    /// The first and the last run become their neighbour's if they could be.
    private func mergeSides(_ runs: inout [LanguageRun]) throws(TextError) {
        guard let last = runs.indices.last else { return }
        if try belongs(runs, 0, to: 1) { runs[0].language = Self.nearest(runs, 0, toLeft: false) }
        if try belongs(runs, last, to: last - 1) {
            runs[last].language = Self.nearest(runs, last, toLeft: true)
        }
    }

    private func belongs(_ runs: [LanguageRun], _ index: Int, to neighbour: Int) throws(TextError) -> Bool {
        let run = runs[index]
        if run.language == .unknown { return true }
        guard runs.indices.contains(neighbour) else { return false }
        let near = runs[neighbour]
        let haveNoKana = !text.hasKana(run.range) && !text.hasKana(near.range)
        if haveNoKana, near.language == .zh, near.count > run.count, near.count >= Self.longCount {
            return true
        }
        guard haveNoKana || near.count <= 5 else { return false }
        return try detection.isPossible(near.language, text[run.range])
    }
}
