/// Annotates a text's morphemes for the rules: `/B` after a counting noun, `/J` after the particle 의,
/// `/E` after an ending in ᆯ, `/P` after a stem in ᆫ, ᆷ or a cluster (g2pk2's `annotate`).
struct KoreanAnnotation: Sendable {
    private let dictionary: MorphemeDictionary

    init(_ dictionary: MorphemeDictionary) {
        self.dictionary = dictionary
    }

    private static let space: CodePoint = 0x20
    private static let possessive: CodePoint = 0xC758  // 의
    private static let rieul: CodePoint = 0x11AF
    private static let stemCodas: [CodePoint] = [0x11AB, 0x11AC, 0x11B7, 0x11B1, 0x11B0, 0x11B2, 0x11B4]

    /// The annotated text. The text is returned unchanged where morphemes and text would not align: with whitespace
    /// other than U+0020, and with U+0000, where MeCab stops.
    func annotated(_ text: [CodePoint]) -> [CodePoint] {
        let space = dictionary.categories.space
        for point in text where point != Self.space {
            if point == 0 || space.isKind(of: dictionary.categories[point]) { return text }
        }
        let morphemes = MorphemeLattice.morphemes(of: text, dictionary)
        let read = morphemes.reduce(0) { $0 + $1.range.count }
        guard read == text.count(where: { $0 != Self.space }) else { return text }

        var result: [CodePoint] = []
        result.reserveCapacity(text.count + morphemes.count)
        var copied = 0
        for morpheme in morphemes {
            guard let last = text[morpheme.range].last, let mark = mark(morpheme.feature, last) else {
                continue
            }
            result += text[copied..<morpheme.range.upperBound]
            result.append(0x2F)
            result.append(mark)
            copied = morpheme.range.upperBound
        }
        result += text[copied...]
        return result
    }

    /// The letter of a morpheme that ends in a character, nil for those that need none.
    private func mark(_ feature: UInt32, _ last: CodePoint) -> CodePoint? {
        switch KoreanLexicon.Kind(rawValue: feature) {
        case .counter: 0x42
        case .particle: last == Self.possessive ? 0x4A : nil
        case .ending: HangulJamo.last(of: last) == Self.rieul ? 0x45 : nil
        case .stem: Self.stemCodas.contains(HangulJamo.last(of: last)) ? 0x50 : nil
        default: nil
        }
    }
}
