import Foundation
import StrictJSON
import Text

/// Compiles the English sections of the pack. `EnglishLexicon` reads what is written here, in the same order.
struct EnglishSections {
    private let sources: SourceFolder
    private var phones = OrderedPhones()

    init(sources: SourceFolder) { self.sources = sources }

    /// Adds every section.
    mutating func compile(into pack: inout PackWriter) throws {
        pack.add("en.words", try readingSection(try pronunciations()))
        pack.add("en.names", try readingSection(try givenNames()))
        pack.add("en.homographs", try homographs())
        let counts = try WordCountSections(sources: sources)
        pack.add("en.unigrams", counts.unigrams)
        pack.add("en.bigrams", counts.bigrams)
        pack.add("en.spelling", try SpellingSection(sources: sources).section(&phones))
        var tagger = try EnglishTaggerSection(sources: sources)
        pack.add("en.tagger", try tagger.section())
        var names = SectionBuilder()
        names.add(phones.names)
        pack.add("en.phones", names)
    }

    // MARK: Dictionaries

    /// A word that a token or a part of a compound can be: letters at both ends, and punctuation only inside.
    private static func canOccur(_ word: String) -> Bool {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        guard let first = word.utf8.first, let last = word.utf8.last, letters.contains(first),
            letters.contains(last)
        else { return false }
        return word.utf8.allSatisfy { letters.contains($0) || $0 == 0x27 || $0 == 0x2D || $0 == 0x2E }
    }

    /// CMUdict merged as upstream does it: of the first list the later line is used, of the second the first, and only
    /// for words still missing; the third overrides; six abbreviations are removed.
    private func pronunciations() throws -> [String: [String]] {
        func lines(_ file: String) throws -> [String] {
            try sources.lines("gpt-sovits-cpufast", "text/\(file)").map {
                $0.trimmingCharacters(in: .whitespaces)
            }.filter { !$0.isEmpty }
        }
        var words: [String: [String]] = [:]
        for line in try lines("cmudict.rep").dropFirst(56) {
            let parts = line.components(separatedBy: "  ")
            guard parts.count > 1 else {
                throw SourceError(file: "cmudict.rep", reason: "no phones in \(line)")
            }
            words[parts[0].lowercased()] = parts[1].components(separatedBy: " ")
        }
        for line in try lines("cmudict-fast.rep") {
            let parts = line.components(separatedBy: " ")
            let word = parts[0].lowercased()
            if words[word] == nil { words[word] = Array(parts.dropFirst()) }
        }
        for line in try lines("engdict-hot.rep") {
            let parts = line.components(separatedBy: " ")
            words[parts[0].lowercased()] = Array(parts.dropFirst())
        }
        for word in ["ae", "ai", "ar", "ios", "hud", "os"] { words[word] = nil }
        return words.filter { Self.canOccur($0.key) }
    }

    private func givenNames() throws -> [String: [String]] {
        let file = "namedict_cache.json"
        var names: [String: [String]] = [:]
        var reader = JSONReader(try sources.bytes("converted", file))
        do {
            try reader.object { (reader, name) throws(JSONError) in
                let phones = try reader.value().items?.first?.items ?? []
                names[name] = phones.compactMap(\.string)
            }
            try reader.end()
        } catch {
            throw SourceError(file: file, reason: "\(error)")
        }
        return names.filter { Self.canOccur($0.key) }
    }

    /// A trie of words, then their phonemes, as `ReadingTable` reads them.
    private mutating func readingSection(_ words: [String: [String]]) throws -> SectionBuilder {
        var section = SectionBuilder()
        let order = section.add(byteTrie: words.keys)
        section.add(readings: order.map { phones.numbers(of: words[$0] ?? []) })
        return section
    }

    private mutating func homographs() throws -> SectionBuilder {
        var entries: [String: (first: [String], second: [String], tag: String)] = [:]
        for line in try sources.lines("g2p_en", "homographs.en") where !line.hasPrefix("#") && !line.isEmpty {
            let fields = line.trimmingCharacters(in: .whitespaces).components(separatedBy: "|")
            guard fields.count == 4 else {
                throw SourceError(file: "homographs.en", reason: "4 fields: \(line)")
            }
            let readings = fields[1...2].map { $0.split(separator: " ").map(String.init) }
            entries[fields[0].lowercased()] = (readings[0], readings[1], fields[3])
        }
        // The two that upstream corrects.
        entries["read"] = (["R", "IY1", "D"], ["R", "EH1", "D"], "VBP")
        entries["complex"] = (
            ["K", "AH0", "M", "P", "L", "EH1", "K", "S"], ["K", "AA1", "M", "P", "L", "EH0", "K", "S"], "JJ"
        )
        let prefixes = Set(entries.values.map(\.tag)).sorted()
        var section = SectionBuilder()
        section.add(prefixes)
        let order = section.add(byteTrie: entries.keys)
        var readings: [[UInt8]] = []
        for word in order {
            guard let entry = entries[word], !entry.first.isEmpty, !entry.second.isEmpty else {
                throw SourceError(file: "homographs.en", reason: "\(word) lacks a reading")
            }
            readings += [phones.numbers(of: entry.first), phones.numbers(of: entry.second)]
        }
        section.add(readings: readings)
        section.add(order.map { UInt8(prefixes.firstIndex(of: entries[$0]?.tag ?? "") ?? 0) })
        return section
    }
}

/// Phonemes, and the other words in phonemes' places, by number.
struct OrderedPhones {
    /// Names in the order of their numbers; punctuation comes first.
    private(set) var names = ["!", "'", ",", "-", ".", "?"]
    private var numberOf: [String: UInt8] = [:]

    init() { for (number, name) in names.enumerated() { numberOf[name] = UInt8(number) } }

    /// The number of a phoneme, assigned on first use.
    mutating func number(of name: String) -> UInt8 {
        if let found = numberOf[name] { return found }
        precondition(names.count < 128, "a phone's number has 7 bits")
        let number = UInt8(names.count)
        numberOf[name] = number
        names.append(name)
        return number
    }

    mutating func numbers(of names: [String]) -> [UInt8] { names.map { number(of: $0) } }
}

extension SectionBuilder {
    /// Phonemes of numbered words, the last of each marked, and where every eighth word begins.
    mutating func add(readings: [[UInt8]]) {
        var start: [UInt32] = []
        var phones: [UInt8] = []
        for (word, reading) in readings.enumerated() {
            precondition(!reading.isEmpty, "a word without phones")
            if word % 8 == 0 { start.append(UInt32(phones.count)) }
            phones += reading
            phones[phones.count - 1] |= 0x80
        }
        add(UInt32(phones.count))
        add(start)
        bytes += phones
        align()
    }
}
