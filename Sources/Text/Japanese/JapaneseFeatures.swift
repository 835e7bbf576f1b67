/// What the dictionary knows about its morphemes, as records of bytes:
///
/// ```
/// part of speech (number), chain rule (number)
/// parts (low 4 bits; 0: a symbol), joins the phrase in front (2 bits: 1 no, 2 yes), has spellings (highest bit)
/// per part: accent, moras (highest bit: native counter), spelling if there are any, pronunciation
/// ```
/// A text is its length and a byte per character out of an alphabet; 255 precedes a character outside it, in
/// three bytes.
package struct JapaneseFeatures: Sendable {
    package static let escape: UInt8 = 255

    private let bytes: PackArray<UInt8>
    private let alphabet: [CodePoint]
    private let partsOfSpeech: [PartOfSpeech]
    /// Effect of each rule after each word class.
    private let chainRules: [ChainRule]

    /// Reads the section: parts of speech; number of rules and their effects; alphabet; records.
    init(_ reader: inout PackReader) throws(TextError) {
        let classes = try reader.array(UInt32.self, count: try reader.count())
        partsOfSpeech = (0..<classes.count).map { PartOfSpeech(packed: classes[$0]) }
        let names = PartOfSpeech.Name.allCases.count
        let rules = try reader.array(UInt8.self, count: try reader.count() * names * 2)
        chainRules = stride(from: 0, to: rules.count, by: 2).map {
            ChainRule(
                kind: ChainRule.Kind(rawValue: rules[$0]) ?? .none,
                shift: Int(Int8(bitPattern: rules[$0 + 1])))
        }
        try reader.align()
        let points = try reader.array(UInt32.self, count: try reader.count())
        alphabet = (0..<min(points.count, 255)).map { points[$0] }
        bytes = try reader.array(UInt8.self, count: try reader.count())
    }

    /// What a rule changes after a word of a class.
    func effect(of rule: UInt8, behind name: PartOfSpeech.Name) -> ChainRule {
        let index = Int(rule) * PartOfSpeech.Name.allCases.count + Int(name.rawValue)
        return index < chainRules.count ? chainRules[index] : ChainRule(kind: .none, shift: 0)
    }

    /// Appends the words of a record.
    /// - Parameters:
    ///   - record: where it begins.
    ///   - string: as the text writes it, for records without a spelling of their own.
    func append(_ record: UInt32, as string: ArraySlice<CodePoint>, to words: inout [JapaneseWord]) {
        var position = Int(record)
        func byte() -> Int {
            defer { position += 1 }
            return Int(bytes[position])
        }
        func text() -> [CodePoint] {
            let count = byte()
            var text: [CodePoint] = []
            text.reserveCapacity(count)
            for _ in 0..<count {
                let code = byte()
                if code < alphabet.count {
                    text.append(alphabet[code])
                } else {
                    text.append(CodePoint(byte()) | CodePoint(byte()) << 8 | CodePoint(byte()) << 16)
                }
            }
            return text
        }
        let kind = byte()
        let partOfSpeech = kind < partsOfSpeech.count ? partsOfSpeech[kind] : PartOfSpeech(name: .other)
        let rule = UInt8(byte())
        let shape = byte()
        let joins: Bool? = shape & 0x20 != 0 ? true : shape & 0x10 != 0 ? false : nil
        guard shape & 0xF > 0 else {
            words.append(
                JapaneseWord(
                    string: Array(string), partOfSpeech: partOfSpeech, pronunciation: [], accent: 0,
                    moraCount: 0, chainRule: rule, joinsPrevious: joins))
            return
        }
        for part in 0..<shape & 0xF {
            let accent = byte()
            let moras = byte()
            let spelling = shape & 0x80 != 0 ? text() : Array(string)
            words.append(
                JapaneseWord(
                    string: spelling, partOfSpeech: partOfSpeech, pronunciation: text(), accent: accent,
                    moraCount: moras & 0x7F, chainRule: rule, joinsPrevious: part > 0 ? false : joins,
                    isNativeCounter: moras & 0x80 != 0))
        }
    }

    /// The one word of a record that has a spelling.
    func word(_ record: UInt32) -> JapaneseWord? {
        var words: [JapaneseWord] = []
        append(record, as: [], to: &words)
        return words.first
    }
}
