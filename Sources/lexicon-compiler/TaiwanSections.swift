import Text

/// Tables of the g2pW path: simplified to Taiwan traditional, and the characters with several readings.
struct TaiwanSections {
    private static let package = "gpt-sovits-cpufast"
    let sources: SourceFolder

    /// Sections `zh.taiwan.phrases`, `zh.taiwan`, `zh.polyphones`.
    func compile(_ syllables: inout SyllableRegistry) throws -> [(String, SectionBuilder)] {
        try conversion() + [("zh.polyphones", polyphones(&syllables))]
    }

    /// Key, and the first of its values.
    private func table(_ file: String) throws -> [([CodePoint], [CodePoint])] {
        try sources.lines(Self.package, "text/opencc_s2tw_assets/\(file)").filter { !$0.isEmpty }.map {
            line in
            let fields = line.split(separator: "\t")
            guard fields.count == 2, let value = fields[1].split(separator: " ").first else {
                throw SourceError(file: file, reason: "bad line \(line)")
            }
            return ([CodePoint](String(fields[0])), [CodePoint](String(value)))
        }
    }

    private func characterTable(_ file: String) throws -> [CodePoint: CodePoint] {
        var map: [CodePoint: CodePoint] = [:]
        for (key, value) in try table(file) {
            guard key.count == 1, value.count == 1 else {
                throw SourceError(file: file, reason: "\(key.string) is no single character")
            }
            map[key[0]] = value[0]
        }
        return map
    }

    /// OpenCC converts to traditional and then to the Taiwan variants; both steps are joined here.
    private func conversion() throws -> [(String, SectionBuilder)] {
        let variants = try characterTable("TWVariants.txt")
        var characters = try characterTable("STCharacters.txt").mapValues { variants[$0] ?? $0 }
        for (key, value) in variants where characters[key] == nil { characters[key] = value }
        var words: [[CodePoint]: UInt32] = [:]
        var offsets: [UInt32] = []
        var text: [UInt32] = []
        for (key, value) in try table("STPhrases.txt") {
            words[key] = UInt32(offsets.count)
            offsets.append(UInt32(text.count))
            text += value.map { variants[$0] ?? $0 }
        }
        offsets.append(UInt32(text.count))
        var tree = SectionBuilder()
        tree.add(words: words)
        var section = SectionBuilder()
        section.add(UInt32(offsets.count - 1))
        section.add(UInt32(text.count))
        section.add(offsets)
        section.add(text)
        section.align()
        section.add(characters)
        return [("zh.taiwan.phrases", tree), ("zh.taiwan", section)]
    }

    private func characterLabels(_ file: String) throws -> [(CodePoint, String)] {
        try sources.lines(Self.package, "text/G2PWModel/\(file)").filter { !$0.isEmpty }.map { line in
            let fields = line.split(separator: "\t")
            guard fields.count == 2, let point = fields[0].unicodeScalars.first else {
                throw SourceError(file: file, reason: "bad line \(line)")
            }
            return (point.value, String(fields[1]))
        }
    }

    private func polyphones(_ syllables: inout SyllableRegistry) throws -> SectionBuilder {
        let listed = try characterLabels("POLYPHONIC_CHARS.txt")
        // Python sorts strings by code point, as Swift's scalar views do.
        let labels = Set(listed.map(\.1)).sorted {
            $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
        }
        let numberOfLabel = Dictionary(uniqueKeysWithValues: zip(labels, UInt16(0)...))
        var labelsOf: [CodePoint: [UInt16]] = [:]
        for (point, label) in listed { labelsOf[point, default: []].append(numberOfLabel[label] ?? .max) }
        let characters = labelsOf.keys.sorted()
        var rowStart: [UInt32] = [0]
        var rowLabels: [UInt16] = []
        for point in characters {
            rowLabels += labelsOf[point] ?? []
            rowStart.append(UInt32(rowLabels.count))
        }
        var monophones: [CodePoint: UInt32] = [:]
        for (point, label) in try characterLabels("MONOPHONIC_CHARS.txt") {
            let syllable = Bopomofo.parts(label).map { syllables.syllable($0) } ?? .unknown
            monophones[point] = UInt32(syllable.packed)
        }
        for label in labels { _ = Bopomofo.parts(label).map { syllables.syllable($0) } }

        var section = SectionBuilder()
        section.add(labels)
        section.add(UInt32(characters.count))
        section.add(UInt32(rowLabels.count))
        section.add(rowStart)
        section.add(rowLabels)
        section.align()
        section.add(Dictionary(uniqueKeysWithValues: zip(characters, UInt32(0)...)))
        section.add(monophones)
        return section
    }
}
