import Files

/// How a matrix `[N, K]` is stored in blocks of rows: each block is `[column][row of the block]`, and the last one is
/// padded with zeros. A layer whose kernel reads such blocks uses them where the file is mapped.
///
/// In the file the tensor has the shape `[blocks, K, rowsPerBlock]`; the metadata give the matrix's own shape (see
/// `PrepackedIndex`). To readers of elements it is the row-major matrix that it was made of.
package struct BlockedRows: Sendable, Equatable {
    /// Rows of a block; the layer chooses them.
    package let rowsPerBlock: Int
    /// The type of the stored elements: binary16, binary32, or signed bytes with a scale per row.
    package let elementType: ElementType
    /// Rows N (outputs of the layer) and columns K (its inputs).
    package let rows: Int, columns: Int
    /// Offset in the file of the scales of signed bytes, one binary32 per row of every block.
    let scalesOffset: Int?

    /// The largest block that is accepted.
    static let maximumRowsPerBlock = 1024

    /// Number of blocks for `rows` rows.
    static func count(_ rows: Int, _ rowsPerBlock: Int) -> Int {
        rows / rowsPerBlock + (rows % rowsPerBlock == 0 ? 0 : 1)
    }

    /// Rows of all blocks, padding included.
    var paddedRows: Int { Self.count(rows, rowsPerBlock) * rowsPerBlock }

    /// Where row `row` begins, in elements; its elements lie `rowsPerBlock` apart.
    func start(ofRow row: Int) -> Int { row / rowsPerBlock * rowsPerBlock * columns + row % rowsPerBlock }
}

extension StoredTensor {
    /// The type that blocks of a type are read as: a matrix of signed bytes reads as floats, byte · scale of its row.
    /// nil for types that blocks do not hold.
    static func blockReading(of type: ElementType) -> ElementType? {
        switch type {
        case .float16, .float32: type
        case .int8: .float32
        default: nil
        }
    }

    /// The matrix that a tensor of the file holds in blocks of rows.
    ///
    /// - Parameters:
    ///   - stored: `[blocks, K, rowsPerBlock]` as it is stored.
    ///   - shape: the matrix's shape; the axes after the first make up K.
    ///   - scales: for signed bytes, `[blocks · rowsPerBlock]` in binary32.
    /// - Throws: `malformed` when the shapes contradict each other or the types are others.
    init(
        blocks stored: StoredTensor, rowsPerBlock: Int, shape: [Int], scales: StoredTensor?
    ) throws(CheckpointError) {
        func malformed(_ reason: String) -> CheckpointError {
            .malformed(path: stored.file.path, part: "tensor \"\(stored.name)\"", reason: reason)
        }
        guard let reading = Self.blockReading(of: stored.elementType) else {
            throw malformed("\(stored.elementType.rawValue) can't be stored in blocks of rows")
        }
        guard (1...BlockedRows.maximumRowsPerBlock).contains(rowsPerBlock) else {
            throw malformed("blocks of \(rowsPerBlock) rows")
        }
        var columns = 1
        for size in shape.dropFirst() {
            let (product, overflow) = columns.multipliedReportingOverflow(by: size)
            guard size >= 0, !overflow else { throw malformed("shape \(shape)") }
            columns = product
        }
        guard shape.count >= 2, shape.count <= 16, shape[0] >= 0, stored.isContiguous,
            stored.shape == [BlockedRows.count(shape[0], rowsPerBlock), columns, rowsPerBlock]
        else { throw malformed("blocks of shape \(stored.shape) for a matrix of shape \(shape)") }
        if stored.elementType == .int8 {
            let count = stored.shape[0] * rowsPerBlock
            guard let scales, scales.elementType == .float32, scales.shape == [count], scales.isContiguous
            else { throw malformed("signed bytes need \(count) scales in binary32, one per row") }
        }
        name = stored.name
        elementType = reading
        self.shape = shape
        strides = []
        file = stored.file
        // At most the number of stored elements, which fits.
        elementCount = shape[0] * columns
        byteOffset = stored.byteOffset
        blocks = BlockedRows(
            rowsPerBlock: rowsPerBlock, elementType: stored.elementType, rows: shape[0], columns: columns,
            scalesOffset: stored.elementType == .int8 ? scales?.byteOffset : nil)
    }

    /// The blocks as they are stored; nil for a tensor that is stored otherwise, or when they do not begin at a multiple
    /// of their element's width.
    ///
    /// The pointer is valid while `file` lives; keep the tensor (or its file) as long as the pointer.
    package func blockBytes() -> UnsafeRawBufferPointer? {
        guard let blocks, update == nil, byteOffset % blocks.elementType.byteWidth == 0 else { return nil }
        return reachableBytes
    }

    /// The scales of blocks of signed bytes, one per row to the end of the last block; nil for other tensors.
    package func rowScales() -> [Float]? {
        guard let blocks, let offset = blocks.scalesOffset else { return nil }
        let bytes = file.bytes(offset..<offset + blocks.paddedRows * 4)
        return (0..<blocks.paddedRows).map {
            Float(
                bitPattern: UInt32(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
        }
    }
}
