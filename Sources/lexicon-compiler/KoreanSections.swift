import Text

/// Compiles the Korean sections of the pack. `KoreanLexicon` reads what is written here.
struct KoreanSections {
    private static let dictionary = "python-mecab-ko-dic"
    private static let rules = "g2pk2"
    private let sources: SourceFolder

    init(sources: SourceFolder) {
        self.sources = sources
    }

    /// Adds every section.
    func compile(into pack: inout PackWriter) throws {
        try morphemes(into: &pack)
        pack.add("ko.idioms", try idioms())
        pack.add("ko.table", try table())
    }

    // MARK: mecab-ko-dic

    private func morphemes(into pack: inout PackWriter) throws {
        let penalties = try leftSpacePenalties()
        var sections = MorphologySections()
        func context(_ entry: MeCabDictionary.Entry) -> MorphologySections.Context {
            MorphologySections.Context(
                left: entry.left, right: entry.right, leftSpacePenalty: penalties[entry.posID] ?? 0)
        }
        func kind(_ entry: MeCabDictionary.Entry) -> UInt32 {
            let tag = String(decoding: entry.feature.prefix { $0 != UInt8(ascii: ",") }, as: UTF8.self)
            return KoreanLexicon.Kind(tag: tag).rawValue
        }
        func file(_ name: String) throws -> [UInt8] {
            try sources.bytes(Self.dictionary, "dictionary/\(name)")
        }
        try MeCabDictionary(file("sys.dic"), file: "sys.dic").forEachEntry { entry in
            try sections.add(
                [CodePoint](String(decoding: entry.surface, as: UTF8.self)), context(entry), cost: entry.cost,
                feature: kind(entry))
        }
        try MeCabDictionary(file("unk.dic"), file: "unk.dic").forEachEntry { entry in
            try sections.add(
                unknown: String(decoding: entry.surface, as: UTF8.self), context(entry), cost: entry.cost,
                feature: kind(entry))
        }
        try sections.compile(
            language: "ko", characters: MeCabCharacters(file("char.bin"), file: "char.bin"),
            matrix: file("matrix.bin"), into: &pack)
    }

    /// Cost of whitespace before a morpheme, by the number of its part of speech (mecab-ko's own setting).
    private func leftSpacePenalties() throws -> [UInt16: Int16] {
        let name = "left-space-penalty-factor"
        for line in try sources.lines(Self.dictionary, "dictionary/dicrc") where line.hasPrefix(name) {
            let fields = line.drop { $0 != "=" }.dropFirst().split(separator: ",")
            let numbers = fields.compactMap { Int16($0.filter { $0 != " " }) }
            guard numbers.count == fields.count, numbers.count % 2 == 0 else { break }
            return Dictionary(
                stride(from: 0, to: numbers.count, by: 2).map { (UInt16(numbers[$0]), numbers[$0 + 1]) },
                uniquingKeysWith: { first, _ in first })
        }
        throw SourceError(file: "dicrc", reason: "no pairs of numbers for \(name)")
    }

    // MARK: g2pk2

    /// Characters with a meaning in a regular expression; upstream's idioms have none, and none may have.
    private static let special = CodePointSet("\\^$.|?*+()[]{}")

    private func idioms() throws -> SectionBuilder {
        var written: [String] = []
        var read: [String] = []
        for line in try sources.lines(Self.rules, "idioms.txt") {
            let rule = [CodePoint](line).prefix { $0 != 0x23 }.stripped  // up to #
            guard
                let middle = rule.indices.first(where: { Array(rule[$0...].prefix(3)) == [0x3D, 0x3D, 0x3D] })
            else { continue }
            let (from, to) = (rule[..<middle], rule[(middle + 3)...])
            guard !from.isEmpty, !rule.contains(where: Self.special.contains) else {
                throw SourceError(file: "idioms.txt", reason: "no plain words in \(line)")
            }
            written.append(String(codePoints: from))
            read.append(String(codePoints: to))
        }
        var section = SectionBuilder()
        section.add(written)
        section.add(read)
        return section
    }

    /// The table: a row per final consonant, a column per initial (a space may be between them), the last for words'
    /// ends.
    private func table() throws -> SectionBuilder {
        func error(_ reason: String) -> SourceError { SourceError(file: "table.csv", reason: reason) }
        let lines = try sources.lines(Self.rules, "table.csv").filter { !$0.isEmpty }
        let header = (lines.first ?? "").split(separator: ",", omittingEmptySubsequences: false).map(
            String.init)
        guard header.count > 2, header.last == "(\\W|$)" else { throw error("no column for words' ends") }
        let onsets = try header.dropFirst().dropLast().map { column in
            let points = [CodePoint](column)
            guard points.dropLast() == [CodePoint]("( ?)")[...], let onset = points.last,
                HangulJamo.onsets.contains(onset)
            else { throw error("column \(column) is no initial") }
            return [onset].string
        }
        var codas: [String] = []
        var cells: [String] = []
        for line in lines.dropFirst() {
            let row = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard row.count >= header.count, let coda = row.first, [CodePoint](coda).count == 1 else {
                throw error("\(row.count) columns in \(line)")
            }
            codas.append(coda)
            cells += try row[1..<header.count].map { cell in
                // What follows "(" is a list of rule numbers (or, in two cells, other text).
                let points = [CodePoint](cell).prefix { $0 != 0x28 }
                let result = Array(points).replacing([0x5C, 0x31], with: [CodaTable.between])  // \1
                guard !result.contains(where: Self.special.contains) else { throw error("cell \(cell)") }
                return result.string
            }
        }
        var section = SectionBuilder()
        section.add(codas)
        section.add(onsets)
        section.add(cells)
        return section
    }
}
