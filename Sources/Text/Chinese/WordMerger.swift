/// Joins words whose tones depend on each other, before tones are changed.
///
/// Order and conditions are those of upstream's `pre_merge_for_modify` (from PaddleSpeech).
package struct WordMerger: Sendable {
    private let tags: PartOfSpeechTags
    private let reader: PinyinReader

    package init(_ lexicon: ChineseLexicon) {
        tags = lexicon.tags
        reader = PinyinReader(lexicon)
    }

    private static let bu: CodePoint = 0x4E0D  // 不
    private static let yi: CodePoint = 0x4E00  // 一
    private static let er: CodePoint = 0x513F  // 儿

    /// Merges, and leaves in `syllables` the word-wise pypinyin reading of every word.
    package func merge(_ sentence: inout SentenceWords) {
        mergeBu(&sentence)
        mergeYiBetweenEqualVerbs(&sentence)
        mergeYiWithNext(&sentence)
        mergeEqualNeighbours(&sentence)
        for word in sentence.words { reader.read(sentence.text, word.range, into: &sentence.syllables) }
        mergeThirdTones(&sentence, condition: Self.bothAllThird)
        mergeThirdTones(&sentence, condition: Self.meetInThird)
        mergeEr(&sentence)
    }

    /// 不 joins the word after it and takes that word's tag.
    private func mergeBu(_ sentence: inout SentenceWords) {
        var merged: [SentenceWords.Word] = []
        merged.reserveCapacity(sentence.words.count)
        var pending: SentenceWords.Word?
        for var word in sentence.words {
            if let bu = pending { word.range = bu.range.lowerBound..<word.range.upperBound }
            pending = nil
            if sentence.isOnly(word, Self.bu) { pending = word } else { merged.append(word) }
        }
        if var bu = pending {
            bu.tag = tags.adverb
            merged.append(bu)
        }
        sentence.words = merged
    }

    /// 听 一 听 → 听一听, for a verb.
    private func mergeYiBetweenEqualVerbs(_ sentence: inout SentenceWords) {
        let words = sentence.words
        var merged: [SentenceWords.Word] = []
        merged.reserveCapacity(words.count)
        var index = 0
        while index < words.count {
            if index > 0, index + 1 < words.count, sentence.isOnly(words[index], Self.yi),
                let last = merged.last,
                tags[last.tag].contains(.verb), tags[words[index + 1].tag].contains(.verb),
                sentence.same(last, words[index + 1])
            {
                merged[merged.count - 1].range = last.range.lowerBound..<words[index + 1].range.upperBound
                index += 2
            } else {
                merged.append(words[index])
                index += 1
            }
        }
        sentence.words = merged
    }

    /// A lone 一 joins the word after it, whatever that is, and keeps its own tag.
    private func mergeYiWithNext(_ sentence: inout SentenceWords) {
        join(&sentence) { sentence, _, last, _ in sentence.isOnly(last, Self.yi) }
    }

    /// Equal neighbours become one word.
    private func mergeEqualNeighbours(_ sentence: inout SentenceWords) {
        join(&sentence) { sentence, _, last, word in sentence.same(last, word) }
    }

    /// 儿 joins the word before it.
    private func mergeEr(_ sentence: inout SentenceWords) {
        join(&sentence) { sentence, _, _, word in sentence.isOnly(word, Self.er) }
        rereadMerged(&sentence)
    }

    private func join(
        _ sentence: inout SentenceWords,
        where condition: (SentenceWords, Int, SentenceWords.Word, SentenceWords.Word) -> Bool
    ) {
        var merged: [SentenceWords.Word] = []
        merged.reserveCapacity(sentence.words.count)
        for (index, word) in sentence.words.enumerated() {
            if let last = merged.last, condition(sentence, index, last, word) {
                merged[merged.count - 1].range = last.range.lowerBound..<word.range.upperBound
            } else {
                merged.append(word)
            }
        }
        sentence.words = merged
    }

    // MARK: Third tones

    /// The condition's value, or nil where upstream raises an exception at a final's last character.
    private typealias Condition = ([Syllable], SentenceWords.Word, SentenceWords.Word) -> Bool?

    /// Both words consist of third tones only.
    private static func bothAllThird(
        _ syllables: [Syllable], _ first: SentenceWords.Word, _ second: SentenceWords.Word
    ) -> Bool? {
        guard let one = allThird(syllables[first.range]) else { return nil }
        return one ? allThird(syllables[second.range]) : false
    }

    /// The first ends and the second begins with a third tone.
    private static func meetInThird(
        _ syllables: [Syllable], _ first: SentenceWords.Word, _ second: SentenceWords.Word
    ) -> Bool? {
        let (last, next) = (syllables[first.range.upperBound - 1], syllables[second.range.lowerBound])
        if last == .emptyFinal { return nil }
        guard last.tone == 3 else { return false }
        return next == .emptyFinal ? nil : next.tone == 3
    }

    private static func allThird(_ syllables: ArraySlice<Syllable>) -> Bool? {
        for syllable in syllables {
            if syllable == .emptyFinal { return nil }
            if syllable.tone != 3 { return false }
        }
        return true
    }

    /// Joins neighbours that meet the condition and have three characters at most, unless the first was just joined
    /// to its own predecessor or is a doubled character. An exception leaves the list as it was.
    private func mergeThirdTones(_ sentence: inout SentenceWords, condition: Condition) {
        let words = sentence.words
        var merged: [SentenceWords.Word] = []
        merged.reserveCapacity(words.count)
        var joinedLast = false
        for (index, word) in words.enumerated() {
            var join = false
            if index > 0 {
                guard let met = condition(sentence.syllables, words[index - 1], word) else { return }
                let before = words[index - 1].range
                let doubled =
                    before.count == 2
                    && sentence.text[before.lowerBound] == sentence.text[before.lowerBound + 1]
                join = met && !joinedLast && !doubled && before.count + word.range.count <= 3
            }
            if join, let last = merged.last {
                merged[merged.count - 1].range = last.range.lowerBound..<word.range.upperBound
            } else {
                merged.append(word)
            }
            joinedLast = join
        }
        sentence.words = merged
        rereadMerged(&sentence)
    }

    /// A joined word is read as a whole: it may be a phrase its parts were not.
    private func rereadMerged(_ sentence: inout SentenceWords) {
        for word in sentence.words where word.range.count > 1 {
            reader.read(sentence.text, word.range, into: &sentence.syllables)
        }
    }
}
