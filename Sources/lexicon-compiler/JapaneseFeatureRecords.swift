import Text

/// Turns the dictionary's columns into the records `JapaneseFeatures` reads, each kept once.
struct JapaneseFeatureRecords {
    private struct Key: Hashable { let bytes: [UInt8] }

    private static let file = "naist-jdic"
    private var bytes: [UInt8] = []
    private var offsets: [[UInt8]: UInt32] = [:]
    private var classes = Numbering<UInt32>()
    private var rules = Numbering<[UInt8]>()
    private let alphabet: [CodePoint]
    private let codes: [CodePoint: UInt8]
    /// Counters with the reading that makes them native ones.
    private let nativeCounters: Set<[[UInt8]]>

    /// - Parameters:
    ///   - alphabet: the characters that take a byte, at most 255.
    ///   - nativeCounters: pairs of a counter and its reading.
    init(alphabet: [CodePoint], nativeCounters: [(String, String)]) throws {
        self.alphabet = Array(alphabet.prefix(Int(JapaneseFeatures.escape)))
        codes = Dictionary(uniqueKeysWithValues: zip(self.alphabet, UInt8(0)...))
        self.nativeCounters = Set(nativeCounters.map { [Array($0.0.utf8), Array($0.1.utf8)] })
        _ = try rules.number(of: Array("*".utf8))
    }

    /// The offset of the record of a dictionary entry.
    /// - Parameters:
    ///   - surface: as written; nil for a category of unknown words.
    ///   - columns: part of speech and three subclasses, type and form of conjugation, base form, reading,
    ///     pronunciation, accents, chain rule, and whether it joins.
    ///   - keepsSpelling: true for words that are not in the text.
    mutating func place(
        surface: ArraySlice<UInt8>?, columns: [ArraySlice<UInt8>], keepsSpelling: Bool = false
    ) throws -> UInt32 {
        func column(_ index: Int) -> ArraySlice<UInt8> { index < columns.count ? columns[index] : [] }
        func string(_ index: Int) -> String { String(decoding: column(index), as: UTF8.self) }
        guard
            let partOfSpeech = PartOfSpeech(
                label: string(0), groups: [string(1), string(2), string(3)], form: string(5))
        else { throw SourceError(file: Self.file, reason: "no class of words \(string(0))") }
        var record = [try classes.number(of: partOfSpeech.packed)]
        let rule = column(10)
        record.append(try rules.number(of: rule.isEmpty ? Array("*".utf8) : Array(rule)))

        let accents = column(9)
        let isSymbol = accents.contains(UInt8(ascii: "*")) || !accents.contains(UInt8(ascii: "/"))
        let count = isSymbol ? 0 : accents.count { $0 == UInt8(ascii: "/") }
        var shape = UInt8(count)
        guard count < 16 else { throw SourceError(file: Self.file, reason: "\(count) parts in \(string(6))") }
        switch string(11) {
        case "0": shape |= 0x10
        case "1": shape |= 0x20
        default: break
        }
        if keepsSpelling || count > 1 { shape |= 0x80 }
        record.append(shape)
        if count > 0 {
            for part in try parts(surface: surface ?? [], columns: columns, count: count) {
                let isNative = nativeCounters.contains([Array(part.spelling), Array(part.reading)])
                record += [part.accent, part.moras | (isNative ? 0x80 : 0)]
                if shape & 0x80 != 0 { record += try text(part.spelling) }
                let isSilent = part.pronunciation.elementsEqual("*".utf8)
                record += try text(isSilent ? [] : part.pronunciation)
            }
        }
        if let known = offsets[record] { return known }
        let offset = UInt32(bytes.count)
        bytes += record
        offsets[record] = offset
        return offset
    }

    private struct Part {
        let spelling: ArraySlice<UInt8>
        let reading: ArraySlice<UInt8>
        let pronunciation: ArraySlice<UInt8>
        let accent: UInt8
        let moras: UInt8
    }

