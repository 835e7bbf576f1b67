/// Constants of jieba's hidden Markov models.
package enum HiddenMarkov {
    /// Score of what was never seen. Sums of it stay finite, so they keep an order among themselves.
    package static let minimum = -3.14e100
}

/// jieba's cutting model over the states B, M, E, S (begin, middle, end of a word, single character).
package struct CuttingModel: Sendable {
    private let start: PackDoubles
    private let transition: PackDoubles
    private let emission: PackDoubles
    private let rowOf: PagedMap

    init(_ reader: inout PackReader) throws(TextError) {
        let rows = try reader.count()
        try reader.align()
        start = try reader.doubles(count: 4)
        transition = try reader.doubles(count: 16)
        emission = try reader.doubles(count: rows * 4)
        rowOf = try PagedMap(&reader)
    }

    private static let (b, m, e, s) = (0, 1, 2, 3)
    /// The two states each state can follow, in the order they are tried.
    private static let before = [[e, s], [m, b], [b, m], [s, e]]
    /// Letter of each state: of two impossible predecessors the larger letter is taken.
    private static let letter: [Character] = ["B", "M", "E", "S"]

    private func emission(_ point: CodePoint, _ state: Int) -> Double {
        let row = rowOf[point]
        return row == PackFormat.none ? HiddenMarkov.minimum : emission[Int(row) * 4 + state]
    }

    /// Cuts a run of ideographs; each range is a word.
    ///
    /// As in jieba_fast's C code: a score must exceed −3.14e100 to count, and ties go to the first tried.
    package func cut(_ text: ArraySlice<CodePoint>) -> [Range<Int>] {
        guard let first = text.first else { return [] }
        var scores = (0..<4).map { start[$0] + emission(first, $0) }
        var back: [Int] = [0, 0, 0, 0]
        back.reserveCapacity(text.count * 4)
        for point in text.dropFirst() {
            var next = [0.0, 0.0, 0.0, 0.0]
            for state in 0..<4 {
                let seen = emission(point, state)
                var best = HiddenMarkov.minimum
                var from: Int?
                for previous in CuttingModel.before[state] {
                    let score = seen + scores[previous] + transition[previous * 4 + state]
                    if score > best {
                        best = score
                        from = previous
                    }
                }
                let options = CuttingModel.before[state]
                let fallback =
                    CuttingModel.letter[options[0]] > CuttingModel.letter[options[1]]
                    ? options[0] : options[1]
                next[state] = best
                back.append(from ?? fallback)
            }
            scores = next
        }
        var state = scores[CuttingModel.s] > scores[CuttingModel.e] ? CuttingModel.s : CuttingModel.e
        var path = [Int](repeating: 0, count: text.count)
        for index in stride(from: text.count - 1, through: 0, by: -1) {
            path[index] = state
            state = back[index * 4 + state]
        }
        var words: [Range<Int>] = []
        var begin = 0
        var next = 0
        for (index, state) in path.enumerated() {
            if state == CuttingModel.b {
                begin = index
            } else if state == CuttingModel.e || state == CuttingModel.s {
                let from = state == CuttingModel.e ? begin : index
                words.append(text.startIndex + from..<text.startIndex + index + 1)
                next = index + 1
            }
        }
        if next < path.count { words.append(text.startIndex + next..<text.endIndex) }
        return words
    }
}

