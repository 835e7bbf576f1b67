/// Names of Open JTalk's rule tables, in the order of the pack.
package enum JapaneseRuleTable: String, CaseIterable, Sendable {
    case halfWidth = "text2mecab_conv_list"
    case kana = "njd_set_pronunciation_list"
    case moras = "jpcommon_mora_list"
    case numerals = "njd_set_digit_rule_numeral_list1"
    case units = "njd_set_digit_rule_numeral_list4"
    case places = "njd_set_digit_rule_numeral_list5"
    case voicedPlaces = "njd_set_digit_rule_numeral_list6"
    case voicingDigits = "njd_set_digit_rule_numeral_list7"
    case hundreds = "njd_set_digit_rule_numeral_list8"
    case hundredDigits = "njd_set_digit_rule_numeral_list9"
    case thousands = "njd_set_digit_rule_numeral_list10"
    case thousandDigits = "njd_set_digit_rule_numeral_list11"
    case voiced = "njd_set_digit_rule_voiced_sound_symbol_list"
    case semivoiced = "njd_set_digit_rule_semivoiced_sound_symbol_list"
    case nativeDigits = "njd_set_digit_rule_conv_table3"
    case counters1b = "njd_set_digit_rule_numerative_class1b"
    case digits1b = "njd_set_digit_rule_conv_table1b"
    case counters1c1 = "njd_set_digit_rule_numerative_class1c1"
    case digits1c1 = "njd_set_digit_rule_conv_table1c1"
    case counters1c2 = "njd_set_digit_rule_numerative_class1c2"
    case digits1c2 = "njd_set_digit_rule_conv_table1c2"
    case counters1d = "njd_set_digit_rule_numerative_class1d"
    case digits1d = "njd_set_digit_rule_conv_table1d"
    case counters1e = "njd_set_digit_rule_numerative_class1e"
    case digits1e = "njd_set_digit_rule_conv_table1e"
    case counters1f = "njd_set_digit_rule_numerative_class1f"
    case digits1f = "njd_set_digit_rule_conv_table1f"
    case counters1g = "njd_set_digit_rule_numerative_class1g"
    case digits1g = "njd_set_digit_rule_conv_table1g"
    case counters1h = "njd_set_digit_rule_numerative_class1h"
    case digits1h = "njd_set_digit_rule_conv_table1h"
    case counters1i = "njd_set_digit_rule_numerative_class1i"
    case digits1i = "njd_set_digit_rule_conv_table1i"
    case counters1j = "njd_set_digit_rule_numerative_class1j"
    case digits1j = "njd_set_digit_rule_conv_table1j"
    case counters1k = "njd_set_digit_rule_numerative_class1k"
    case digits1k = "njd_set_digit_rule_conv_table1k"
    case counters2b = "njd_set_digit_rule_numerative_class2b"
    case changes2b = "njd_set_digit_rule_conv_table2b"
    case counters2c = "njd_set_digit_rule_numerative_class2c"
    case changes2c = "njd_set_digit_rule_conv_table2c"
    case counters2d = "njd_set_digit_rule_numerative_class2d"
    case changes2d = "njd_set_digit_rule_conv_table2d"
    case counters2e = "njd_set_digit_rule_numerative_class2e"
    case changes2e = "njd_set_digit_rule_conv_table2e"
    case counters2f = "njd_set_digit_rule_numerative_class2f"
    case changes2f = "njd_set_digit_rule_conv_table2f"

    /// Which tables of digits go with which counters; the first list that holds a counter decides.
    static let digitClasses: [(counters: JapaneseRuleTable, digits: JapaneseRuleTable)] = [
        (.counters1b, .digits1b), (.counters1c1, .digits1c1), (.counters1c2, .digits1c2),
        (.counters1d, .digits1d),
        (.counters1e, .digits1e), (.counters1f, .digits1f), (.counters1g, .digits1g),
        (.counters1h, .digits1h),
        (.counters1i, .digits1i), (.counters1j, .digits1j), (.counters1k, .digits1k),
    ]
    /// Changes of a counter's first sound, by counter.
    static let changeClasses: [(counters: JapaneseRuleTable, changes: JapaneseRuleTable)] = [
        (.counters2b, .changes2b), (.counters2c, .changes2c), (.counters2d, .changes2d),
        (.counters2e, .changes2e),
        (.counters2f, .changes2f),
    ]
}

