/// The graph of an ONNX file: operations, and the tensors that are constant in it.
///
/// Only what names weights is read: operations with their inputs and outputs, `initializer`s, `Constant`s, and a few
/// attributes. Source: `onnx.proto3` of ONNX 1.16.
struct ONNXGraph {
    /// An operation.
    struct Node {
        var operation = ""
        var inputs: [String] = []
        var outputs: [String] = []
        var attributes: [String: Attribute] = [:]
    }

    /// The value of an attribute, as far as it is one of these.
    enum Attribute {
        case number(Int64)
        case numbers([Int64])
        case real(Float)
        case text(String)
        case tensor(ONNXTensor)
    }

    private(set) var nodes: [Node] = []
    /// Constant tensors by the name of their value.
    private(set) var constants: [String: ONNXTensor] = [:]
    /// The node that computes each value.
    private(set) var producers: [String: Int] = [:]
    /// The file's bytes.
    let file: UnsafeRawBufferPointer
    let path: String

    /// Above any network of this kind.
    private static let maximumNodes = 100_000
    private static let maximumTensors = 100_000
    private static let maximumInputs = 4096

    init(_ file: UnsafeRawBufferPointer, path: String) throws(CheckpointError) {
        self.file = file
        self.path = path
        var reader = ProtobufReader(file, 0..<file.count, path: path, part: "ONNX model")
        var graph: Range<Int>?
        while let field = try reader.next() {
            if field.number == 7, case .bytes(let range) = field.value { graph = range }
        }
        guard let graph else { throw reader.malformed("no graph") }
        var body = reader.message(graph, part: "ONNX graph")
        while let field = try body.next() {
            guard case .bytes(let range) = field.value else { continue }
            switch field.number {
            case 1: try add(node(body.message(range, part: "ONNX node")))
            case 5:
                let tensor = try ONNXTensor(body.message(range, part: "ONNX tensor"))
                try add(tensor, named: tensor.name)
            case 15:
                throw CheckpointError.unsupported(path: path, reason: "it has sparse weights")
            default: break
            }
        }
    }

    private mutating func add(_ tensor: ONNXTensor, named name: String) throws(CheckpointError) {
        guard constants.count < Self.maximumTensors else {
            throw CheckpointError.limitExceeded(
                path: path, what: "tensors of the ONNX graph", found: constants.count + 1,
                limit: Self.maximumTensors)
        }
        constants[name] = tensor
    }

    private mutating func add(_ node: Node) throws(CheckpointError) {
        guard nodes.count < Self.maximumNodes else {
            throw CheckpointError.limitExceeded(
                path: path, what: "operations of the ONNX graph", found: nodes.count + 1,
                limit: Self.maximumNodes)
        }
        for output in node.outputs where !output.isEmpty { producers[output] = nodes.count }
        nodes.append(node)
        if node.operation == "Constant", let name = node.outputs.first,
            case .tensor(let tensor)? = node.attributes["value"]
        {
            try add(tensor, named: name)
        }
    }

    private func node(_ reader: ProtobufReader) throws(CheckpointError) -> Node {
        var reader = reader
        var node = Node()
        while let field = try reader.next() {
            switch field.number {
            case 1: node.inputs.append(try reader.text(field.value))
            case 2: node.outputs.append(try reader.text(field.value))
            case 4: node.operation = try reader.text(field.value)
            case 5:
                guard case .bytes(let range) = field.value else { throw reader.malformed("an attribute") }
                let (name, value) = try attribute(reader.message(range, part: "ONNX attribute"))
                node.attributes[name] = value
            default: break
            }
            guard node.inputs.count + node.outputs.count + node.attributes.count <= Self.maximumInputs else {
                throw CheckpointError.limitExceeded(
                    path: path, what: "inputs and outputs of an operation",
                    found: node.inputs.count + node.outputs.count, limit: Self.maximumInputs)
            }
        }
        return node
    }

    private func attribute(_ reader: ProtobufReader) throws(CheckpointError) -> (String, Attribute?) {
        var reader = reader
        var name = ""
        var value: Attribute?
        var numbers: [Int64] = []
        while let field = try reader.next() {
            switch (field.number, field.value) {
            case (1, _): name = try reader.text(field.value)
            case (2, .fixed32(let bits)): value = .real(Float(bitPattern: bits))
            case (3, .varint(let number)): value = .number(Int64(bitPattern: number))
            case (4, .bytes(let range)) where range.count <= 64: value = .text(try reader.text(field.value))
            case (5, .bytes(let range)):
                value = .tensor(try ONNXTensor(reader.message(range, part: "ONNX tensor")))
            case (8, _):
                numbers += try reader.integers(field.value, limit: Self.maximumInputs)
                guard numbers.count <= Self.maximumInputs else { throw reader.malformed("its numbers") }
                value = .numbers(numbers)
            default: break
            }
        }
        return (name, value)
    }

    /// The node that computes a value.
    func producer(of value: String) -> Node? { producers[value].map { nodes[$0] } }

    /// The constant behind a value, through `Identity` and, for a matrix, `Transpose`.
    func constant(_ value: String) -> (tensor: ONNXTensor, isTransposed: Bool)? {
        var value = value
        var isTransposed = false
        // Exporters insert one or two such steps; the limit ends cycles.
        for _ in 0..<8 {
            if let tensor = constants[value] { return (tensor, isTransposed) }
            guard let node = producer(of: value), let input = node.inputs.first else { return nil }
            switch node.operation {
            case "Identity": break
            case "Transpose":
                if case .numbers(let order)? = node.attributes["perm"], order != [1, 0] { return nil }
                isTransposed.toggle()
            default: return nil
            }
            value = input
        }
        return nil
    }
}
