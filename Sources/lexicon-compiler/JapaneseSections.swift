import Text

/// Compiles the Japanese sections of the pack. `JapaneseLexicon` reads what is written here, in the same order.
struct JapaneseSections {
    private static let dictionary = "open-jtalk-mecab-naist-jdic"
    private static let openJTalk = "pyopenjtalk"
    private static let userDictionary = "text/ja_userdic/userdict.csv"
    private static let headers = [
        "text2mecab", "njd_set_pronunciation", "njd_set_digit", "jpcommon",
    ]

    private let sources: SourceFolder
    private var tables = CHeaderTables()

    init(sources: SourceFolder) throws {
        self.sources = sources
        for header in Self.headers {
            let file = "\(header)/\(header)_rule_utf_8.h"
            try tables.add(sources.bytes(Self.openJTalk, file), file: file)
        }
    }

    /// Adds the sections `ja.words`, `.tokens`, `.characters`, `.connections`, `.features`, `.rules`.
    func compile(into pack: inout PackWriter) throws {
        let system = try MeCabDictionary(sources.bytes(Self.dictionary, "sys.dic"), file: "sys.dic")
        let user = try userEntries()
        var records = try JapaneseFeatureRecords(
            alphabet: try alphabet(system, user), nativeCounters: try nativeCounters())
        var words = MorphologySections()
        try system.forEachEntry { try add($0, to: &words, &records) }
        for entry in user { try add(entry, to: &words, &records) }
        let characters = try MeCabCharacters(sources.bytes(Self.dictionary, "char.bin"), file: "char.bin")
        try MeCabDictionary(sources.bytes(Self.dictionary, "unk.dic"), file: "unk.dic").forEachEntry {
            entry in
            try words.add(
                unknown: String(decoding: entry.surface, as: UTF8.self),
                .init(left: entry.left, right: entry.right), cost: entry.cost,
                feature: try records.place(surface: nil, columns: Self.columns(entry)))
        }
        try words.compile(
            language: "ja", characters: characters, matrix: sources.bytes(Self.dictionary, "matrix.bin"),
            into: &pack)
        let rules = try rules(&records)
        pack.add("ja.features", records.section)
        pack.add("ja.rules", rules)
    }

    private func add(
        _ entry: MeCabDictionary.Entry, to words: inout MorphologySections,
        _ records: inout JapaneseFeatureRecords
    ) throws {
        let feature = try records.place(surface: entry.surface, columns: Self.columns(entry))
        try words.add(
            [CodePoint](String(decoding: entry.surface, as: UTF8.self)),
            .init(left: entry.left, right: entry.right), cost: entry.cost, feature: feature)
    }

    private static func columns(_ entry: MeCabDictionary.Entry) -> [ArraySlice<UInt8>] {
        entry.feature.splitEverywhere(at: UInt8(ascii: ","))
    }

    /// The entries of upstream's user dictionary, as `mecab-dict-index` takes them: word, two context ids and a cost,
    /// and the rest of the line. An id that is no number counts as 0.
    private func userEntries() throws -> [MeCabDictionary.Entry] {
        let bytes = try sources.bytes("gpt-sovits-cpufast", Self.userDictionary)
        let comma = UInt8(ascii: ",")
        return try bytes.split(separator: 0x0A).map { line in
            let line = line.last == 0x0D ? line.dropLast() : line
            let fields = line.split(separator: comma, maxSplits: 4, omittingEmptySubsequences: false)
            func number<Number: FixedWidthInteger>(_ index: Int) -> Number {
                Number(String(decoding: fields[index], as: UTF8.self)) ?? 0
            }
            guard fields.count == 5, let first = line.first, first != UInt8(ascii: "\""), !fields[0].isEmpty,
                fields[1...3].allSatisfy({ !$0.isEmpty })
            else {
                throw SourceError(
                    file: Self.userDictionary, reason: "bad line \(String(decoding: line, as: UTF8.self))")
            }
            return MeCabDictionary.Entry(
                surface: fields[0], left: number(1), right: number(2), posID: 0, cost: number(3),
                feature: fields[4])
        }
    }

    /// The 255 most frequent characters of pronunciations.
    private func alphabet(_ system: MeCabDictionary, _ user: [MeCabDictionary.Entry]) throws -> [CodePoint] {
        var frequency: [CodePoint: Int] = [:]
        func count(_ entry: MeCabDictionary.Entry) {
            let columns = Self.columns(entry)
            guard columns.count > 8 else { return }
            for point in String(decoding: columns[8], as: UTF8.self).unicodeScalars {
                frequency[point.value, default: 0] += 1
            }
        }
        try system.forEachEntry(count)
        user.forEach(count)
        return frequency.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(255).map(\.key)
    }

    // MARK: Rules

    private func table(_ name: String) throws -> [String?] {
        guard let table = tables.arrays[name] else { throw SourceError(file: name, reason: "no such table") }
        return table
    }

    private func nativeCounters() throws -> [(String, String)] {
        let list = try table("njd_set_digit_rule_numerative_class3").compactMap { $0 }
        return stride(from: 0, to: list.count - 1, by: 2).map { (list[$0], list[$0 + 1]) }
    }

    /// String tables without the NULLs they end in, and the records of the words of numbers.
    private func rules(_ records: inout JapaneseFeatureRecords) throws -> SectionBuilder {
        var section = SectionBuilder()
        for name in JapaneseRuleTable.allCases {
            var strings = try table(name.rawValue)
            while let last = strings.last, last == nil { strings.removeLast() }
            // A mora of one phoneme has NULL for the second, also at the very end.
            if name == .moras { while strings.count % 3 != 0 { strings.append(nil) } }
            section.add(strings.map { $0 ?? "" })
        }
        for name in JapaneseRuleWords.allCases {
            var keys: [String] = []
            var places: [UInt32] = []
            for (key, word) in try words(name) {
                let columns = Array(word.utf8)[...].splitEverywhere(at: UInt8(ascii: ","))
                keys.append(key)
                places.append(
                    try records.place(
                        surface: columns[0], columns: Array(columns.dropFirst()), keepsSpelling: true))
            }
            section.add(keys)
            section.add(places)
            section.align()
        }
        return section
    }

    /// Keys and words of a list; a list without keys has the words' numbers for them.
    private func words(_ name: JapaneseRuleWords) throws -> [(String, String)] {
        if let word = tables.macros[name.rawValue] { return [("0", word)] }
        let list = try table(name.rawValue).compactMap { $0 }
        switch name {
        case .places, .myriads:
            return list.filter { !$0.isEmpty }.enumerated().map { ("\($0.offset)", $0.element) }
        default: return stride(from: 0, to: list.count - 1, by: 2).map { (list[$0], list[$0 + 1]) }
        }
    }
}
