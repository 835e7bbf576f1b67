import Text

/// The connection costs of a MeCab dictionary (`matrix.bin`), without the rows and columns that repeat others.
///
/// Many context ids behave alike: of mecab-ko-dic's 3 822 by 2 693, 1 902 by 1 908 are different. Costs stay exact.
struct ConnectionMatrix {
    private let bytes: [UInt8]
    /// Number of right ids, the ids of preceding morphemes.
    let rightCount: Int
    /// Number of left ids, the ids of following morphemes.
    let leftCount: Int

    /// - Parameter bytes: two counts of 16 bits, then the costs, a row of all right ids for each left id.
    init(_ bytes: [UInt8]) throws {
        guard bytes.count >= 4 else { throw SourceError(file: "matrix.bin", reason: "too short") }
        self.bytes = bytes
        rightCount = Int(bytes.number(at: 0, as: UInt16.self))
        leftCount = Int(bytes.number(at: 2, as: UInt16.self))
        guard bytes.count == 4 + rightCount * leftCount * 2 else {
            throw SourceError(
                file: "matrix.bin", reason: "\(rightCount) by \(leftCount) in \(bytes.count) bytes")
        }
    }

    private func cost(_ right: Int, _ left: Int) -> Int16 {
        bytes.number(at: 4 + (right + rightCount * left) * 2, as: Int16.self)
    }

    /// The reduced matrix, and the new number of each id that is used.
    struct Merged {
        var rightNumbers: [Int: UInt16] = [:]
        var leftNumbers: [Int: UInt16] = [:]
        /// Number of remaining right ids.
        var rightCount = 0
        /// Number of remaining left ids.
        var leftCount = 0
        /// The costs, a row of all right ids for each left id.
        var costs: [Int16] = []
    }

    /// Keeps one of each set of equal ids among those used. Id 0, the ends of a text, is always used and keeps its
    /// number.
    func merged(rights: Set<Int>, lefts: Set<Int>) -> Merged {
        let rights = rights.union([0]).sorted()
        let lefts = lefts.union([0]).sorted()
        var result = Merged()
        var rows: [[Int16]: UInt16] = [:]
        var kept: [Int] = []
        for left in lefts {
            let row = rights.map { cost($0, left) }
            if rows[row] == nil {
                rows[row] = UInt16(kept.count)
                kept.append(left)
            }
            result.leftNumbers[left] = rows[row]
        }
        var columns: [[Int16]: UInt16] = [:]
        var keptRights: [Int] = []
        for right in rights {
            let column = kept.map { cost(right, $0) }
            if columns[column] == nil {
                columns[column] = UInt16(keptRights.count)
                keptRights.append(right)
            }
            result.rightNumbers[right] = columns[column]
        }
        result.rightCount = keptRights.count
        result.leftCount = kept.count
        for left in kept { result.costs += keptRights.map { cost($0, left) } }
        return result
    }
}
