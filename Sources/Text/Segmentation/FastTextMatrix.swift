/// A matrix of a fastText model, memory-mapped: dense floats, or product-quantised.
///
/// A quantised row is a code per few columns, which chooses one of 256 short vectors, and perhaps one more code for the
/// row's length (Jégou et al. 2011; fastText's `QuantMatrix` and `ProductQuantizer`).
struct FastTextMatrix: Sendable {
    let rows: Int
    let columns: Int
    private let storage: Storage

    private enum Storage: Sendable {
        /// Row after row, 32-bit floats.
        case dense(PackArray<UInt32>)
        case quantised(Quantised)
    }

    fileprivate struct Quantised: Sendable {
        /// `parts` codes per row.
        let codes: PackArray<UInt8>
        let parts: Int
        /// Columns of a part; the last one may have fewer.
        let width: Int
        /// 256 vectors for each part.
        let centroids: [Float]
        /// Length of each row: a code, and the 256 lengths; nil if all are 1.
        let norms: (codes: PackArray<UInt8>, values: [Float])?
    }

    init(_ reader: inout PackReader, isQuantised: Bool) throws(TextError) {
        let hasNorms = isQuantised ? try reader.array(UInt8.self, count: 1)[0] != 0 : false
        let shape = try reader.array(Int64.self, count: 2)
        guard let rows = Int(exactly: shape[0]), let columns = Int(exactly: shape[1]), rows >= 0, columns > 0,
            rows <= Int.max / columns
        else { throw reader.damaged("a matrix of \(shape[0]) × \(shape[1])") }
        self.rows = rows
        self.columns = columns
        guard isQuantised else {
            storage = .dense(try reader.array(UInt32.self, count: rows * columns))
            return
        }
        let codeCount = try reader.count()
        let codes = try reader.array(UInt8.self, count: codeCount)
        let quantiser = try Self.quantiser(&reader, columns: columns)
        guard codeCount == rows * quantiser.parts else {
            throw reader.damaged("\(codeCount) codes for \(rows) rows")
        }
        var norms: (codes: PackArray<UInt8>, values: [Float])?
        if hasNorms {
            let normCodes = try reader.array(UInt8.self, count: rows)
            norms = (normCodes, try Self.quantiser(&reader, columns: 1).centroids)
        }
        storage = .quantised(
            Quantised(
                codes: codes, parts: quantiser.parts, width: quantiser.width, centroids: quantiser.centroids,
                norms: norms))
    }

    /// Columns, number of parts, columns of a part and of the last one; then the centroids, which are small enough
    /// to copy.
    private static func quantiser(
        _ reader: inout PackReader, columns: Int
    ) throws(TextError) -> (parts: Int, width: Int, centroids: [Float]) {
        let head = try reader.array(Int32.self, count: 4)
        let (parts, width, last) = (Int(head[1]), Int(head[2]), Int(head[3]))
        guard Int(head[0]) == columns, parts > 0, width > 0, last > 0, last <= width, parts <= columns,
            (parts - 1) * width + last == columns
        else { throw reader.damaged("\(parts) parts of \(width) and \(last) columns make no \(columns)") }
        let stored = try reader.array(UInt32.self, count: columns * 256)
        return (parts, width, (0..<stored.count).map { Float(bitPattern: stored[$0]) })
    }

    /// Adds a row to a vector, column by column.
    @inline(__always)
    func add(_ row: Int, to vector: inout [Float]) {
        switch storage {
        case .dense(let values):
            for column in 0..<columns {
                vector[column] += Float(bitPattern: values[row &* columns &+ column])
            }
        case .quantised(let matrix):
            let norm = matrix.norm(of: row)
            matrix.forEach(of: row, columns: columns) { vector[$0] += norm * $1 }
        }
    }

    /// The inner product of a row with a vector, summed column by column.
    @inline(__always)
    func product(_ row: Int, _ vector: [Float]) -> Float {
        var sum: Float = 0
        switch storage {
        case .dense(let values):
            for column in 0..<columns {
                sum += Float(bitPattern: values[row &* columns &+ column]) * vector[column]
            }
        case .quantised(let matrix):
            matrix.forEach(of: row, columns: columns) { sum += vector[$0] * $1 }
            sum *= matrix.norm(of: row)
        }
        return sum
    }
}

extension FastTextMatrix.Quantised {
    /// Length of a row.
    @inline(__always)
    func norm(of row: Int) -> Float {
        guard let norms else { return 1 }
        return norms.values[Int(norms.codes[row])]
    }

    /// Column and value of a row before its length is applied.
    @inline(__always)
    func forEach(of row: Int, columns: Int, _ body: (Int, Float) -> Void) {
        for part in 0..<parts {
            let first = part &* width
            let count = min(width, columns &- first)
            let centroid = first &* 256 &+ Int(codes[row &* parts &+ part]) &* count
            for offset in 0..<count { body(first &+ offset, centroids[centroid &+ offset]) }
        }
    }
}
