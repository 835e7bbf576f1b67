/// Reads numerals: the first part of Open JTalk's `njd_set_digit`.
///
/// A run of digits is either one number, with words for its decimal places inserted, or read digit by digit; the words
/// around it decide. Passages have no punctuation, so upstream's rules for commas, hyphens and brackets are omitted.
struct NumberReading {
    let rules: JapaneseRules

    private static let zeros: [[CodePoint]] = [[CodePoint]("〇"), [CodePoint]("０")]
    private static let two = [CodePoint]("二")
    private static let five = [CodePoint]("五")
    private static let six = [CodePoint]("六")
    private static let points: [[CodePoint]] = [[CodePoint]("．"), [CodePoint]("・")]
    private static let numberWord = [CodePoint]("番号")
    private static let zero = [CodePoint]("ゼロ")
    private static let zeroBeforePoint = [CodePoint]("レー")
    private static let longTwo = [CodePoint]("ニー")
    private static let longFive = [CodePoint]("ゴー")

    /// The words with their numbers read out.
    func apply(to words: [JapaneseWord]) -> [JapaneseWord] {
        guard words.contains(where: { $0.partOfSpeech.has(.number) }) else { return words }
        var chain = WordChain(words)
        readSequences(&chain)
        chain.removeSilent()
        readPoints(&chain)
        CounterReading(rules: rules).apply(to: &chain)
        return chain.array
    }

    /// A numeral's value, nil for any other word.
    private func value(_ word: JapaneseWord) -> Int? {
        word.partOfSpeech.has(.number) ? rules.numerals[word.string]?.value : nil
    }

    private func isPoint(_ word: JapaneseWord) -> Bool { Self.points.contains(word.string) }

    // MARK: Runs of digits

    private func readSequences(_ chain: inout WordChain) {
        var start: WordChain.Place?
        var place = chain.first
        while let here = place {
            var end: WordChain.Place?
            if chain[here].partOfSpeech.has(.number), let numeral = rules.numerals[chain[here].string] {
                chain[here].string = numeral.canonical
                if start == nil { start = here }
                if here == chain.last { end = here }
            } else if chain[here].partOfSpeech.has(.number), isPoint(chain[here]) {
                if start == nil { start = here }
                if here == chain.last { end = here }
            } else if start != nil {
                end = chain.previous(here)
            }
            if let from = start, let to = end {
                readSequence(&chain, from, to)
                start = nil
            }
            place = chain.next(here)
        }
    }

    /// Reads a run of digits and decimal points: the digits up to each point in turn.
    private func readSequence(_ chain: inout WordChain, _ first: WordChain.Place, _ last: WordChain.Place) {
        var start = first
        while true {
            while isPoint(chain[start]) {
                guard start != last, let next = chain.next(start) else { return }
                start = next
            }
            var end = start
            while end != last, let next = chain.next(end), !isPoint(chain[next]) { end = next }
            let hasLeadingZero = start != end && value(chain[start]) == 0
            if !hasLeadingZero, score(chain, start, end) >= 0 {
                readAsNumber(&chain, start, end)
            } else {
                readDigitByDigit(&chain, start, end)
            }
            guard end != last, let next = chain.next(end) else { return }
            start = next
        }
    }

    /// Score of the context of a run for reading it as one number.
    private func score(_ chain: WordChain, _ start: WordChain.Place, _ end: WordChain.Place) -> Int {
        var score = 0
        if let before = chain.previous(start) {
            let word = chain[before]
            if word.partOfSpeech.has(.numberPrefix) { score += 2 }
            if word.partOfSpeech.has(.counter) || word.partOfSpeech.has(.adverbial) { score += 1 }
            let second = chain.previous(before).map { chain[$0] }
            if isPoint(word) {
                if let second, second.partOfSpeech.has(.number) { score -= 5 }
            } else if word.string == Self.numberWord {
                score -= 2
            }
            if let second, second.string == Self.numberWord { score -= 2 }
        }
        if let after = chain.next(end) {
            let word = chain[after]
            if word.partOfSpeech.has(.counter) || word.partOfSpeech.has(.adverbial) { score += 2 }
            if word.string == Self.numberWord {
                score -= 2
            } else if isPoint(word) {
                score += 4
            }
        }
        return score
    }

    /// Digits in pairs, each pair a phrase.
    private func readDigitByDigit(_ chain: inout WordChain, _ start: WordChain.Place, _ end: WordChain.Place)
    {
        guard start != end else { return }
        var place: WordChain.Place? = start
        var isSecond = false
        while let here = place {
            let reading: [CodePoint]? =
                if Self.zeros.contains(chain[here].string) {
                    Self.zero
                } else if chain[here].string == Self.two {
                    Self.longTwo
                } else if chain[here].string == Self.five {
                    Self.longFive
                } else {
                    nil
                }
            if let reading {
                chain[here].pronunciation = reading
                chain[here].moraCount = 2
            }
            chain[here].chainRule = 0
            chain[here].joinsPrevious = isSecond
            if isSecond, let before = chain.previous(here) { chain[before].accent = 3 }
            isSecond.toggle()
            place = here == end ? nil : chain.next(here)
        }
    }

    /// Inserts the words for decimal places; digits beyond the largest of them are unchanged.
    private func readAsNumber(_ chain: inout WordChain, _ start: WordChain.Place, _ end: WordChain.Place) {
        var digits: [WordChain.Place] = [start]
        while let here = digits.last, here != end, let next = chain.next(here) { digits.append(next) }
        guard digits.count > 1, (digits.count - 1) / 4 <= 17 else { return }
        var isSpoken = false
        for (offset, here) in digits.enumerated() {
            let (myriad, place) = (digits.count - 1 - offset).quotientAndRemainder(dividingBy: 4)
            let digit = value(chain[here]) ?? -1
            func silence() {
                chain[here].silence()
                chain[here].accent = 0
                chain[here].moraCount = 0
            }
            if place == 0 {
                if digit == 0 { silence() } else { isSpoken = true }
                if isSpoken, myriad > 0, let word = rules.word(.myriads, myriad - 1) {
                    _ = chain.insert(word, behind: here)
                }
                isSpoken = false
            } else if digit <= 0 {
                silence()
            } else if let word = rules.word(.places, place - 1) {
                isSpoken = true
                if digit == 1 { chain[here].load(word) } else { _ = chain.insert(word, behind: here) }
            }
        }
    }

    // MARK: Decimal points

    private func readPoints(_ chain: inout WordChain) {
        guard let first = chain.first, let word = rules.word(.point) else { return }
        var place = chain.next(first)
        while let here = place, let after = chain.next(here), let before = chain.previous(here) {
            guard isPoint(chain[here]), chain[before].partOfSpeech.has(.number),
                chain[after].partOfSpeech.has(.number)
            else {
                place = after
                continue
            }
            chain[here].load(word)
            chain[here].joinsPrevious = true
            if Self.zeros.contains(chain[before].string) {
                chain[before].pronunciation = Self.zeroBeforePoint
                chain[before].moraCount = 2
            } else if chain[before].string == Self.two {
                chain[before].pronunciation = Self.longTwo
                chain[before].moraCount = 2
            } else if chain[before].string == Self.five {
                chain[before].pronunciation = Self.longFive
                chain[before].moraCount = 2
            } else if chain[before].string == Self.six {
                chain[before].accent = 1
            }
            // The digits after the decimal point, and the word after them.
            place = after
            while let next = place, chain[next].partOfSpeech.name == .noun { place = chain.next(next) }
            place = place.flatMap { chain.next($0) }
        }
    }
}