/// Names of Open JTalk's words that numbers are made of, in the order of the pack.
package enum JapaneseRuleWords: String, CaseIterable, Sendable {
    /// 十, 百, 千; before them an entry without meaning.
    case places = "njd_set_digit_rule_numeral_list2"
    /// 万, 億, …; likewise.
    case myriads = "njd_set_digit_rule_numeral_list3"
    /// A digit and the word for that many people, days, days' time.
    case people = "njd_set_digit_rule_conv_table4"
    case days = "njd_set_digit_rule_conv_table5"
    case dayLengths = "njd_set_digit_rule_conv_table6"
    case point = "NJD_SET_DIGIT_TEN_FEATURE"
    case firstOfMonth = "NJD_SET_DIGIT_TSUITACHI"
    case fourteenth = "NJD_SET_DIGIT_JUYOKKA"
    case fourteenDays = "NJD_SET_DIGIT_JUYOKKAKAN"
    case twentyBeforeFour = "NJD_SET_DIGIT_NIJU"
    case fourthBehindTwenty = "NJD_SET_DITIT_YOKKA"
    case fourDaysBehindTwenty = "NJD_SET_DIGIT_YOKKAKAN"
    case twentieth = "NJD_SET_DITIT_HATSUKA"
    case twentyDays = "NJD_SET_DIGIT_HATSUKAKAN"
}

/// Kana to something, one or two at a time: the first entry that fits decides.
struct KanaTable<Value: Sendable>: Sendable {
    private var entries: [CodePoint: [(rest: [CodePoint], value: Value)]] = [:]

    mutating func add(_ kana: [CodePoint], _ value: Value) {
        guard let first = kana.first else { return }
        entries[first, default: []].append((Array(kana.dropFirst()), value))
    }

    /// The entry that fits at `index`, and the number of characters it takes.
    func match(_ text: [CodePoint], _ index: Int) -> (count: Int, value: Value)? {
        guard let list = entries[text[index]] else { return nil }
        for (rest, value) in list where text.has(rest, at: index + 1) { return (rest.count + 1, value) }
        return nil
    }
}

