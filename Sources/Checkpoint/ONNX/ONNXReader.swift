import Files
import Foundation

/// The ONNX format: a protobuf message with a graph whose constants are the weights.
enum ONNXReader {
    /// Reads the graph's weights under their parameters' names, and the configuration that the graph determines.
    ///
    /// Matrices of linear layers come out as `[outputs, inputs]`, as PyTorch has them: a view with exchanged strides.
    static func read(_ file: MappedFile) throws(CheckpointError) -> (
        tensors: [String: StoredTensor], config: ConfigValue
    ) {
        try file.withBytes { (bytes) throws(CheckpointError) in
            let graph = try ONNXGraph(bytes, path: file.path)
            var externalFiles: [String: MappedFile] = [:]
            var tensors: [String: StoredTensor] = [:]
            for (name, parameter) in try ONNXParameters(graph).named {
                tensors[name] = try stored(parameter, name, file, &externalFiles)
            }
            let words = tensors["bert.embeddings.word_embeddings.weight"]?.shape ?? []
            let config: ConfigValue =
                words.count == 2 ? ONNXSettings(graph).config(channels: words[1]) : .null
            return (tensors, config)
        }
    }

    /// nil for a tensor that is no weight: written out as numbers, or of a type that weights do not have.
    private static func stored(
        _ parameter: ONNXParameters.Parameter, _ name: String, _ file: MappedFile,
        _ externalFiles: inout [String: MappedFile]
    ) throws(CheckpointError) -> StoredTensor? {
        let tensor = parameter.tensor
        guard let type = tensor.elementType else { return nil }
        var count = type.byteWidth
        for size in tensor.shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow else { throw malformed(file, name, "shape \(tensor.shape)") }
            count = product
        }
        let source: MappedFile
        let storage: Range<Int>
        switch tensor.place {
        case .inside(let range): (source, storage) = (file, range)
        case .beside(let beside, let offset, let length):
            if let known = externalFiles[beside] {
                source = known
            } else {
                source = try open(beside, nextTo: file)
            }
            externalFiles[beside] = source
            guard offset <= source.byteCount, count <= source.byteCount - offset else {
                throw malformed(
                    file, name, "\(count) bytes at \(offset) of \(beside), which has \(source.byteCount)")
            }
            storage = offset..<offset + (length ?? count)
        case .numbers, .nowhere: return nil
        }
        guard storage.count == count else {
            throw malformed(
                file, name, "shape \(tensor.shape) takes \(count) bytes, \(storage.count) are there")
        }
        var shape = tensor.shape
        var strides = [Int](repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() {
            strides[axis] =
                strides[axis + 1].multipliedReportingOverflow(by: max(shape[axis + 1], 1)).partialValue
        }
        if parameter.isTransposed {
            shape.reverse()
            strides.reverse()
        }
        return try StoredTensor(
            name: name, elementType: type, shape: shape, strides: strides, offset: 0, storage: storage,
            file: source)
    }

    private static func open(_ name: String, nextTo file: MappedFile) throws(CheckpointError) -> MappedFile {
        let folder = URL(fileURLWithPath: file.path).deletingLastPathComponent()
        return try Checkpoint.mapped(folder.appendingPathComponent(name).path)
    }

    private static func malformed(_ file: MappedFile, _ name: String, _ reason: String) -> CheckpointError {
        .malformed(path: file.path, part: "tensor \"\(name)\"", reason: reason)
    }
}
