/// Part of speech as far as the rules use it: the main class, and traits from the subclasses.
package struct PartOfSpeech: Equatable, Sendable {
    /// The main classes of naist-jdic.
    package enum Name: UInt8, CaseIterable, Sendable {
        case noun, verb, adjective, adverb, adnominal, conjunction, particle, auxiliary, prefix, interjection
        case symbol, filler, other

        /// As the dictionary writes it.
        package var label: String {
            switch self {
            case .noun: "名詞"
            case .verb: "動詞"
            case .adjective: "形容詞"
            case .adverb: "副詞"
            case .adnominal: "連体詞"
            case .conjunction: "接続詞"
            case .particle: "助詞"
            case .auxiliary: "助動詞"
            case .prefix: "接頭詞"
            case .interjection: "感動詞"
            case .symbol: "記号"
            case .filler: "フィラー"
            case .other: "その他"
            }
        }
    }

    /// Subclasses that rules use.
    package struct Traits: OptionSet, Sendable {
        package let rawValue: UInt16
        package init(rawValue: UInt16) { self.rawValue = rawValue }
        /// 数.
        package static let number = Traits(rawValue: 1)
        /// 数接続: 約, 第.
        package static let numberPrefix = Traits(rawValue: 2)
        /// 助数詞: 本, 人.
        package static let counter = Traits(rawValue: 4)
        /// 副詞可能: すべて, 今日.
        package static let adverbial = Traits(rawValue: 8)
        /// 形容動詞語幹.
        package static let adjectivalStem = Traits(rawValue: 16)
        /// 接尾.
        package static let suffix = Traits(rawValue: 32)
        /// 非自立.
        package static let dependent = Traits(rawValue: 64)
        /// 接続助詞.
        package static let conjunctive = Traits(rawValue: 128)
        /// サ変接続.
        package static let verbalNoun = Traits(rawValue: 256)
        /// 姓.
        package static let surname = Traits(rawValue: 512)
        /// 名.
        package static let givenName = Traits(rawValue: 1024)
        /// Conjugated into a form that begins with 連用.
        package static let continuative = Traits(rawValue: 2048)
    }

    package var name: Name
    package var traits: Traits

    package init(name: Name, traits: Traits = []) {
        self.name = name
        self.traits = traits
    }

    /// From a dictionary's columns: main class, three finer ones, and the form of conjugation.
    /// - Returns: nil for an unknown main class.
    package init?(label: String, groups: [String], form: String) {
        guard let name = Name.allCases.first(where: { $0.label == label }), groups.count == 3 else {
            return nil
        }
        var traits: Traits = []
        let first: [String: Traits] = [
            "数": .number, "数接続": .numberPrefix, "副詞可能": .adverbial, "形容動詞語幹": .adjectivalStem, "接尾": .suffix,
            "非自立": .dependent, "接続助詞": .conjunctive, "サ変接続": .verbalNoun,
        ]
        if let trait = first[groups[0]] { traits.insert(trait) }
        if groups[1] == "助数詞" { traits.insert(.counter) }
        if groups[2] == "姓" { traits.insert(.surname) }
        if groups[2] == "名" { traits.insert(.givenName) }
        if form.hasPrefix("連用") { traits.insert(.continuative) }
        self.init(name: name, traits: traits)
    }

    /// In one number, for the pack.
    package var packed: UInt32 { UInt32(name.rawValue) << 16 | UInt32(traits.rawValue) }

    init(packed: UInt32) {
        name = Name(rawValue: UInt8(truncatingIfNeeded: packed >> 16)) ?? .other
        traits = Traits(rawValue: UInt16(truncatingIfNeeded: packed))
    }

    @inline(__always)
    func has(_ trait: Traits) -> Bool { traits.contains(trait) }
}
