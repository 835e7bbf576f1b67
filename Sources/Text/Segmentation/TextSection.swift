/// The segmenter's language labels.
package enum SegmentLanguage: String, Sendable {
    case zh
    case ja
    case ko
    case en
    /// Some other language, or none that is certain.
    case unknown = "x"
    case digit
    case punctuation
    case newline

    /// The language of a name a request gives, nil if there is none (then every run keeps its own).
    package init?(default name: String) {
        guard let language = SegmentLanguage(rawValue: name), name.utf8.count == 2 else { return nil }
        self = language
    }
}

/// A run of a text classified as one language.
struct LanguageRun: Equatable {
    var language: SegmentLanguage
    var range: Range<Int>

    /// Length in code points.
    var count: Int { range.count }

    /// Takes in the run that follows.
    mutating func extend(by next: LanguageRun) { range = range.lowerBound..<next.range.upperBound }
}

/// A section of characters of one kind, with its language runs.
struct TextSection {
    /// Kinds of characters that are distinguished without a model.
    enum Kind {
        /// Ideographs and kana, which only a model distinguishes.
        case chineseJapanese
        case korean
        case digits
        case punctuation
        case newline
        case other
    }

    var kind: Kind
    var runs: [LanguageRun]
}

extension TextSection {
    /// Kind and range of each section of a text. Every punctuation mark and line break begins one; other whitespace
    /// and an apostrophe after a character stay in the section they are in (split_lang's `pre_split`).
    static func kinds(of text: [CodePoint]) -> [(kind: Kind, range: Range<Int>)] {
        var sections: [(kind: Kind, range: Range<Int>)] = []
        var kind = Kind.other
        var start = 0
        func begin(_ next: Kind, at index: Int) {
            if index > start { sections.append((kind, start..<index)) }
            kind = next
            start = index
        }
        for (index, point) in text.enumerated() {
            switch Script(point) {
            case .ideograph, .kana: if kind != .chineseJapanese { begin(.chineseJapanese, at: index) }
            case .hangul: if kind != .korean { begin(.korean, at: index) }
            case .other:
                if PythonUnicode.isDigit(point) {
                    if kind != .digits { begin(.digits, at: index) }
                } else if punctuation.contains(point) {
                    let isInWord =
                        point == apostrophe && index > 0 && !PythonUnicode.isSpace(text[index - 1])
                    if !isInWord { begin(.punctuation, at: index) }
                } else if point == 0x0A || point == 0x0D {
                    begin(.newline, at: index)
                } else if kind != .other, !PythonUnicode.isSpace(point) {
                    begin(.other, at: index)
                }
            }
        }
        begin(kind, at: text.count)
        return sections
    }

    private static let apostrophe: CodePoint = 0x27
    private static let punctuation = CodePointSet(
        "〜~,.;:!?，。！？；：、·([{<（【《〈「『“‘)]}>）】》〉」』”’\"-_—#$%&…￥'*+=@\\^`|")
}

/// Scripts by which a section is chosen, in the segmenter's own narrow ranges.
enum Script {
    case ideograph
    /// Kana, and 々.
    case kana
    case hangul
    case other

    @inline(__always)
    init(_ point: CodePoint) {
        switch point {
        case 0x4E00...0x9FFF: self = .ideograph
        case 0x3040...0x30FF, 0x3005: self = .kana
        case 0xAC00...0xD7AF: self = .hangul
        default: self = .other
        }
    }
}

extension [CodePoint] {
    /// True if kana or 々 are there.
    func hasKana(_ range: Range<Int>) -> Bool {
        self[range].contains { Script($0) == .kana }
    }
}
