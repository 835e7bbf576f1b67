import Files

/// A layer's weights in the form that its kernels read, made once from the tensors of a checkpoint: without it, loading
/// makes them every time and keeps them in memory beside the file.
package struct PrepackedTensor: Sendable {
    /// How the form relates to the weights that it is made of.
    package enum Placement: Sendable, Equatable {
        /// A form that only the layer can read, such as `spectrum 16`: it is stored beside the weights.
        case beside(form: String)
        /// The matrix of `shape` in blocks of rows (`BlockedRows`), which every reader can take apart: it is stored
        /// instead of the weights, under their name.
        case instead(shape: [Int], rowsPerBlock: Int)
    }

    /// Passes the elements, row-major and little-endian, to its argument, in any number of parts.
    package typealias Contents =
        @Sendable ((UnsafeRawBufferPointer) throws(CheckpointError) -> Void) throws(CheckpointError) -> Void

    /// The name in the file.
    package let name: String
    /// Beside the weights or instead of them.
    package let placement: Placement
    /// The type of the elements in the file.
    package let elementType: ElementType
    /// Sizes of the axes in the file.
    package let shape: [Int]
    /// The elements.
    package let contents: Contents
    /// Scales of signed bytes, one per row of every block.
    package let scales: [Float]?

    /// A form of the layer at the path `layer` (such as `dec.resblocks.0.convs1.0`), in single precision, beside its
    /// weights.
    package init(layer: String, form: String, shape: [Int], contents: @escaping Contents) {
        self.init(
            name: PrepackedIndex.name(layer), placement: .beside(form: form), elementType: .float32,
            shape: shape,
            scales: nil, contents: contents)
    }

    /// The matrix `name` of `shape` as blocks `[blocks, K, rowsPerBlock]`.
    package init(
        blocksOf name: String, _ shape: [Int], elementType: ElementType, blocks: [Int],
        scales: [Float]? = nil,
        contents: @escaping Contents
    ) {
        self.init(
            name: name, placement: .instead(shape: shape, rowsPerBlock: blocks[2]), elementType: elementType,
            shape: blocks, scales: scales, contents: contents)
    }

    private init(
        name: String, placement: Placement, elementType: ElementType, shape: [Int], scales: [Float]?,
        contents: @escaping Contents
    ) {
        (self.name, self.placement, self.elementType, self.shape) = (name, placement, elementType, shape)
        (self.scales, self.contents) = (scales, contents)
    }

    /// The entries in the file: the elements, and their scales.
    var entries: [SafetensorsEntry] {
        let elements = SafetensorsEntry(name: name, elementType: elementType, shape: shape, section: 1)
        guard let scales else { return [elements] }
        return [
            elements,
            SafetensorsEntry(
                name: PrepackedIndex.scalesName(name), elementType: .float32, shape: [scales.count],
                section: 1),
        ]
    }
}

/// Which tensors of a safetensors file are prepacked: metadata `gsv.prepared`, a JSON object from names in the file to
/// either the name of a form that stands beside the weights, or `{"rows_per_block": 16, "shape": [N, K]}` for a matrix in
/// blocks of rows.
enum PrepackedIndex {
    /// A form beside the weights.
    struct Item: Sendable {
        let form: String
        let tensor: StoredTensor
    }

    /// A file's tensors: weights, and prepacked forms.
    struct Contents {
        var weights: [String: StoredTensor]
        var prepacked: [String: Item] = [:]
    }

    /// The name of a layer's form.
    static func name(_ layer: String) -> String { "prepared." + layer }

    /// The name of the scales of a tensor of signed bytes.
    static func scalesName(_ name: String) -> String { name + ".scales" }

    /// Takes forms out of a file's tensors, and puts matrices in the place of the tensors that hold them as blocks. Scales
    /// belong to their matrices and are no tensors of their own.
    ///
    /// - Throws: `malformed` for metadata that are no such object, name a tensor that is not there, or contradict it.
    static func apply(
        _ metadata: [String: String], to tensors: [String: StoredTensor], path: String
    ) throws(CheckpointError) -> Contents {
        var contents = Contents(weights: tensors)
        if let text = metadata[Origin.Name.prepacked] {
            let index = Index(part: Origin.Name.prepacked, path: path, stored: tensors)
            for entry in try index.entries(text) {
                let stored = try index.tensor(entry.key)
                if case .dict = entry.value {
                    guard let rowsPerBlock = entry.value["rows_per_block"]?.int else {
                        throw index.malformed("\"\(entry.key)\" has no rows_per_block")
                    }
                    try index.replace(stored, entry.value["shape"], rowsPerBlock, in: &contents.weights)
                } else {
                    guard let form = entry.value.string, stored.elementType == .float32 else {
                        throw index.malformed("\"\(entry.key)\" has no form, or is no binary32")
                    }
                    contents.weights[entry.key] = nil
                    contents.prepacked[entry.key] = Item(form: form, tensor: stored)
                }
            }
        }
        // Files of earlier versions: matrices in blocks of 16 rows have an index of their own.
        if let text = metadata[Origin.Name.panels] {
            let index = Index(part: Origin.Name.panels, path: path, stored: tensors)
            for entry in try index.entries(text) {
                try index.replace(try index.tensor(entry.key), entry.value, 16, in: &contents.weights)
            }
        }
        return contents
    }

    /// The metadata for prepacked tensors.
    static func text(_ tensors: [PrepackedTensor]) -> String {
        ConfigValue.dict(
            tensors.map { tensor in
                switch tensor.placement {
                case .beside(let form): .init(tensor.name, .string(form))
                case .instead(let shape, let rowsPerBlock):
                    .init(
                        tensor.name,
                        .dict([
                            .init("rows_per_block", .int(rowsPerBlock)),
                            .init("shape", .list(shape.map { .int($0) })),
                        ]))
                }
            }
        ).json()
    }
}

/// One JSON object of the metadata, and the file's tensors that it speaks of.
private struct Index {
    let part: String
    let path: String
    let stored: [String: StoredTensor]

    func malformed(_ reason: String) -> CheckpointError { .malformed(path: path, part: part, reason: reason) }

    func entries(_ text: String) throws(CheckpointError) -> [ConfigValue.Entry] {
        guard case .dict(let entries) = try ConfigValue(json: text, path: path, part: part) else {
            throw malformed("no JSON object")
        }
        return entries
    }

    func tensor(_ name: String) throws(CheckpointError) -> StoredTensor {
        guard let tensor = stored[name] else { throw malformed("tensor \"\(name)\" is not in the file") }
        return tensor
    }

    /// Puts the matrix that `tensor` holds in blocks in its place.
    func replace(
        _ tensor: StoredTensor, _ shape: ConfigValue?, _ rowsPerBlock: Int,
        in weights: inout [String: StoredTensor]
    ) throws(CheckpointError) {
        guard case .list(let items)? = shape else { throw malformed("\"\(tensor.name)\" has no shape") }
        let sizes = items.compactMap(\.int)
        guard sizes.count == items.count else {
            throw malformed("\"\(tensor.name)\" has a size that is no integer")
        }
        let scales = tensor.elementType == .int8 ? stored[PrepackedIndex.scalesName(tensor.name)] : nil
        weights[tensor.name] = try StoredTensor(
            blocks: tensor, rowsPerBlock: rowsPerBlock, shape: sizes, scales: scales)
        if let scales { weights[scales.name] = nil }
    }
}
