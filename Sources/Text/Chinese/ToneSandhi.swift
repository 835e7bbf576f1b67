/// Changes tones inside one word: 不, 一, neutral tones, third tones, in this order (from PaddleSpeech).
///
/// Words and syllables are ranges of a `SentenceWords`. A character class named in upstream's source by a string is a
/// `CodePointSet` here, with the same members.
package struct ToneSandhi: Sendable {
    private let lexicon: ChineseLexicon
    private let cutter: WordCutter

    package init(_ lexicon: ChineseLexicon) {
        self.lexicon = lexicon
        cutter = WordCutter(lexicon)
    }

    private static let bu: CodePoint = 0x4E0D  // 不
    private static let yi: CodePoint = 0x4E00  // 一
    private static let di: CodePoint = 0x7B2C  // 第
    private static let ge: CodePoint = 0x4E2A  // 个
    /// Punctuation before which 一 keeps its tone; `…` and `-` are not included.
    private static let punctuationAfterYi = CodePointSet("：，；。？！“”‘’':,;.?!")
    private static let particles = CodePointSet("吧呢哈啊呐噻嘛吖嗨哦哒额滴哩哟喽啰耶喔诶的地得")
    private static let aspects = CodePointSet("了着过")
    private static let plurals = CodePointSet("们子")
    private static let places = CodePointSet("上下里")
    private static let directions = CodePointSet("来去")
    private static let directed = CodePointSet("上下进出回过起开")
    private static let countable = CodePointSet("几有两半多各整每做是")

    /// Applies all rules to one word.
    package func apply(to word: SentenceWords.Word, in sentence: inout SentenceWords) {
        let text = sentence.text[word.range]
        bu(text, &sentence.syllables)
        yi(text, &sentence.syllables)
        let parts = split(text)
        neutral(text, lexicon.tags[word.tag], parts, &sentence.syllables)
        third(text, parts.seam, &sentence.syllables)
    }

    private func bu(_ word: ArraySlice<CodePoint>, _ syllables: inout [Syllable]) {
        let start = word.startIndex
        if word.count == 3, word[start + 1] == Self.bu {
            syllables[start + 1].setTone(5)
            return
        }
        for index in word.indices.dropLast() where word[index] == Self.bu && syllables[index + 1].tone == 4 {
            syllables[index].setTone(2)
        }
    }

    private func yi(_ word: ArraySlice<CodePoint>, _ syllables: inout [Syllable]) {
        guard word.contains(Self.yi) else { return }
        let start = word.startIndex
        // In a row of numerals 一 keeps its tone.
        if word.allSatisfy({ $0 == Self.yi || PythonUnicode.isNumericIdeograph($0) }) { return }
        if word.count == 3, word[start + 1] == Self.yi, word[start] == word[start + 2] {
            syllables[start + 1].setTone(5)
        } else if word.count >= 2, word[start] == Self.di, word[start + 1] == Self.yi {
            syllables[start + 1].setTone(1)
        } else {
            for index in word.indices.dropLast() where word[index] == Self.yi {
                if syllables[index + 1].tone == 4 {
                    syllables[index].setTone(2)
                } else if !Self.punctuationAfterYi.contains(word[index + 1]) {
                    syllables[index].setTone(4)
                }
            }
        }
    }

    /// A word in two parts: where the second begins (the word's end if there is one part only), and their texts.
    private struct Parts {
        let seam: Int
        let first: ArraySlice<CodePoint>
        let second: ArraySlice<CodePoint>
    }

    /// The shortest sub-word is split off, at the front if the word begins with these characters, else at the back —
    /// independent of its position in the word. The second text is then still the sub-word itself, as upstream.
    private func split(_ word: ArraySlice<CodePoint>) -> Parts {
        guard word.count > 1 else { return Parts(seam: word.endIndex, first: word, second: []) }
        let part = word[cutter.shortestPart(of: word)]
        if word.starts(with: part) {
            let seam = word.startIndex + part.count
            return Parts(seam: seam, first: word[..<seam], second: word[seam...])
        }
        let seam = word.endIndex - part.count
        return Parts(seam: seam, first: word[..<seam], second: part)
    }

    private func neutral(
        _ word: ArraySlice<CodePoint>, _ tag: PartOfSpeechTags.Properties, _ parts: Parts,
        _ syllables: inout [Syllable]
    ) {
        let (start, last) = (word.startIndex, word.endIndex - 1)
        let listed = lexicon.neutral.value(of: word)
        let mustNot = listed == 2
        if tag.contains(.doubling), !mustNot {
            for index in word.indices.dropFirst() where word[index] == word[index - 1] {
                syllables[index].setTone(5)
            }
        }
        let ge = word.firstIndex(of: Self.ge)
        if Self.particles.contains(word[last]) {
            syllables[last].setTone(5)
        } else if word.count == 1, Self.aspects.contains(word[last]), tag.contains(.aspect) {
            syllables[last].setTone(5)
        } else if word.count > 1, Self.plurals.contains(word[last]), tag.contains(.plural), !mustNot {
            syllables[last].setTone(5)
        } else if word.count > 1, Self.places.contains(word[last]), tag.contains(.place) {
            syllables[last].setTone(5)
        } else if word.count > 1, Self.directions.contains(word[last]), Self.directed.contains(word[last - 1])
        {
            syllables[last].setTone(5)
        } else if let ge, ge > start ? counts(word[ge - 1]) : word.count == 1 {
            syllables[ge].setTone(5)
        } else if listed == 1 || isNeutral(word.suffix(2)) {
            syllables[last].setTone(5)
        }
        if isNeutral(parts.first) || isNeutral(parts.first.suffix(2)) { syllables[parts.seam - 1].setTone(5) }
        if isNeutral(parts.second) || isNeutral(parts.second.suffix(2)) { syllables[last].setTone(5) }
    }

    /// Before 个 as a measure word: a numeral, or a word like 几 or 每.
    private func counts(_ point: CodePoint) -> Bool {
        PythonUnicode.isNumericIdeograph(point) || Self.countable.contains(point)
    }

    private func isNeutral(_ word: ArraySlice<CodePoint>) -> Bool {
        lexicon.neutral.value(of: word) == 1
    }

    private func third(_ word: ArraySlice<CodePoint>, _ seam: Int, _ syllables: inout [Syllable]) {
        let start = word.startIndex
        func allThird(_ range: Range<Int>) -> Bool { syllables[range].allSatisfy { $0.tone == 3 } }
        switch word.count {
        case 2:
            if allThird(word.indices) { syllables[start].setTone(2) }
        case 3:
            if allThird(word.indices) {
                if seam - start == 2 { syllables[start].setTone(2) }
                if seam - start <= 2 { syllables[start + 1].setTone(2) }
            } else {
                thirdInParts(start..<seam, seam..<word.endIndex, &syllables)
            }
        case 4:
            for pair in [start..<start + 2, start + 2..<start + 4] where allThird(pair) {
                syllables[pair.lowerBound].setTone(2)
            }
        default: break
        }
    }

    /// 所有/人, 好/喜欢: third tones inside a part of two, or meeting at the seam.
    private func thirdInParts(_ first: Range<Int>, _ second: Range<Int>, _ syllables: inout [Syllable]) {
        for (index, part) in [first, second].enumerated() {
            let all = syllables[part].allSatisfy { $0.tone == 3 }
            if all, part.count == 2 {
                syllables[part.lowerBound].setTone(2)
            } else if index == 1, !all, syllables[part.lowerBound].tone == 3,
                syllables[first.upperBound - 1].tone == 3
            {
                syllables[first.upperBound - 1].setTone(2)
            }
        }
    }
}
