/// Sound changes of a final consonant and the initial after it: g2pk2's table, then its linking rules.
///
/// The table is applied row by row and, in a row, column by column, each over the whole text; a space between the two
/// consonants stays. The last column is the end of a word: any character that is neither letter nor digit, or the
/// text's end.
package struct CodaTable: Sendable {
    /// Placeholder in a cell for the space, or the character after the word.
    package static let between: CodePoint = 0x01

    private let codas: [CodePoint]
    /// Column of an initial, by its offset from ᄀ; the last column is the end of a word.
    private let columns: [Int?]
    private let columnCount: Int
    /// By row and column; nil for an empty cell.
    private let cells: [[CodePoint]?]

    /// Reads `ko.table`: codas, onsets, and the cells by row.
    init(_ reader: inout PackReader) throws(TextError) {
        let codas = try reader.strings().flatMap { [CodePoint]($0) }
        let onsets = try reader.strings().flatMap { [CodePoint]($0) }
        let cells = try reader.strings()
        columnCount = onsets.count + 1
        guard cells.count == codas.count * columnCount, columnCount < 32 else {
            throw reader.damaged("\(cells.count) cells for \(codas.count) codas and \(onsets.count) onsets")
        }
        self.codas = codas
        columns = HangulJamo.onsets.map { onsets.firstIndex(of: $0) }
        self.cells = cells.map { $0.isEmpty ? nil : [CodePoint]($0) }
    }

    /// Applies all rows.
    func apply(to text: inout [CodePoint]) {
        for row in codas.indices {
            var done = 0
            var found = columnsPresent(codas[row], text)
            while done < columnCount {
                let column = done
                done += 1
                guard found & (1 << UInt32(column)) != 0, let cell = cells[row * columnCount + column] else {
                    continue
                }
                replace(codas[row], column, with: cell, in: &text)
                found = columnsPresent(codas[row], text)
            }
        }
    }

    /// The columns with a match in the text, as bits.
    private func columnsPresent(_ coda: CodePoint, _ text: [CodePoint]) -> UInt32 {
        var found: UInt32 = 0
        for index in text.indices where text[index] == coda {
            if let column = columnOfOnset(text, index + 1) { found |= 1 << UInt32(column) }
            if endsWord(text, index + 1) { found |= 1 << UInt32(columnCount - 1) }
        }
        return found
    }

    /// Column of the initial at an index, or after a space there.
    private func columnOfOnset(_ text: [CodePoint], _ index: Int) -> Int? {
        var index = index
        if index < text.count, text[index] == 0x20 { index += 1 }
        guard index < text.count, HangulJamo.onsets.contains(text[index]) else { return nil }
        return columns[Int(text[index] - HangulJamo.onsets.lowerBound)]
    }

    private func endsWord(_ text: [CodePoint], _ index: Int) -> Bool {
        index >= text.count || !PythonUnicode.isWord(text[index])
    }

    private func replace(_ coda: CodePoint, _ column: Int, with cell: [CodePoint], in text: inout [CodePoint])
    {
        var output: [CodePoint] = []
        output.reserveCapacity(text.count + 8)
        var index = 0
        while index < text.count {
            let point = text[index]
            index += 1
            guard point == coda else {
                output.append(point)
                continue
            }
            let between: CodePoint?
            if column == columnCount - 1, endsWord(text, index) {
                between = index < text.count ? text[index] : nil
                index += between == nil ? 0 : 1
            } else if column < columnCount - 1, columnOfOnset(text, index) == column {
                between = text[index] == 0x20 ? 0x20 : nil
                index += between == nil ? 1 : 2
            } else {
                output.append(point)
                continue
            }
            for piece in cell {
                if piece != Self.between {
                    output.append(piece)
                } else if let between {
                    output.append(between)
                }
            }
        }
        text = output
    }

    // MARK: Linking

    /// Moves a final consonant to a ᄋ that follows immediately (linking).
    static func link(_ text: inout [CodePoint]) {
        var output: [CodePoint] = []
        output.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            let point = text[index]
            var next = index + 1
            // ᇂ is dropped before the rules for ᆭ and ᆶ, so two of three consonants can be lost.
            if point == 0x11AD || point == 0x11B6, next + 1 < text.count, text[next] == 0x11C2 { next += 1 }
            if HangulJamo.codas.contains(point), next < text.count,
                text[next] == HangulJamo.silentOnset,
                let linked = linked[Int(point - HangulJamo.codas.lowerBound)]
            {
                output += linked
                index = next + 1
            } else {
                output.append(point)
                index += 1
            }
        }
        text = output
    }

    /// Result for a final consonant and ᄋ, by the consonant's offset from ᆨ; nil for ᆼ.
    private static let linked: [[CodePoint]?] = [
        [0x1100], [0x1101], [0x11A8, 0x110A], [0x1102], [0x11AB, 0x110C], [0x1102], [0x1103], [0x1105],
        [0x11AF, 0x1100], [0x11AF, 0x1106], [0x11AF, 0x1107], [0x11AF, 0x110A], [0x11AF, 0x1110],
        [0x11AF, 0x1111], [0x1105], [0x1106], [0x1107], [0x11B8, 0x110A], [0x1109], [0x110A], nil,
        [0x110C], [0x110E], [0x110F], [0x1110], [0x1111], [0x110B],  // ᆽ … ᇂ
    ]
}
