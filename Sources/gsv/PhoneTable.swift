import Text

/// A prepared sentence for people: each segment with its language, its text, what that was normalised to, and its
/// phones — under the characters they come from where the language tells.
struct PhoneTable {
    private let sentence: PhonemizedSentence
    private let symbols: SymbolTable
    private static let width = 100
    private static let indent = "            "

    init(_ sentence: PhonemizedSentence, version: SymbolVersion) {
        self.sentence = sentence
        symbols = SymbolTable.table(version)
    }

    /// The lines of the table.
    var lines: [String] {
        let segments = sentence.segments.enumerated().flatMap { number, segment in
            [
                field("\(number + 1)", segment.language, Self.visible(segment.text)),
                field("", "norm", Self.visible(segment.normalizedText)),
            ] + phones(of: segment)
        }
        let counts = "\(sentence.segments.count) segments, \(sentence.phonemes.count) phones"
        return segments + [counts]
    }

    private func field(_ number: String, _ name: String, _ value: String) -> String {
        let head = Self.padded(number, 3) + Self.padded(name, Self.indent.count - 3)
        return head + value
    }

    private func phones(of segment: PhonemizedSegment) -> [String] {
        var lines = [""]
        for group in groups(of: segment) {
            let line = lines[lines.count - 1]
            if line.isEmpty {
                lines[lines.count - 1] = group
            } else if Self.columns(line) + Self.columns(group) + 3 <= Self.width {
                lines[lines.count - 1] = line + "  " + group
            } else {
                lines.append(group)
            }
        }
        return lines.enumerated().map { number, line in
            number == 0 ? field("", "phones", line) : Self.indent + line
        }
    }

    /// A character and its phones, or single phones where nothing says which character they are of.
    private func groups(of segment: PhonemizedSegment) -> [String] {
        let names = segment.phonemes.map(symbols.symbol)
        guard let counts = segment.wordToPhone else { return names }
        var position = 0
        return zip(segment.normalizedText.unicodeScalars, counts).map { character, count in
            let end = min(position + max(count, 0), names.count)
            defer { position = end }
            return "\(character)[\(names[position..<end].joined(separator: " "))]"
        }
    }

    /// Line breaks and other characters that would break a line of the table, spelled out.
    private static func visible(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.utf8.count))
    }

    /// Columns of a terminal: East Asian characters take two.
    private static func columns(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x2E80 && $1.value < 0xFFE0 ? 2 : 1) }
    }
}