/// jieba's tagging model; a state is a position in the word and a tag.
package struct TaggingModel: Sendable {
    private let stateCount: Int
    private let start: PackDoubles
    /// By target state, then by source state.
    private let transition: PackDoubles
    private let rowScore: PackDoubles
    private let rowStart: PackArray<UInt32>
    private let rowState: PackArray<UInt16>
    private let position: PackArray<UInt8>
    private let tag: PackArray<UInt8>
    private let rowOf: PagedMap

    init(_ reader: inout PackReader) throws(TextError) {
        stateCount = try reader.count()
        let rows = try reader.count()
        let cells = try reader.count()
        try reader.align()
        guard stateCount > 0, stateCount < 0x8000 else { throw reader.damaged("\(stateCount) states") }
        start = try reader.doubles(count: stateCount)
        transition = try reader.doubles(count: stateCount * stateCount)
        rowScore = try reader.doubles(count: cells)
        rowStart = try reader.array(UInt32.self, count: rows + 1)
        rowState = try reader.array(UInt16.self, count: cells)
        position = try reader.array(UInt8.self, count: stateCount)
        tag = try reader.array(UInt8.self, count: stateCount)
        try reader.align()
        rowOf = try PagedMap(&reader)
    }

    /// A word found by the model.
    package struct Word {
        package let range: Range<Int>
        package let tag: UInt8
    }

    /// One reachable state of a character.
    private struct Cell {
        let state: Int
        let score: Double
        /// Index of the best predecessor among the cells of the character before.
        let back: Int
    }

    /// Cells of a character's own row: candidates by its list, and all scores for looking up.
    private func row(_ point: CodePoint) -> Range<Int>? {
        let row = rowOf[point]
        guard row != PackFormat.none else { return nil }
        let lower = Int(rowStart[Int(row)])
        let upper = min(Int(rowStart[Int(row) + 1]), rowState.count)
        return lower <= upper ? lower..<upper : nil
    }

    private func emission(_ row: Range<Int>?, _ state: Int) -> Double {
        guard let row else { return HiddenMarkov.minimum }
        for cell in row where Int(rowState[cell] & 0x7FFF) == state { return rowScore[cell] }
        return HiddenMarkov.minimum
    }

    /// Cuts and tags a run of ideographs.
    ///
    /// Candidates of a character are the states of its own list that some state of the character before can lead
    /// to; if there are none, all that can be led to. Ties go to the larger state. Words may overlap or leave gaps
    /// when the path is not a proper sequence of B M E S.
    /// - Returns: nil where no state can follow, which is an exception upstream.
    package func cut(_ text: ArraySlice<CodePoint>) -> [Word]? {
        guard let first = text.first else { return [] }
        var columns: [[Cell]] = []
        columns.reserveCapacity(text.count)
        var column = candidates(row(first)).map {
            Cell(state: $0.state, score: start[$0.state] + $0.emission, back: 0)
        }
        columns.append(column)
        for point in text.dropFirst() {
            column = advance(column, row(point))
            columns.append(column)
        }
        guard var best = bestIndex(column) else { return nil }
        var path = [Int](repeating: 0, count: text.count)
        for index in stride(from: text.count - 1, through: 0, by: -1) {
            let cell = columns[index][best]
            path[index] = cell.state
            best = cell.back
        }
        return words(path, from: text.startIndex)
    }

    /// The states of a row's own list, or all states if the character is not listed.
    private func candidates(_ row: Range<Int>?) -> [(state: Int, emission: Double)] {
        var listed: [(state: Int, emission: Double)] = []
        if let row {
            listed.reserveCapacity(row.count)
            for cell in row where rowState[cell] & 0x8000 == 0 && Int(rowState[cell]) < stateCount {
                listed.append((Int(rowState[cell]), rowScore[cell]))
            }
        }
        return listed.isEmpty ? (0..<stateCount).map { ($0, emission(row, $0)) } : listed
    }

    /// The next character's cells. Scores of reachable states are finite, so an infinite one means "unreachable".
    private func advance(_ previous: [Cell], _ row: Range<Int>?) -> [Cell] {
        func cell(_ state: Int, _ emission: Double) -> Cell? {
            var best = -Double.infinity
            var from = 0
            let target = state &* stateCount
            // Cells are in order of state, so `>=` leaves ties to the larger one.
            for (index, cell) in previous.enumerated() {
                let score = cell.score + transition[target &+ cell.state] + emission
                if score >= best {
                    best = score
                    from = index
                }
            }
            return best > -.infinity ? Cell(state: state, score: best, back: from) : nil
        }
        var own: [Cell] = []
        if let row {
            own.reserveCapacity(row.count)
            for index in row where rowState[index] & 0x8000 == 0 && Int(rowState[index]) < stateCount {
                if let found = cell(Int(rowState[index]), rowScore[index]) { own.append(found) }
            }
        }
        return own.isEmpty ? (0..<stateCount).compactMap { cell($0, emission(row, $0)) } : own
    }

    private func bestIndex(_ column: [Cell]) -> Int? {
        var best: Int?
        for index in column.indices {
            if let current = best, column[index].score < column[current].score { continue }
            best = index
        }
        return best
    }

    private func words(_ path: [Int], from base: Int) -> [Word] {
        var words: [Word] = []
        var begin = 0
        var next = 0
        for (index, state) in path.enumerated() {
            switch position[state] {
            case UInt8(ascii: "B"):
                begin = index
            case UInt8(ascii: "E"):
                words.append(Word(range: base + begin..<base + index + 1, tag: tag[state]))
                next = index + 1
            case UInt8(ascii: "S"):
                words.append(Word(range: base + index..<base + index + 1, tag: tag[state]))
                next = index + 1
            default:
                break
            }
        }
        if next < path.count {
            words.append(Word(range: base + next..<base + path.count, tag: tag[path[next]]))
        }
        return words
    }
}
