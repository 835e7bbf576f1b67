import Checkpoint
import Tensor

// The one place where layers take their weights packed: from the file if it holds them in the layer's form, else packed
// now, and recorded while a file is converted.

extension WeightScope {
    /// The matrix of a linear layer, `shape` `[N, K]` (or `[N, K, 1]`, a convolution with a kernel of one), packed for the
    /// kernels. Counts as use.
    ///
    /// - Parameter isQuantizable: whether signed bytes with a scale per output are accurate enough for this layer, for a
    ///   conversion to int8.
    func matrix(
        _ name: String, _ shape: [Int], isQuantizable: Bool = false
    ) throws(CheckpointError) -> PackedMatrix {
        let stored = try tensor(name, shape)
        guard let recorder else { return PackedMatrix(stored) }
        let matrix = try PackedMatrix(stored, convertedTo: recorder.precision, isQuantizable: isQuantizable)
        guard let type = matrix.recordedType(of: stored, precision: recorder.precision) else { return matrix }
        recorder.add(
            PrepackedTensor(
                blocksOf: key(name), shape, elementType: type,
                blocks: PackedMatrix.panelShape(outputs: matrix.outputs, inputs: matrix.inputs),
                scales: matrix.scales
            ) { (give) throws(CheckpointError) in try matrix.withPanels(give) })
        return matrix
    }

    /// The packed weights of this scope's convolution: those of a converted file if they have this form, else those that
    /// `pack` makes. (Those of a single output are a row of dot products, packed by copying, and not recorded.)
    func packed(
        _ form: PackedConvolution.Form, pack: () throws(CheckpointError) -> Tensor
    ) throws(CheckpointError) -> Tensor {
        if let stored = prepacked(form: form.name, shape: form.shape).flatMap({ Tensor(mapping: $0) }) {
            return stored
        }
        let packed = try pack()
        if form.outputs > 1, let recorder, recorder.recordsForms {
            recorder.add(
                PrepackedTensor(layer: prefix, form: form.name, shape: form.shape) {
                    (give) throws(CheckpointError) in try packed.withBytes(give)
                })
        }
        return packed
    }
}

extension PackedMatrix {
    /// A checkpoint tensor as a conversion to `precision` stores it; nil keeps the stored type.
    ///
    /// - Throws: `valuesDoNotFit`.
    fileprivate init(
        _ stored: StoredTensor, convertedTo precision: WeightPrecision?, isQuantizable: Bool
    ) throws(CheckpointError) {
        let isQuantized = stored.blocks?.elementType == .int8
        guard let precision, !(isQuantized && precision == .int8), stored.elementCount > 0 else {
            self.init(stored)
            return
        }
        let (N, K) = (stored.shape[0], stored.elementCount / stored.shape[0])
        if precision == .int8, isQuantizable {
            let quantized = try RowQuantization(stored)
            self.init(bytes: quantized.bytes, scales: quantized.scales, outputs: N, inputs: K)
        } else if precision.elementType == stored.elementType, !isQuantized {
            self.init(stored)
        } else if precision.elementType == .float16 {
            let halves = try stored.bytes(as: .float16)
            guard
                let packed = halves.withUnsafeBytes({
                    PackedMatrix(rowMajorHalves: $0, outputs: N, inputs: K)
                })
            else { preconditionFailure("PackedMatrix: \(halves.count) bytes for [\(N), \(K)]") }
            self = packed
        } else {
            // Refuses what single precision cannot hold.
            if stored.elementType == .float64 { _ = try stored.bytes(as: .float32) }
            self.init(Tensor(stored).reshaped([N, K]))
        }
        stored.releasePages()
    }

    /// The element type under which a converted file holds this matrix; nil where its type stays one that is not packed
    /// as it is, such as bfloat16: then the file holds the tensor row-major.
    fileprivate func recordedType(of stored: StoredTensor, precision: WeightPrecision?) -> ElementType? {
        if precision == nil, ![.float16, .float32].contains(stored.elementType) { return nil }
        return switch weightType {
        case .float16: .float16
        case .float32: .float32
        case .int8: .int8
        }
    }
}
