/// Fits numbers and counters to each other: the second part of Open JTalk's `njd_set_digit`.
struct CounterReading {
    let rules: JapaneseRules

    private static let person = [CodePoint]("人")
    private static let month = CodePoint(0x6708)
    private static let day = [CodePoint]("日")
    private static let dayLength = [CodePoint]("日間")
    private static let one = [CodePoint]("一")
    private static let two = [CodePoint]("二")
    private static let four = [CodePoint]("四")
    private static let ten = [CodePoint]("十")

    func apply(to chain: inout WordChain) {
        each(&chain) { chain, here, before in
            guard isCounter(chain[here]) else { return }
            if let digits = rules.digits(before: chain[here].string) { say(&chain, before, by: digits) }
            if let changes = rules.changes(of: chain[here].string) {
                change(&chain, here, before, by: changes)
            }
            chain[before].joinsPrevious = false
            chain[here].joinsPrevious = true
        }
        each(&chain) { chain, here, before in
            if chain[here].partOfSpeech.has(.number) { joinPlaces(&chain, here, before) }
            let string = chain[here].string
            if rules.hundreds.contains(string) { say(&chain, before, by: rules.hundredDigits) }
            if rules.thousands.contains(string) { say(&chain, before, by: rules.thousandDigits) }
            if rules.voicedPlaces.contains(string) { change(&chain, here, before, by: rules.voicingDigits) }
        }
        readNativeCounters(&chain)
        readDates(&chain)
        chain.removeSilent()
    }

    /// Calls `body` for every word after a numeral, with its index and the numeral's.
    private func each(
        _ chain: inout WordChain, _ body: (inout WordChain, WordChain.Place, WordChain.Place) -> Void
    ) {
        var place = chain.first
        while let before = place {
            place = chain.next(before)
            if let here = place, chain[before].partOfSpeech.has(.number) { body(&chain, here, before) }
        }
    }

    private func isCounter(_ word: JapaneseWord) -> Bool {
        word.partOfSpeech.has(.counter) || word.partOfSpeech.has(.adverbial)
    }

    private func say(_ chain: inout WordChain, _ place: WordChain.Place, by digits: JapaneseRules.Digits) {
        guard let reading = digits[chain[place].string] else { return }
        chain[place].pronunciation = reading.pronunciation
        chain[place].accent = reading.accent
        chain[place].moraCount = reading.moraCount
    }

    /// Changes the first sound of the word at `here`.
    private func change(
        _ chain: inout WordChain, _ here: WordChain.Place, _ before: WordChain.Place,
        by changes: JapaneseRules.Changes
    ) {
        guard let change = changes[chain[before].string], let first = chain[here].pronunciation.first else {
            return
        }
        let sounds = change == .voiced ? rules.voiced : rules.semivoiced
        if let sound = sounds[first] { chain[here].pronunciation[0] = sound }
    }

    /// 二 and 十 are one phrase, 十 and 二 are two.
    private func joinPlaces(_ chain: inout WordChain, _ here: WordChain.Place, _ before: WordChain.Place) {
        let (first, second) = (chain[before].string, chain[here].string)
        if rules.units.contains(first), rules.places.contains(second) {
            chain[before].joinsPrevious = false
            chain[here].joinsPrevious = true
        } else if rules.places.contains(first), rules.units.contains(second) {
            chain[here].joinsPrevious = false
        }
    }

    // MARK: Whole readings

    /// ヒト- and フタ-, and single digits with people and days.
    private func readNativeCounters(_ chain: inout WordChain) {
        var place = chain.first
        while let here = place, let after = chain.next(here) {
            place = after
            guard chain[here].partOfSpeech.has(.number), isCounter(chain[after]) else { continue }
            let before = chain.previous(here)
            if let before, chain[before].partOfSpeech.name != .symbol, chain[before].partOfSpeech.has(.number)
            {
                continue
            }
            if chain[after].isNativeCounter { say(&chain, here, by: rules.nativeDigits) }
            let counter = chain[after].string
            if counter == Self.person { replace(&chain, here, after, rules.people) }
            if counter == Self.day {
                if let before, chain[before].string.contains(Self.month), chain[here].string == Self.one,
                    let word = rules.word(.firstOfMonth)
                {
                    chain[here].load(word)
                    chain[after].silence()
                } else {
                    replace(&chain, here, after, rules.days)
                }
            } else if counter == Self.dayLength {
                replace(&chain, here, after, rules.dayLengths)
            }
        }
    }

    private func replace(
        _ chain: inout WordChain, _ here: WordChain.Place, _ after: WordChain.Place,
        _ words: [[CodePoint]: JapaneseWord]
    ) {
        guard let word = words[chain[here].string] else { return }
        chain[here].load(word)
        chain[after].silence()
    }

    /// 十四日, 二十日, 二十四日, as dates and as lengths.
    private func readDates(_ chain: inout WordChain) {
        var place = chain.first
        while let here = place {
            place = chain.next(here)
            if let before = chain.previous(here), chain[before].partOfSpeech.has(.number) { continue }
            guard let second = chain.next(here), let third = chain.next(second) else { continue }
            let strings = (chain[here].string, chain[second].string)
            if strings == (Self.ten, Self.four) {
                join(&chain, here, [second, third], .fourteenth, .fourteenDays)
            } else if strings == (Self.two, Self.ten) {
                if chain[third].string == Self.four {
                    guard let fourth = chain.next(third), let unit = unit(chain[fourth]),
                        let tens = rules.word(.twentyBeforeFour),
                        let word = rules.word(unit == .day ? .fourthBehindTwenty : .fourDaysBehindTwenty)
                    else { continue }
                    chain[here].load(tens)
                    chain[second].load(word)
                    chain[third].silence()
                    chain[fourth].silence()
                } else {
                    join(&chain, here, [second, third], .twentieth, .twentyDays)
                }
            }
        }
    }

    private enum Unit { case day, length }

    private func unit(_ word: JapaneseWord) -> Unit? {
        word.string == Self.day ? .day : word.string == Self.dayLength ? .length : nil
    }

    private func join(
        _ chain: inout WordChain, _ here: WordChain.Place, _ rest: [WordChain.Place],
        _ date: JapaneseRuleWords,
        _ length: JapaneseRuleWords
    ) {
        guard let last = rest.last, let unit = unit(chain[last]),
            let word = rules.word(unit == .day ? date : length)
        else { return }
        chain[here].load(word)
        for place in rest { chain[place].silence() }
    }
}
