/// The text of `POLYPHONIC_CHARS.txt` and `MONOPHONIC_CHARS.txt`, which accompany a network.
package struct PolyphoneLists: Sendable {
    let polyphonic: String
    let monophonic: String

    /// Lists read from the two files.
    package init(polyphonic: String, monophonic: String) {
        self.polyphonic = polyphonic
        self.monophonic = monophonic
    }
}

/// g2pW's lists: which characters have several readings, and the readings of characters that have one.
///
/// The network's classes and its character numbers follow from the lists, so a network needs its own lists.
package struct PolyphoneTables: Sendable {
    /// The network's classes: bopomofo syllables with a tone digit, by code point.
    package let labels: PolyphoneLabels
    /// Number of characters with several readings.
    package var characterCount: Int { rows.count }

    /// Numbers of the polyphonic characters, in the order of their code points.
    private let numbers: [CodePoint: Int]
    /// Numbers of the labels each can have.
    private let rows: [[Int]]
    private let monophones: [CodePoint: Syllable]
    private let syllableOfLabel: [Syllable]
    /// Whether the syllable of each label has phonemes.
    private let hasPhonemes: [Bool]
    /// For each polyphonic character, the first of its readings that has phonemes.
    private let firstReadings: [Syllable]

    /// The lists of the pack, which are those of g2pW's published model.
    package init(_ lexicon: Lexicon, _ chinese: ChineseLexicon) throws(TextError) {
        var section = try lexicon.section("zh.polyphones")
        let labels = try section.strings()
        let characters = try section.count()
        let cells = try section.count()
        let rowStart = try section.array(UInt32.self, count: characters + 1)
        let rowLabels = try section.array(UInt16.self, count: cells)
        try section.align()
        let characterID = try PagedMap(&section)
        let monophone = try PagedMap(&section)
        var numbers: [CodePoint: Int] = [:]
        var rows = [[Int]](repeating: [], count: characters)
        var monophones: [CodePoint: Syllable] = [:]
        for point in CodePoint(0)..<0x11_0000 {
            let number = Int(characterID[point])
            if number < characters {
                numbers[point] = number
                let start = Int(rowStart[number])
                let row = start..<max(start, Int(rowStart[number + 1]))
                rows[number] = row.clamped(to: 0..<cells).map { Int(rowLabels[$0]) }
            }
            if monophone[point] != PackFormat.none {
                monophones[point] = Syllable(packed: UInt16(truncatingIfNeeded: monophone[point]))
            }
        }
        self.init(labels: labels, numbers: numbers, rows: rows, monophones: monophones, chinese)
    }

    /// Lists as g2pW's own files have them: lines of a character, a tab and a bopomofo syllable.
    /// - Throws: `badPolyphones` for a line of another form.
    package init(_ lists: PolyphoneLists, _ chinese: ChineseLexicon) throws(TextError) {
        let pairs = try Self.lines(lists.polyphonic)
        let labels = Set(pairs.map(\.label)).sorted {
            $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
        }
        let numberOfLabel = Dictionary(uniqueKeysWithValues: zip(labels, 0...))
        let characters = Set(pairs.map(\.character)).sorted()
        let numbers = Dictionary(uniqueKeysWithValues: zip(characters, 0...))
        var rows = [[Int]](repeating: [], count: characters.count)
        for (character, label) in pairs {
            if let number = numbers[character], let label = numberOfLabel[label] {
                rows[number].append(label)
            }
        }
        var monophones: [CodePoint: Syllable] = [:]
        for (character, label) in try Self.lines(lists.monophonic) {
            monophones[character] = Self.syllable(label, chinese)
        }
        self.init(labels: labels, numbers: numbers, rows: rows, monophones: monophones, chinese)
    }

    private init(
        labels: [String], numbers: [CodePoint: Int], rows: [[Int]], monophones: [CodePoint: Syllable],
        _ chinese: ChineseLexicon
    ) {
        self.labels = PolyphoneLabels(all: labels)
        self.numbers = numbers
        self.rows = rows
        self.monophones = monophones
        let syllables = labels.map { Self.syllable($0, chinese) }
        syllableOfLabel = syllables
        hasPhonemes = syllables.map { chinese.syllables.phones($0) != nil }
        firstReadings = rows.map { row in
            let readings = row.map { syllables.indices.contains($0) ? syllables[$0] : .unknown }
            return readings.first { chinese.syllables.phones($0) != nil } ?? .unknown
        }
    }

    private static func syllable(_ label: String, _ chinese: ChineseLexicon) -> Syllable {
        Bopomofo.parts(label).map(chinese.syllables.syllable) ?? .unknown
    }

    private static func lines(_ text: String) throws(TextError) -> [(character: CodePoint, label: String)] {
        var pairs: [(character: CodePoint, label: String)] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let fields = line.split(separator: "\t")
            guard fields.count == 2, fields[0].unicodeScalars.count == 1,
                let point = fields[0].unicodeScalars.first
            else { throw .badPolyphones(line: String(line.prefix(80))) }
            pairs.append((point.value, String(fields[1])))
        }
        return pairs
    }

    /// The number of a polyphonic character.
    func number(of point: CodePoint) -> Int? { numbers[point] }

    /// Labels that a character can have.
    func labels(of number: Int) -> [Int] { rows[number] }

    /// A reading that a polyphonic character can have: the first that has phonemes, `unknown` if none has.
    func firstReading(of number: Int) -> Syllable { firstReadings[number] }

    /// The reading of a character that has one.
    func monophone(_ point: CodePoint) -> Syllable? { monophones[point] }

    /// The syllable of a label.
    func syllable(ofLabel label: Int) -> Syllable {
        syllableOfLabel.indices.contains(label) ? syllableOfLabel[label] : .unknown
    }

    /// The reading of a polyphonic character by the label that the network chose. A few labels have no phonemes;
    /// `firstReading` replaces them, so that a text that was analyzed can be phonemized.
    func reading(of number: Int, label: Int) -> Syllable {
        hasPhonemes.indices.contains(label) && hasPhonemes[label]
            ? syllableOfLabel[label] : firstReading(of: number)
    }
}
