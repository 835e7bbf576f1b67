import Files

/// How a matrix `[N, K]` lies in a converted file where the kernels of linear layers shall read it in place: panels of
/// sixteen rows, each `[column][16]`, the last one padded with zeros.
///
/// In the file such a tensor has the shape `[panels, K, 16]`; the metadata tell its own shape (see `PanelIndex`). To
/// every reader of elements it is the row-major matrix that it was made of.
public struct StoredPanels: Sendable, Equatable {
    /// Rows of a panel.
    public static let width = 16

    /// The type of the stored elements: binary16, binary32, or signed bytes with a scale per row.
    public let elementType: ElementType
    /// Rows N (outputs of the layer) and columns K (its inputs).
    public let rows: Int, columns: Int
    /// Offset in the file of the scales of signed bytes, one binary32 per row of every panel.
    let scalesOffset: Int?

    /// Number of panels for `rows` rows.
    static func count(_ rows: Int) -> Int { rows / width + (rows % width == 0 ? 0 : 1) }

    var scaleCount: Int { Self.count(rows) * Self.width }

    /// Where row `row` begins, in elements; its elements lie `width` apart.
    func start(ofRow row: Int) -> Int { row / Self.width * Self.width * columns + row % Self.width }
}

extension StoredTensor {
    /// Types that panels can hold. A matrix of signed bytes reads as floats: byte · scale of its row.
    static func panelReading(of type: ElementType) -> ElementType? {
        switch type {
        case .float16, .float32: type
        case .int8: .float32
        default: nil
        }
    }

    /// The matrix that a tensor of the file holds as panels.
    ///
    /// - Parameters:
    ///   - stored: `[panels, K, 16]` as it lies in the file.
    ///   - shape: what the matrix was; the axes after the first make up K.
    ///   - scales: for signed bytes, `[panels · 16]` in binary32.
    /// - Throws: `malformed` when the shapes contradict each other or the types are others.
    init(panels stored: StoredTensor, shape: [Int], scales: StoredTensor?) throws(CheckpointError) {
        func malformed(_ reason: String) -> CheckpointError {
            .malformed(path: stored.file.path, part: "tensor \"\(stored.name)\"", reason: reason)
        }
        guard let reading = Self.panelReading(of: stored.elementType) else {
            throw malformed("\(stored.elementType.rawValue) can't be stored as panels")
        }
        var columns = 1
        for size in shape.dropFirst() {
            let (product, overflow) = columns.multipliedReportingOverflow(by: size)
            guard size >= 0, !overflow else { throw malformed("shape \(shape)") }
            columns = product
        }
        guard shape.count >= 2, shape.count <= 16, shape[0] >= 0, stored.isContiguous,
            stored.shape == [StoredPanels.count(shape[0]), columns, StoredPanels.width]
        else { throw malformed("panels of shape \(stored.shape) for a matrix of shape \(shape)") }
        if stored.elementType == .int8 {
            let count = stored.shape[0] * StoredPanels.width
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
        panels = StoredPanels(
            elementType: stored.elementType, rows: shape[0], columns: columns,
            scalesOffset: stored.elementType == .int8 ? scales?.byteOffset : nil)
    }

    /// The panels where they lie in the file; nil for a tensor that is stored otherwise, or when they don't begin at a
    /// multiple of their element's width.
    ///
    /// The pointer is valid while `file` lives; keep the tensor (or its file) as long as the pointer.
    public func panelBytes() -> UnsafeRawBufferPointer? {
        guard let panels, byteOffset % panels.elementType.byteWidth == 0 else { return nil }
        return reachableBytes
    }

    /// The scales of panels of signed bytes, one per row to the end of the last panel; nil for other tensors.
    public func panelScales() -> [Float]? {
        guard let panels, let offset = panels.scalesOffset else { return nil }
        let bytes = file.bytes(offset..<offset + panels.scaleCount * 4)
        return (0..<panels.scaleCount).map {
            Float(
                bitPattern: UInt32(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
        }
    }
}

/// Which tensors of a safetensors file are panels: metadata `gsv.panels`, a JSON object from names to shapes.
enum PanelIndex {
    /// The name of the scales of a tensor of signed bytes.
    static func scalesName(_ name: String) -> String { name + ".scales" }

    /// Puts matrices in the place of the tensors that hold them as panels. The scales belong to their matrices and are
    /// no tensors of their own.
    ///
    /// - Throws: `malformed` for metadata that are no such object, name a tensor that is not there, or contradict it.
    static func apply(
        _ text: String, to tensors: [String: StoredTensor], path: String
    ) throws(CheckpointError) -> [String: StoredTensor] {
        func malformed(_ reason: String) -> CheckpointError {
            .malformed(path: path, part: Origin.Name.panels, reason: reason)
        }
        guard case .dict(let entries) = try ConfigValue(json: text, path: path, part: Origin.Name.panels)
        else { throw malformed("no JSON object") }
        var result = tensors
        for entry in entries {
            guard let stored = tensors[entry.key] else {
                throw malformed("tensor \"\(entry.key)\" is not in the file")
            }
            guard case .list(let items) = entry.value else {
                throw malformed("\"\(entry.key)\" has no shape")
            }
            let shape = items.compactMap(\.int)
            guard shape.count == items.count else {
                throw malformed("\"\(entry.key)\" has a size that is no whole number")
            }
            let scales = stored.elementType == .int8 ? tensors[scalesName(entry.key)] : nil
            result[entry.key] = try StoredTensor(panels: stored, shape: shape, scales: scales)
            if let scales { result[scales.name] = nil }
        }
        return result
    }

    /// The metadata for matrices of these shapes.
    static func text(_ shapes: [String: [Int]]) -> String {
        ConfigValue.dict(
            shapes.sorted { $0.key < $1.key }.map { name, shape in
                .init(name, .list(shape.map { .int($0) }))
            }
        ).json()
    }
}
