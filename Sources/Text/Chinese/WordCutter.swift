/// jieba's two ways of cutting a sentence into words.
///
/// Both walk the dictionary from every position and take the route of highest probability, and both hand runs of
/// single characters to a hidden Markov model. They differ in detail because upstream tags words with jieba's Python
/// code and looks for parts of words with jieba_fast's C code.
package struct WordCutter: Sendable {
    private let lexicon: ChineseLexicon

    package init(_ lexicon: ChineseLexicon) {
        self.lexicon = lexicon
    }

    // MARK: Cutting and tagging

    /// Cuts a sentence into tagged words (`posseg.lcut`). Input is ideographs and the punctuation `!?…,.-`, nothing
    /// else: jieba's branches for Latin letters and spaces never apply.
    /// - Throws: `TextError.misaligned` where the model has no path.
    package func tagged(_ sentence: [CodePoint]) throws(TextError) -> [TaggingModel.Word] {
        var words: [TaggingModel.Word] = []
        words.reserveCapacity(sentence.count)
        var index = 0
        while index < sentence.count {
            if WordCutter.isBlock(sentence[index]) {
                var end = index + 1
                while end < sentence.count, WordCutter.isBlock(sentence[end]) { end += 1 }
                try cutBlock(sentence, index..<end, into: &words)
                index = end
            } else {
                words.append(.init(range: index..<index + 1, tag: lexicon.tags.unknown))
                index += 1
            }
        }
        return words
    }

    /// Members of a block are segmented together. The period is one, other punctuation is not, so a last character
    /// before a period can be joined to it and tagged differently than before a comma.
    private static func isBlock(_ point: CodePoint) -> Bool {
        isIdeograph(point) || point == 0x2E
    }

    private static func isIdeograph(_ point: CodePoint) -> Bool {
        point >= 0x4E00 && point <= 0x9FD5
    }

    private func cutBlock(
        _ sentence: [CodePoint], _ block: Range<Int>, into words: inout [TaggingModel.Word]
    ) throws(TextError) {
        let route = self.route(sentence, block, candidates: .max, tie: .longest)
        var index = block.lowerBound
        var singles = index..<index
        while index < block.upperBound {
            let end = route[index - block.lowerBound]
            if end == index + 1 {
                singles = (singles.isEmpty ? index : singles.lowerBound)..<end
            } else {
                try tagSingles(sentence, singles, into: &words)
                singles = end..<end
                words.append(.init(range: index..<end, tag: lexicon.tag(of: sentence[index..<end])))
            }
            index = end
        }
        try tagSingles(sentence, singles, into: &words)
    }

    private func tagSingles(
        _ sentence: [CodePoint], _ range: Range<Int>, into words: inout [TaggingModel.Word]
    ) throws(TextError) {
        guard !range.isEmpty else { return }
        if range.count == 1 {
            words.append(.init(range: range, tag: lexicon.tag(of: sentence[range])))
        } else if lexicon.words.value(of: sentence[range]) != nil {
            for index in range {
                words.append(.init(range: index..<index + 1, tag: lexicon.tag(of: sentence[index...index])))
            }
        } else {
            // The model takes ideographs only; jieba tags periods in between as numbers.
            var index = range.lowerBound
            while index < range.upperBound {
                let ideographs = WordCutter.isIdeograph(sentence[index])
                var end = index + 1
                while end < range.upperBound, WordCutter.isIdeograph(sentence[end]) == ideographs { end += 1 }
                if ideographs {
                    guard let found = lexicon.tagging.cut(sentence[index..<end]) else {
                        throw .misaligned(characters: end - index, read: 0)
                    }
                    words += found
                } else {
                    words.append(.init(range: index..<end, tag: lexicon.tags.number))
                }
                index = end
            }
        }
    }

    // MARK: Parts of a word

    /// The shortest part `cut_for_search` finds, the first of equals: its range within `word`.
    package func shortestPart(of word: ArraySlice<CodePoint>) -> Range<Int> {
        var best = word.startIndex..<word.endIndex
        var seen = false
        func offer(_ range: Range<Int>) {
            if !seen || range.count < best.count { best = range }
            seen = true
        }
        var index = word.startIndex
        while index < word.endIndex {
            guard WordCutter.isBlock(word[index]) else {
                offer(index..<index + 1)
                index += 1
                continue
            }
            var end = index + 1
            while end < word.endIndex, WordCutter.isBlock(word[end]) { end += 1 }
            for found in cutForSearch(word, index..<end) {
                if found.count > 2 {
                    for start in found.lowerBound..<found.upperBound - 1
                    where lexicon.words.value(of: word[start..<start + 2]) != nil { offer(start..<start + 2) }
                }
                // Parts of three are longer than any part of two, and than the rest of the word is short.
                if found.count > 3 {
                    for start in found.lowerBound..<found.upperBound - 2
                    where lexicon.words.value(of: word[start..<start + 3]) != nil { offer(start..<start + 3) }
                }
                offer(found)
            }
            index = end
        }
        return best
    }

    /// Words of a block as jieba_fast's `cut` gives them, untagged.
    private func cutForSearch(_ word: ArraySlice<CodePoint>, _ block: Range<Int>) -> [Range<Int>] {
        let route = self.route(word, block, candidates: 12, tie: .shortest)
        var words: [Range<Int>] = []
        var index = block.lowerBound
        var singles = index..<index
        func flush() {
            guard !singles.isEmpty else { return }
            if singles.count > 1, lexicon.words.value(of: word[singles]) == nil {
                var start = singles.lowerBound
                while start < singles.upperBound {
                    let ideographs = WordCutter.isIdeograph(word[start])
                    var end = start + 1
                    while end < singles.upperBound, WordCutter.isIdeograph(word[end]) == ideographs {
                        end += 1
                    }
                    if ideographs {
                        words += lexicon.cutting.cut(word[start..<end])
                    } else {
                        words.append(start..<end)
                    }
                    start = end
                }
            } else {
                words += singles.map { $0..<$0 + 1 }
            }
        }
        while index < block.upperBound {
            let end = route[index - block.lowerBound]
            if end == index + 1 {
                singles = (singles.isEmpty ? index : singles.lowerBound)..<end
            } else {
                flush()
                singles = end..<end
                words.append(index..<end)
            }
            index = end
        }
        flush()
        return words
    }

    // MARK: The route

    private enum Tie {
        case shortest
        case longest
    }

    /// For each position of a block the end of the word that begins there on the most probable route.
    private func route<Text: RandomAccessCollection>(
        _ text: Text, _ block: Range<Int>, candidates: Int, tie: Tie
    ) -> [Int] where Text.Element == CodePoint, Text.Index == Int {
        let count = block.count
        var score = [Double](repeating: 0, count: count + 1)
        var ends = [Int](repeating: 0, count: count)
        for start in stride(from: count - 1, through: 0, by: -1) {
            var best = -Double.infinity
            var end = start + 1
            var found = 0
            var node = PackedTrie.root
            var index = start
            while index < count, found < candidates,
                let next = lexicon.words.child(of: node, text[block.lowerBound + index])
            {
                node = next
                index += 1
                guard let entry = lexicon.words.value(of: node) else { continue }
                found += 1
                let total = lexicon.logProbability(entry: entry) + score[index]
                if total > best || (total == best && tie == .longest) {
                    best = total
                    end = index
                }
            }
            if found == 0 { best = lexicon.logProbability(entry: nil) + score[start + 1] }
            score[start] = best
            ends[start] = block.lowerBound + end
        }
        return ends
    }
}
