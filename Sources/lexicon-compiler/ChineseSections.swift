import Foundation
import Text

/// Compiles the Chinese sections of the pack. `ChineseLexicon` reads what is written here, in the same order.
struct ChineseSections {
    private let sources: SourceFolder
    private var tags = OrderedStrings<UInt8>()
    private var syllables = SyllableRegistry()

    init(sources: SourceFolder) throws {
        self.sources = sources
        syllables = try SyllableRegistry(
            opencpop: sources.lines("gpt-sovits-cpufast", "text/opencpop-strict.txt"))
    }

    /// Adds every section.
    mutating func compile(into pack: inout PackWriter) throws {
        let (words, entries) = try dictionary()
        let hidden = try taggingModel()
        var tagSection = SectionBuilder()
        tagSection.add(tags.strings)
        pack.add("zh.tags", tagSection)
        pack.add("zh.words", words)
        pack.add("zh.entries", entries)
        pack.add("zh.pos", hidden)
        pack.add("zh.cut", try cuttingModel())
        pack.add("zh.single", try singleReadings())
        for (name, section) in try phraseReadings() { pack.add(name, section) }
        for (name, section) in try corrections() { pack.add(name, section) }
        pack.add("zh.simplified", try simplified())
        pack.add("zh.neutral", try neutralWords())
        for (name, section) in try TaiwanSections(sources: sources).compile(&syllables) {
            pack.add(name, section)
        }
        pack.add("zh.syllables", syllables.section)
    }

    // MARK: jieba

