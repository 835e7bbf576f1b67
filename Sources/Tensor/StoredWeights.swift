public import Checkpoint
import TensorKernelTable

extension Tensor {
    /// A checkpoint tensor, widened to single precision, under its own shape.
    public init(_ stored: StoredTensor) {
        self.init(uninitialized: stored.shape)
        stored.copyFloats(into: UnsafeMutableBufferPointer(start: storage.pointer, count: count))
    }
}

extension Tensor {
    /// A checkpoint tensor in single precision where its file is mapped; nil where it is not contiguous, or not at a
    /// multiple of 64 bytes, as kernels expect of weights.
    public init?(mapping stored: StoredTensor) {
        guard let base = stored.mapped(Float.self, as: .float32), UInt(bitPattern: base) % 64 == 0 else {
            return nil
        }
        self.init(
            shape: stored.shape,
            storage: Storage(mapped: base, count: stored.elementCount, owner: stored.file))
    }
}

extension StoredTensor {
    /// Axes as those of a matrix `[first axis, product of the others]`.
    fileprivate var matrixShape: (rows: Int, columns: Int) {
        (shape.first ?? 0, shape.dropFirst().reduce(1, *))
    }

    /// The elements where the file is mapped, if they lie there in one piece as `Element`.
    fileprivate func mapped<Element>(_ type: Element.Type, as elementType: ElementType) -> UnsafePointer<
        Element
    >? {
        guard self.elementType == elementType, let base = contiguousBytes()?.baseAddress,
            UInt(bitPattern: base) % UInt(MemoryLayout<Element>.alignment) == 0
        else { return nil }
        return base.assumingMemoryBound(to: Element.self)
    }
}

extension StoredTensor {
    /// Panels where the file is mapped; nil for another layout, or a place that is not aligned to their elements.
    fileprivate var mappedPanels: PackedMatrix.Elements? {
        guard let panels, let base = panelBytes()?.baseAddress,
            UInt(bitPattern: base) % UInt(panels.elementType.byteWidth) == 0
        else { return nil }
        switch panels.elementType {
        case .float16: return .half(base.assumingMemoryBound(to: UInt16.self), owner: file)
        case .float32: return .float(base.assumingMemoryBound(to: Float.self), owner: file)
        default:
            guard let scales = panelScales() else { return nil }
            return .byte(
                base.assumingMemoryBound(to: Int8.self), scales: Tensor(scales, [scales.count]), owner: file)
        }
    }
}

extension EmbeddingTable {
    /// A checkpoint tensor as a table `[first axis, product of the others]`. Contiguous half and single precision
    /// stay where the file is mapped; anything else is widened into memory.
    public init(_ stored: StoredTensor) {
        let (rows, columns) = stored.matrixShape
        if let halves = stored.mapped(UInt16.self, as: .float16) {
            self.init(halves: halves, rows: rows, columns: columns, owner: stored.file)
        } else if stored.elementType == .float32, stored.elementCount > 0,
            let floats = stored.contiguousUnalignedBytes()?.baseAddress
        {
            self.init(floats: floats, rows: rows, columns: columns, owner: stored.file)
        } else {
            self.init(Tensor(stored).reshaped([rows, columns]))
        }
    }
}

extension PackedMatrix {
    /// A checkpoint tensor as a matrix `[first axis, product of the others]`. Panels stay where the file is mapped;
    /// anything else is packed, in half precision if it is stored so.
    public init(_ stored: StoredTensor) {
        let (rows, columns) = stored.matrixShape
        if let elements = stored.mappedPanels {
            self.init(outputs: rows, inputs: columns, elements: elements)
        } else if let halves = stored.mapped(UInt16.self, as: .float16) {
            self.init(outputs: rows, inputs: columns) { (packed: UnsafeMutablePointer<UInt16>, owner) in
                Self.pack(halves, rows, columns, zero: 0, into: packed, by: Kernels.table.packPanelF16)
                return .half(packed, owner: owner)
            }
            stored.releasePages()
        } else if let bytes = stored.columnMajorBytes()?.baseAddress, stored.elementType == .float16 {
            self.init(outputs: rows, inputs: columns) { (packed: UnsafeMutablePointer<UInt16>, owner) in
                Self.pack(columnMajor: bytes, rows, columns, zero: 0, into: packed)
                return .half(packed, owner: owner)
            }
            stored.releasePages()
        } else if let bytes = stored.columnMajorBytes()?.baseAddress, stored.elementType == .float32 {
            self.init(outputs: rows, inputs: columns) { (packed: UnsafeMutablePointer<Float>, owner) in
                Self.pack(columnMajor: bytes, rows, columns, zero: 0, into: packed)
                return .float(packed, owner: owner)
            }
            stored.releasePages()
        } else {
            self.init(Tensor(stored).reshaped([rows, columns]))
        }
    }
}