/// Open JTalk's rule tables.
package struct JapaneseRules: Sendable {
    /// The reading of a digit.
    struct DigitReading: Sendable {
        let pronunciation: [CodePoint]
        let accent: Int
        let moraCount: Int
    }

    /// How the first sound of a counter changes.
    enum SoundChange: Sendable { case voiced, semivoiced }

    typealias Digits = [[CodePoint]: DigitReading]
    typealias Changes = [[CodePoint]: SoundChange]

    /// Half-width kana and their full-width forms.
    let fullWidth: [CodePoint: CodePoint]
    /// Readings and mora counts of kana and Latin letters that are pronounced as written.
    let kana: KanaTable<(pronunciation: [CodePoint], moras: Int)>
    /// Moras and their phonemes.
    let moras: KanaTable<(consonant: String, vowel: String?)>
    /// Numerals: value and canonical form.
    let numerals: [[CodePoint]: (value: Int, canonical: [CodePoint])]
    /// 一 to 九 and 何, 幾, 数; 十, 百, 千, 万 and so on.
    let units: Set<[CodePoint]>
    let places: Set<[CodePoint]>
    /// Sound changes before 百 and 千.
    let voicedPlaces: Set<[CodePoint]>
    let voicingDigits: Changes
    let hundreds: Set<[CodePoint]>
    let hundredDigits: Digits
    let thousands: Set<[CodePoint]>
    let thousandDigits: Digits
    let nativeDigits: Digits
    /// Kana and the same with a voicing mark, with a half-voicing mark.
    let voiced: [CodePoint: CodePoint]
    let semivoiced: [CodePoint: CodePoint]
    private let digitClass: [[CodePoint]: Int]
    private let digitTables: [Digits]
    private let changeClass: [[CodePoint]: Int]
    private let changeTables: [Changes]
    private let words: [JapaneseRuleWords: [JapaneseWord]]
    /// Words for a number of people or days, by the digit.
    let people: [[CodePoint]: JapaneseWord]
    let days: [[CodePoint]: JapaneseWord]
    let dayLengths: [[CodePoint]: JapaneseWord]

    /// Reads the section: the string tables, then the records of words.
    init(_ reader: inout PackReader, _ features: JapaneseFeatures) throws(TextError) {
        var tables: [JapaneseRuleTable: [[CodePoint]]] = [:]
        for table in JapaneseRuleTable.allCases {
            tables[table] = try reader.strings().map { [CodePoint]($0) }
        }
        func table(_ name: JapaneseRuleTable) -> [[CodePoint]] { tables[name] ?? [] }
        func rows(_ name: JapaneseRuleTable, _ width: Int) -> [ArraySlice<[CodePoint]>] {
            let all = table(name)
            return stride(from: 0, to: all.count - width + 1, by: width).map { all[$0..<$0 + width] }
        }
        func number(_ text: [CodePoint]) -> Int { Int(text.string) ?? 0 }
        func pairs(_ name: JapaneseRuleTable) -> [CodePoint: CodePoint] {
            var map: [CodePoint: CodePoint] = [:]
            for row in rows(name, 2) where row[row.startIndex].count == 1 {
                guard let to = row[row.startIndex + 1].first else { continue }
                map[row[row.startIndex][0]] = to
            }
            return map
        }
        func digits(_ name: JapaneseRuleTable) -> Digits {
            Digits(
                rows(name, 4).map { row in
                    let start = row.startIndex
                    return (
                        row[start],
                        DigitReading(
                            pronunciation: row[start + 1], accent: number(row[start + 2]),
                            moraCount: number(row[start + 3]))
                    )
                }, uniquingKeysWith: { first, _ in first })
        }
        func changes(_ name: JapaneseRuleTable) -> Changes {
            Changes(
                rows(name, 2).map {
                    ($0[$0.startIndex], number($0[$0.startIndex + 1]) == 1 ? .voiced : .semivoiced)
                },
                uniquingKeysWith: { first, _ in first })
        }
        func classes(_ names: [JapaneseRuleTable]) -> [[CodePoint]: Int] {
            var map: [[CodePoint]: Int] = [:]
            for (index, name) in names.enumerated() {
                for counter in table(name) where map[counter] == nil { map[counter] = index }
            }
            return map
        }

        fullWidth = pairs(.halfWidth)
        var kana = KanaTable<(pronunciation: [CodePoint], moras: Int)>()
        for row in rows(.kana, 3) {
            kana.add(row[row.startIndex], (row[row.startIndex + 1], number(row[row.startIndex + 2])))
        }
        self.kana = kana
        var moras = KanaTable<(consonant: String, vowel: String?)>()
        for row in rows(.moras, 3) {
            let vowel = row[row.startIndex + 2].string
            moras.add(row[row.startIndex], (row[row.startIndex + 1].string, vowel.isEmpty ? nil : vowel))
        }
        self.moras = moras
        numerals = Dictionary(
            rows(.numerals, 3).map {
                ($0[$0.startIndex], (number($0[$0.startIndex + 1]), $0[$0.startIndex + 2]))
            },
            uniquingKeysWith: { first, _ in first })
        units = Set(table(.units))
        places = Set(table(.places))
        voicedPlaces = Set(table(.voicedPlaces))
        voicingDigits = changes(.voicingDigits)
        hundreds = Set(table(.hundreds))
        hundredDigits = digits(.hundredDigits)
        thousands = Set(table(.thousands))
        thousandDigits = digits(.thousandDigits)
        nativeDigits = digits(.nativeDigits)
        voiced = pairs(.voiced)
        semivoiced = pairs(.semivoiced)
        digitClass = classes(JapaneseRuleTable.digitClasses.map(\.counters))
        digitTables = JapaneseRuleTable.digitClasses.map { digits($0.digits) }
        changeClass = classes(JapaneseRuleTable.changeClasses.map(\.counters))
        changeTables = JapaneseRuleTable.changeClasses.map { changes($0.changes) }

        var words: [JapaneseRuleWords: [JapaneseWord]] = [:]
        var keyed: [JapaneseRuleWords: [[CodePoint]: JapaneseWord]] = [:]
        for list in JapaneseRuleWords.allCases {
            let keys = try reader.strings()
            let records = try reader.array(UInt32.self, count: keys.count)
            try reader.align()
            let own = (0..<records.count).compactMap { features.word(records[$0]) }
            guard own.count == keys.count, !own.isEmpty else { throw reader.damaged("no words \(list)") }
            words[list] = own
            keyed[list] = Dictionary(
                zip(keys.map { [CodePoint]($0) }, own), uniquingKeysWith: { first, _ in first })
        }
        self.words = words
        people = keyed[.people] ?? [:]
        days = keyed[.days] ?? [:]
        dayLengths = keyed[.dayLengths] ?? [:]
    }

    /// Readings of digits before a counter, nil for the usual ones.
    func digits(before counter: [CodePoint]) -> Digits? { digitClass[counter].map { digitTables[$0] } }

    /// Change of a counter's first sound after digits, nil for none.
    func changes(of counter: [CodePoint]) -> Changes? { changeClass[counter].map { changeTables[$0] } }

    /// A word of a list of words, the first if no number is given.
    func word(_ list: JapaneseRuleWords, _ index: Int = 0) -> JapaneseWord? {
        guard let own = words[list], own.indices.contains(index) else { return nil }
        return own[index]
    }
}
