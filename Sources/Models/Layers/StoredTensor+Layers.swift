package import Checkpoint
package import Tensor

// Tensors of a checkpoint as the operands of layers. What kernels can read in place stays where the file is mapped.

extension StoredTensor {
    /// Axes as those of a matrix `[first axis, product of the others]`.
    fileprivate var matrixShape: (rows: Int, columns: Int) {
        (shape.first ?? 0, shape.dropFirst().reduce(1, *))
    }
}

extension ElementType {
    /// The corresponding type of weights in memory, where there is one.
    fileprivate var weightType: WeightType? {
        switch self {
        case .float16: .float16
        case .float32: .float32
        case .int8: .int8
        default: nil
        }
    }
}

extension Tensor {
    /// A checkpoint tensor, widened to single precision, under its own shape.
    package init(_ stored: StoredTensor) {
        self.init(stored.shape) { stored.copyFloats(into: $0) }
    }

    /// A checkpoint tensor in single precision where its file is mapped; nil where it is not contiguous, or not at a
    /// multiple of 64 bytes.
    init?(mapping stored: StoredTensor) {
        guard stored.elementType == .float32, let bytes = stored.contiguousBytes() else { return nil }
        self.init(mapping: bytes, stored.shape, owner: stored.file)
    }
}

extension EmbeddingTable {
    /// A checkpoint tensor as a table `[first axis, product of the others]`. Contiguous half and single precision
    /// stay where the file is mapped; anything else is widened into memory.
    package init(_ stored: StoredTensor) {
        let (rows, columns) = stored.matrixShape
        if let type = stored.elementType.weightType, let bytes = stored.contiguousUnalignedBytes(),
            let table = EmbeddingTable(
                mapping: bytes, of: type, rows: rows, columns: columns, owner: stored.file)
        {
            self = table
        } else {
            self.init(Tensor(stored).reshaped([rows, columns]))
        }
    }
}

extension PackedMatrix {
    /// A checkpoint tensor as a matrix `[first axis, product of the others]`. Panels stay where the file is mapped;
    /// anything else is packed, in half precision if it is stored so.
    package init(_ stored: StoredTensor) {
        let (N, K) = stored.matrixShape
        if let mapped = PackedMatrix(mapping: stored) {
            self = mapped
            return
        }
        if let packed = PackedMatrix(packing: stored, outputs: N, inputs: K) {
            self = packed
            stored.releasePages()
        } else {
            self.init(Tensor(stored).reshaped([N, K]))
        }
    }

    /// Blocks of as many rows as a panel has are panels.
    private init?(mapping stored: StoredTensor) {
        let (N, K) = stored.matrixShape
        guard let blocks = stored.blocks, blocks.rowsPerBlock == PackedMatrix.panelOutputs,
            let type = blocks.elementType.weightType, let bytes = stored.blockBytes()
        else { return nil }
        self.init(
            panels: bytes, of: type, scales: stored.rowScales() ?? [], outputs: N, inputs: K,
            owner: stored.file)
    }

    /// Packs elements from where they are stored, without widening them first.
    private init?(packing stored: StoredTensor, outputs: Int, inputs: Int) {
        guard let type = stored.elementType.weightType else { return nil }
        if type == .float16, let bytes = stored.contiguousBytes() {
            self.init(rowMajorHalves: bytes, outputs: outputs, inputs: inputs)
        } else if let bytes = stored.columnMajorBytes() {
            self.init(columnMajor: bytes, of: type, outputs: outputs, inputs: inputs)
        } else {
            return nil
        }
    }
}
