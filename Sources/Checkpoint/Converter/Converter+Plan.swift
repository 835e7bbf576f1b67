/// One tensor of the file to be written.
struct PlannedTensor: Sendable {
    /// What becomes of the source's tensor.
    enum Form {
        /// Row-major.
        case rows
        /// Panels in the entry's type.
        case panels
        /// Panels of signed bytes.
        case bytes
        /// The scales of such panels.
        case scales
    }

    let entry: SafetensorsEntry
    let tensor: StoredTensor
    let form: Form
}

extension Converter {
    /// Decides for every tensor of the source what is written of it.
    func plan() throws(CheckpointError) -> [PlannedTensor] {
        let kind = source.kind
        if precision == .int8, kind != .textToSemantic {
            throw CheckpointError.notQuantizable(path: source.path, found: kind)
        }
        return source.tensors.values.flatMap { tensor in planned(tensor, kind) }
    }

    private func planned(_ tensor: StoredTensor, _ kind: CheckpointKind) -> [PlannedTensor] {
        let name = tensor.name
        guard layout == .panels, isLinear(tensor, of: kind) else {
            return [
                PlannedTensor(
                    entry: SafetensorsEntry(
                        name: name, elementType: outputType(of: tensor), shape: tensor.shape),
                    tensor: tensor, form: .rows)
            ]
        }
        let panels = StoredPanels.count(tensor.shape[0])
        func entry(_ type: ElementType) -> SafetensorsEntry {
            SafetensorsEntry(
                name: name, elementType: type, shape: [panels, tensor.shape[1], StoredPanels.width])
        }
        let isByte = tensor.panels?.elementType == .int8
        guard precision == .int8 && Self.isQuantized(name) || precision == nil && isByte else {
            return [PlannedTensor(entry: entry(outputType(of: tensor)), tensor: tensor, form: .panels)]
        }
        let scales = SafetensorsEntry(
            name: PanelIndex.scalesName(name), elementType: .float32, shape: [panels * StoredPanels.width])
        return [
            PlannedTensor(entry: entry(.int8), tensor: tensor, form: .bytes),
            PlannedTensor(entry: scales, tensor: tensor, form: .scales),
        ]
    }

    private func outputType(of tensor: StoredTensor) -> ElementType {
        guard tensor.elementType.isFloat, let precision else { return tensor.elementType }
        return precision.elementType
    }

    /// Whether a tensor is the matrix of a linear layer that its model reads as panels. SoVITS has few of them, and
    /// reads its convolutions in a form of their own.
    private func isLinear(_ tensor: StoredTensor, of kind: CheckpointKind) -> Bool {
        guard tensor.shape.count == 2, [.float16, .float32].contains(outputType(of: tensor)),
            !tensor.name.contains("embedding")
        else { return false }
        switch kind {
        case .textToSemantic, .huBERT, .bert:
            return tensor.name.hasSuffix(".weight") || tensor.name.hasSuffix(".in_proj_weight")
        case .soVITS, .polyphones, .other: return false
        }
    }

    /// Whether signed bytes are good enough for a matrix: those of the stack, which every decode step reads. The
    /// projections before and behind it are small, and errors of the last one move the choice of tokens directly.
    private static func isQuantized(_ name: String) -> Bool { name.hasPrefix("model.h.layers.") }
}
