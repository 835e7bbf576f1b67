/// Groups words into accent phrases and determines each phrase's accent (Open JTalk's `njd_set_accent_phrase` and
/// `njd_set_accent_type`).
struct AccentPhrases {
    let features: JapaneseFeatures

    func apply(to words: inout [JapaneseWord]) {
        for index in words.indices.dropFirst() where words[index].joinsPrevious == nil {
            words[index].joinsPrevious = joins(words[index], words[index - 1])
        }
        setAccents(&words)
    }

    // MARK: Borders

    /// Whether a word joins the phrase of the previous one. Of upstream's rules the last that applies decides.
    private func joins(_ word: JapaneseWord, _ previous: JapaneseWord) -> Bool {
        let (name, before) = (word.partOfSpeech.name, previous.partOfSpeech.name)
        let (traits, traitsBefore) = (word.partOfSpeech.traits, previous.partOfSpeech.traits)
        var joins = true
        if before == .adjective, name == .noun { joins = false }
        if before == .noun, traitsBefore.contains(.adjectivalStem), name == .noun { joins = false }
        if before == .verb, name == .adjective || name == .noun { joins = false }
        let alone: [PartOfSpeech.Name] = [.adverb, .conjunction, .adnominal]
        if alone.contains(name) || alone.contains(before) { joins = false }
        if before == .noun, traitsBefore.contains(.adverbial) { joins = false }
        if name == .noun, traits.contains(.adverbial) { joins = false }
        let isEnclitic = name == .auxiliary || name == .particle
        if isEnclitic { joins = true }
        if before == .auxiliary || before == .particle, !isEnclitic { joins = false }
        if traitsBefore.contains(.suffix), name == .noun { joins = false }
        if traits.contains(.dependent) {
            if name == .adjective, attaches(to: previous) { joins = true }
            if name == .verb {
                if before == .verb, traitsBefore.contains(.continuative) { joins = true }
                if before == .noun, traitsBefore.contains(.verbalNoun) { joins = true }
            }
        }
        if before == .noun, name == .verb || name == .adjective || traits.contains(.adjectivalStem) {
            joins = false
        }
        if name == .symbol || before == .symbol { joins = false }
        if name == .prefix { joins = false }
        if traitsBefore.contains(.surname), name == .noun { joins = false }
        if before == .noun, traits.contains(.givenName) { joins = false }
        if traits.contains(.suffix) { joins = true }
        return joins
    }

    /// True before a dependent adjective attached to the word: 食べ + やすい, 書いて + ほしい.
    private func attaches(to previous: JapaneseWord) -> Bool {
        switch previous.partOfSpeech.name {
        case .verb, .adjective: previous.partOfSpeech.has(.continuative)
        case .particle:
            previous.partOfSpeech.has(.conjunctive)
                && (previous.string == [CodePoint]("て") || previous.string == [CodePoint]("で"))
        default: false
        }
    }

    // MARK: Accents

    /// Gives the first word of each phrase the phrase's accent.
    private func setAccents(_ words: inout [JapaneseWord]) {
        var top = 0
        var moras = 0
        for index in words.indices {
            let joins = words[index].joinsPrevious == true
            if index == 0 || !joins {
                top = index
                moras = 0
            } else {
                let previous = words[index - 1].partOfSpeech.name
                let rule = features.effect(of: words[index].chainRule, behind: previous)
                words[top].accent = Self.accent(words[top].accent, words[index].accent, moras, rule)
            }
            if index > 0, joins, words[index - 1].partOfSpeech.has(.number),
                words[index].partOfSpeech.has(.number)
            {
                setNumberAccent(&words, index)
            }
            if !joins, Self.character(words[index]) == Self.ten, index + 1 < words.count,
                words[index + 1].partOfSpeech.has(.number)
            {
                words[index].accent = 0
            }
            moras += words[index].moraCount
        }
    }

    /// A phrase's accent after a word has joined.
    /// - Parameters:
    ///   - accent: the phrase's so far.
    ///   - own: the word's.
    ///   - moras: of the phrase so far.
    private static func accent(_ accent: Int, _ own: Int, _ moras: Int, _ rule: ChainRule) -> Int {
        let changed =
            switch rule.kind {
            case .none: accent
            case .f2: accent == 0 ? moras + rule.shift : accent
            case .f3: accent != 0 ? moras + rule.shift : accent
            case .f4: moras + rule.shift
            case .f5, .c4, .p6: 0
            case .c1: moras + own
            case .c2: moras + 1
            case .c3: moras
            case .p1: own == 0 ? 0 : moras + own
            case .p2: own == 0 ? moras + 1 : moras + own
            case .p14: own != 0 ? moras + own : accent
            }
        return max(0, changed)
    }

    private static let ten: CodePoint = 0x5341

    /// A word's character, if it is a single one.
    private static func character(_ word: JapaneseWord) -> CodePoint? {
        word.string.count == 1 ? word.string[0] : nil
    }

    private static func isOne(of characters: String, _ word: JapaneseWord) -> Bool {
        guard let character = character(word) else { return false }
        return characters.unicodeScalars.contains { $0.value == character }
    }

    /// Accents of a digit and its decimal place: 二 + 十.
    private func setNumberAccent(_ words: inout [JapaneseWord], _ index: Int) {
        guard let place = Self.character(words[index]) else { return }
        let unit = words[index - 1]
        switch Unicode.Scalar(place) {
        case "十":
            let isBeforeUnit = index + 1 < words.count && Self.isOne(of: "一二三四五六七八九", words[index + 1])
            words[index - 1].accent = Self.isOne(of: "五六八", unit) && isBeforeUnit ? 0 : 1
        case "百":
            words[index - 1].accent =
                Self.isOne(of: "七", unit)
                ? 2 : Self.isOne(of: "三四九何", unit) ? 1 : unit.moraCount + words[index].moraCount
        case "千", "万": words[index - 1].accent = unit.moraCount + 1
        case "億": words[index - 1].accent = Self.isOne(of: "一六七八幾", unit) ? 2 : 1
        case "兆": words[index - 1].accent = Self.isOne(of: "六七", unit) ? 2 : 1
        default: break
        }
    }
}