    private mutating func dictionary() throws -> (words: SectionBuilder, entries: SectionBuilder) {
        var frequency: [[CodePoint]: (count: Int, tag: String)] = [:]
        var total = 0
        for line in try sources.lines("jieba", "dict.txt") where !line.isEmpty {
            let fields = line.split(separator: " ")
            guard fields.count == 3, let count = Int(fields[1]), count > 0 else {
                throw SourceError(file: "dict.txt", reason: "no word, count and tag in \(line)")
            }
            total += count
            frequency[[CodePoint](String(fields[0]))] = (count, String(fields[2]))
        }
        // Words share few pairs of count and tag, so a word's value is the number of its pair.
        struct Pair: Hashable {
            let count: Int
            let tag: UInt8
        }
        var numberOf: [Pair: UInt32] = [:]
        var pairs: [Pair] = []
        var words: [[CodePoint]: UInt32] = [:]
        for (word, entry) in frequency.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let pair = Pair(count: entry.count, tag: tags.number(of: entry.tag))
            let number = numberOf[pair] ?? UInt32(pairs.count)
            if numberOf[pair] == nil {
                numberOf[pair] = number
                pairs.append(pair)
            }
            words[word] = number
        }
        var tree = SectionBuilder()
        tree.add(words: words)
        var entries = SectionBuilder()
        entries.add(UInt32(pairs.count))
        entries.align()
        let logTotal = log(Double(total))
        entries.add(pairs.map { log(Double($0.count)) - logTotal })
        // A single character outside the dictionary counts as frequency 1.
        entries.add([log(1.0) - logTotal])
        entries.add(pairs.map(\.tag))
        return (tree, entries)
    }

    private func taggingModelSource(_ file: String) throws -> [(PythonLiteral, PythonLiteral)] {
        var reader = PythonLiteralReader(try sources.bytes("jieba", "posseg/\(file)"), file: file)
        guard let pairs = try reader.assignment(to: "P").pairs else {
            throw SourceError(file: file, reason: "P is no dictionary")
        }
        return pairs
    }

    private mutating func taggingModel() throws -> SectionBuilder {
        struct State: Hashable, Comparable {
            let position: String
            let tag: String
            static func < (a: State, b: State) -> Bool { (a.position, a.tag) < (b.position, b.tag) }
        }
        func state(_ literal: PythonLiteral) throws -> State {
            guard let parts = literal.items, parts.count == 2, let position = parts[0].text,
                let tag = parts[1].text
            else { throw SourceError(file: "posseg", reason: "a state is a pair of strings") }
            return State(position: position, tag: tag)
        }
        let start = try taggingModelSource("prob_start.py")
        // Numbered in Python's tuple order: a tie of scores is broken by the larger state.
        let states = try start.map { try state($0.0) }.sorted()
        let number = Dictionary(uniqueKeysWithValues: zip(states, 0...))
        func index(_ literal: PythonLiteral) throws -> Int {
            guard let found = number[try state(literal)] else {
                throw SourceError(file: "posseg", reason: "a state that prob_start does not list")
            }
            return found
        }
        var startScores = [Double](repeating: 0, count: states.count)
        for (key, value) in start { startScores[try index(key)] = value.double ?? .nan }
        // By target, then by source: the model evaluates one target for all sources.
        var transitions = [Double](repeating: -.infinity, count: states.count * states.count)
        for (from, row) in try taggingModelSource("prob_trans.py") {
            for (to, value) in row.pairs ?? [] {
                transitions[try index(to) * states.count + index(from)] = value.double ?? .nan
            }
        }
        var emissions: [CodePoint: [Int: Double]] = [:]
        for (key, row) in try taggingModelSource("prob_emit.py") {
            let state = try index(key)
            for (character, value) in row.pairs ?? [] {
                guard let point = character.codePoints?.first else { continue }
                emissions[point, default: [:]][state] = value.double
            }
        }
        var candidates: [CodePoint: Set<Int>] = [:]
        for (character, list) in try taggingModelSource("char_state_tab.py") {
            guard let point = character.codePoints?.first else { continue }
            candidates[point] = Set(try (list.items ?? []).map(index))
        }

        let points = Set(emissions.keys).union(candidates.keys).sorted()
        var rowStart: [UInt32] = [0]
        var rowStates: [UInt16] = []
        var rowScores: [Double] = []
        var rowOf: [CodePoint: UInt32] = [:]
        for (row, point) in points.enumerated() {
            let own = candidates[point]
            for state in Set(emissions[point, default: [:]].keys).union(own ?? []).sorted() {
                // Bit 15: has an emission score but is not in the character's own list of candidates.
                let listed = own?.contains(state) ?? false
                rowStates.append(UInt16(state) | (listed ? 0 : 0x8000))
                rowScores.append(emissions[point]?[state] ?? HiddenMarkov.minimum)
            }
            rowStart.append(UInt32(rowStates.count))
            rowOf[point] = UInt32(row)
        }
        var section = SectionBuilder()
        section.add(UInt32(states.count))
        section.add(UInt32(points.count))
        section.add(UInt32(rowStates.count))
        section.align()
        section.add(startScores)
        section.add(transitions)
        section.add(rowScores)
        section.add(rowStart)
        section.add(rowStates)
        section.add(states.map { $0.position.utf8.first ?? 0 })
        section.add(states.map { tags.number(of: $0.tag) })
        section.align()
        section.add(rowOf)
        return section
    }

    private func cuttingModel() throws -> SectionBuilder {
        func source(_ file: String) throws -> [String: PythonLiteral] {
            var reader = PythonLiteralReader(try sources.bytes("jieba", "finalseg/\(file)"), file: file)
            let pairs = try reader.assignment(to: "P").pairs ?? []
            return Dictionary(pairs.map { ($0.0.text ?? "", $0.1) }, uniquingKeysWith: { $1 })
        }
        let letters = ["B", "M", "E", "S"]
        let start = try source("prob_start.py")
        let transitions = try source("prob_trans.py")
        let emissions = try source("prob_emit.py")
        var scores: [CodePoint: [Double]] = [:]
        for (column, letter) in letters.enumerated() {
            for (character, value) in emissions[letter]?.pairs ?? [] {
                guard let point = character.codePoints?.first, let score = value.double else { continue }
                scores[point, default: [Double](repeating: HiddenMarkov.minimum, count: 4)][column] = score
            }
        }
        let points = scores.keys.sorted()
        var section = SectionBuilder()
        section.add(UInt32(points.count))
        section.align()
        section.add(letters.map { start[$0]?.double ?? HiddenMarkov.minimum })
        for from in letters {
            let row = Dictionary(
                (transitions[from]?.pairs ?? []).map { ($0.0.text ?? "", $0.1.double) },
                uniquingKeysWith: { $1 })
            section.add(letters.map { (row[$0] ?? nil) ?? HiddenMarkov.minimum })
        }
        for point in points { section.add(scores[point] ?? []) }
        section.add(Dictionary(uniqueKeysWithValues: zip(points, UInt32(0)...)))
        return section
    }

    // MARK: pypinyin

    private func json(_ file: String) throws -> [(PythonLiteral, PythonLiteral)] {
        var reader = PythonLiteralReader(try sources.bytes("pypinyin", file), file: file)
        guard let pairs = try reader.whole().pairs else {
            throw SourceError(file: file, reason: "no dictionary")
        }
        return pairs
    }

    private mutating func singleReadings() throws -> SectionBuilder {
        var map: [CodePoint: UInt32] = [:]
        for (key, value) in try json("pinyin_dict.json") {
            guard let text = key.text, let point = CodePoint(text), let readings = value.text else {
                throw SourceError(file: "pinyin_dict.json", reason: "a code point and its readings expected")
            }
            let first = readings.split(separator: ",", omittingEmptySubsequences: false).first.map(
                String.init)
            map[point] = UInt32(syllables.syllable(first ?? "").packed)
        }
        var section = SectionBuilder()
        section.add(map)
        return section
    }

    private mutating func phraseReadings() throws -> [(String, SectionBuilder)] {
        var list: [([CodePoint], [String])] = []
        for (key, value) in try json("phrases_dict.json") {
            guard let word = key.codePoints, let readings = value.items else { continue }
            list.append((word, readings.map { $0.items?.first?.text ?? "" }))
        }
        return try readingSections("zh.phrases", list)
    }

    private mutating func corrections() throws -> [(String, SectionBuilder)] {
        var entries: [[CodePoint]: [String]] = [:]
        var lines: [String] = []
        for file in ["polyphonic.rep", "polyphonic-fix.rep"] {
            lines += try sources.lines("gpt-sovits-cpufast", "text/g2pw/\(file)")
        }
        // The one entry that upstream added after the packaged copy.
        lines.append("唑: ['zuo4']")
        for line in lines where !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else {
                throw SourceError(file: "polyphonic.rep", reason: "no colon in \(line)")
            }
            var reader = PythonLiteralReader(
                Array(line[line.index(after: colon)...].utf8), file: "polyphonic.rep")
            let readings = try reader.whole().items?.map { $0.text ?? "" } ?? []
            entries[[CodePoint](line[..<colon].trimmingCharacters(in: .whitespaces))] = readings
        }
        return try readingSections("zh.corrections", entries.map { ($0.key, $0.value) })
    }

    /// A trie whose values are offsets into a list of packed syllables, one per character.
    private mutating func readingSections(
        _ name: String, _ list: [([CodePoint], [String])]
    ) throws -> [(String, SectionBuilder)] {
        var words: [[CodePoint]: UInt32] = [:]
        var readings: [UInt16] = []
        var known: [[UInt16]: UInt32] = [:]
        for (word, spelled) in list.sorted(by: { $0.0.lexicographicallyPrecedes($1.0) }) {
            guard spelled.count == word.count, !word.isEmpty else {
                throw SourceError(file: name, reason: "\(word.string) has \(spelled.count) readings")
            }
            let packed = spelled.map { syllables.syllable($0).packed }
            let offset = known[packed] ?? UInt32(readings.count)
            if known[packed] == nil {
                known[packed] = offset
                readings += packed
            }
            words[word] = offset
        }
        var tree = SectionBuilder()
        tree.add(words: words)
        var table = SectionBuilder()
        table.add(UInt32(readings.count))
        table.add(readings)
        table.align()
        return [(name, tree), (name + ".readings", table)]
    }

    // MARK: upstream's own tables

    private func simplified() throws -> SectionBuilder {
        let file = "text/zh_normalization/char_convert.py"
        let bytes = try sources.bytes("gpt-sovits-cpufast", file)
        var reader = PythonLiteralReader(bytes, file: file)
        let to = try reader.assignment(to: "simplified_charcters").codePoints ?? []
        let from = try reader.assignment(to: "traditional_characters").codePoints ?? []
        guard to.count == from.count, !to.isEmpty else {
            throw SourceError(file: file, reason: "\(from.count) and \(to.count) characters do not pair")
        }
        var map: [CodePoint: UInt32] = [:]
        for (source, target) in zip(from, to) { map[source] = target }
        var section = SectionBuilder()
        section.add(map.filter { $0.key != $0.value })
        return section
    }

    private func neutralWords() throws -> SectionBuilder {
        let file = "text/tone_sandhi.py"
        var reader = PythonLiteralReader(try sources.bytes("gpt-sovits-cpufast", file), file: file)
        var words: [[CodePoint]: UInt32] = [:]
        for (name, value) in [("must_neural_tone_words", UInt32(1)), ("must_not_neural_tone_words", 2)] {
            for item in try reader.assignment(to: name).items ?? [] {
                guard let word = item.codePoints else { continue }
                guard words[word] == nil || words[word] == value else {
                    throw SourceError(file: file, reason: "\(word.string) is in both lists")
                }
                words[word] = value
            }
        }
        var section = SectionBuilder()
        section.add(words: words)
        return section
    }
}