    /// The words an entry consists of. Of several, the base forms are the spellings of all but the last, which is
    /// written with what they leave of the surface.
    private func parts(surface: ArraySlice<UInt8>, columns: [ArraySlice<UInt8>], count: Int) throws -> [Part]
    {
        let accents = columns[9].splitEverywhere(at: UInt8(ascii: ":"))
        let base = columns[6].splitEverywhere(at: UInt8(ascii: ":"))
        let reading = columns[7].splitEverywhere(at: UInt8(ascii: ":"))
        let pronunciation = columns[8].splitEverywhere(at: UInt8(ascii: ":"))
        if count == 1 {
            let numbers = columns[9].splitEverywhere(at: UInt8(ascii: "/"))
            return [
                Part(
                    spelling: surface, reading: columns[7], pronunciation: columns[8],
                    accent: try number(numbers[0]),
                    moras: try number(numbers[1].splitEverywhere(at: UInt8(ascii: ":"))[0]))
            ]
        }
        guard accents.count == count else {
            throw SourceError(
                file: Self.file, reason: "accents of \(String(decoding: surface, as: UTF8.self))")
        }
        var rest = surface
        return try (0..<count).map { index in
            func part(_ list: [ArraySlice<UInt8>]) -> ArraySlice<UInt8> {
                index < list.count ? list[index] : []
            }
            let spelling = index + 1 < count ? part(base) : rest
            guard spelling.count <= rest.count else {
                throw SourceError(
                    file: Self.file, reason: "parts of \(String(decoding: surface, as: UTF8.self))")
            }
            rest = rest.dropFirst(spelling.count)
            let numbers = accents[index].splitEverywhere(at: UInt8(ascii: "/"))
            return Part(
                spelling: spelling, reading: part(reading), pronunciation: part(pronunciation),
                accent: try number(numbers[0]), moras: numbers.count > 1 ? try number(numbers[1]) : 0)
        }
    }

    /// C's `atoi`, negative numbers as 0.
    private func number(_ text: ArraySlice<UInt8>) throws -> UInt8 {
        var value = 0
        for byte in text {
            guard (0x30...0x39).contains(byte) else { break }
            value = value * 10 + Int(byte - 0x30)
            guard value < 128 else { throw SourceError(file: Self.file, reason: "a word of \(value) moras") }
        }
        return UInt8(value)
    }

    private func text(_ text: ArraySlice<UInt8>) throws -> [UInt8] {
        let points = [CodePoint](String(decoding: text, as: UTF8.self))
        guard points.count < 256 else {
            throw SourceError(file: Self.file, reason: "a word of \(points.count) letters")
        }
        var record = [UInt8(points.count)]
        for point in points {
            if let code = codes[point] {
                record.append(code)
            } else {
                record +=
                    [JapaneseFeatures.escape] + (0..<3).map { UInt8(truncatingIfNeeded: point >> ($0 * 8)) }
            }
        }
        return record
    }

    /// The section: parts of speech; number of rules and their effects; alphabet; records.
    var section: SectionBuilder {
        var section = SectionBuilder()
        section.add(UInt32(classes.items.count))
        section.add(classes.items)
        section.add(UInt32(rules.items.count))
        for rule in rules.items {
            for name in PartOfSpeech.Name.allCases {
                let effect = ChainRule(String(decoding: rule, as: UTF8.self), behind: name)
                section.add([effect.kind.rawValue, UInt8(bitPattern: Int8(clamping: effect.shift))])
            }
        }
        section.align()
        section.add(UInt32(alphabet.count))
        section.add(alphabet)
        section.add(UInt32(bytes.count))
        section.add(bytes)
        return section
    }
}

/// Numbers different items from 0 on, up to 255.
private struct Numbering<Item: Hashable> {
    private(set) var items: [Item] = []
    private var numbers: [Item: UInt8] = [:]

    mutating func number(of item: Item) throws -> UInt8 {
        if let known = numbers[item] { return known }
        guard items.count < 255 else { throw SourceError(file: "naist-jdic", reason: "more than 255 kinds") }
        let number = UInt8(items.count)
        items.append(item)
        numbers[item] = number
        return number
    }
}

extension ArraySlice where Element == UInt8 {
    /// Parts between delimiters, empty ones included.
    func splitEverywhere(at delimiter: UInt8) -> [ArraySlice<UInt8>] {
        split(separator: delimiter, omittingEmptySubsequences: false)
    }
}
