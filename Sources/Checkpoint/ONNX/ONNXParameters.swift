/// Gives the weights of an ONNX graph the names they had as a PyTorch module's parameters.
///
/// Exporters keep the names of most parameters, but not of a linear layer's matrix: that is stored transposed under a
/// number, and only its bias beside it tells what it is. Equal parameters, such as biases that are all zero, may be
/// stored once under one name; parameters without a name are identified by
/// their position, as BERT's layers come in a fixed order.
struct ONNXParameters {
    private let graph: ONNXGraph
    /// The prefix of `bert.` in the names of a wrapped module.
    private let prefix: String
    private(set) var named: [String: Parameter] = [:]

    /// A weight: a constant, and for matrices whether its axes have to be exchanged.
    struct Parameter {
        let tensor: ONNXTensor
        let isTransposed: Bool
    }

    private static let wordEmbeddings = "bert.embeddings.word_embeddings.weight"
    private static let linearNames = [
        "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
        "intermediate.dense", "output.dense",
    ]
    private static let normNames = ["attention.output.LayerNorm", "output.LayerNorm"]

    init(_ graph: ONNXGraph) throws(CheckpointError) {
        self.graph = graph
        let names = graph.constants.keys.filter { $0.hasSuffix(Self.wordEmbeddings) }
        prefix =
            names.min { $0.utf8.count < $1.utf8.count }.map {
                String($0.dropLast(Self.wordEmbeddings.count))
            } ?? ""
        for (name, tensor) in graph.constants {
            if let name = parameterName(name) { named[name] = Parameter(tensor: tensor, isTransposed: false) }
        }
        for node in graph.nodes where node.operation == "Identity" {
            if let output = node.outputs.first, let name = parameterName(output),
                let (tensor, isTransposed) = graph.constant(output)
            {
                named[name] = Parameter(tensor: tensor, isTransposed: isTransposed)
            }
        }
        let operations = graph.nodes.compactMap(operation)
        var uses: [String: Int] = [:]
        for operation in operations {
            uses[operation.weightName, default: 0] += 1
            if let bias = operation.biasName { uses[bias, default: 0] += 1 }
        }
        // Layers outside the encoder have names that nothing shares.
        let encoder = operations.filter { operation in
            operation.kind != .head
                && owner(of: operation, uses)?.hasPrefix("bert.") ?? true
        }
        let layers = encoder.filter { $0.kind == .linear }
        let norms = encoder.filter { $0.kind == .norm }
        let inOrder = !names.isEmpty && layers.count % 6 == 0 && norms.count == 1 + layers.count / 3
        try name(operations, uses, expected: nil)
        guard inOrder else { return }
        try name(layers, uses) { Self.linear(number: $0) }
        try name(norms, uses) { Self.norm(number: $0) }
    }

    private static func linear(number: Int) -> String {
        "bert.encoder.layer.\(number / 6).\(linearNames[number % 6])"
    }

    private static func norm(number: Int) -> String {
        number == 0
            ? "bert.embeddings.LayerNorm"
            : "bert.encoder.layer.\((number - 1) / 2).\(normNames[(number - 1) % 2])"
    }

    /// A name a module's parameter can have, without the wrapper's prefix: words, numbers and periods.
    private func parameterName(_ name: String) -> String? {
        guard name.utf8.contains(UInt8(ascii: ".")),
            name.utf8.allSatisfy({
                ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x5F
                    || $0 == 0x2E
            })
        else { return nil }
        return !prefix.isEmpty && name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
    }

    // MARK: Operations with weights

    private struct Operation {
        enum Kind { case linear, head, norm }
        let kind: Kind
        let weight: Parameter
        let weightName: String
        let bias: Parameter?
        let biasName: String?
    }

    private func operation(_ node: ONNXGraph.Node) -> Operation? {
        switch node.operation {
        case "Gemm": gemm(node)
        case "LayerNormalization": layerNormalization(node)
        case "Add": addition(node)
        default: nil
        }
    }

    /// x·W + b, where `transB` says whether W is transposed.
    private func gemm(_ node: ONNXGraph.Node) -> Operation? {
        guard node.inputs.count >= 2, let (weight, isTransposed) = graph.constant(node.inputs[1]),
            weight.shape.count == 2
        else { return nil }
        var isOutputsFirst = false
        if case .number(let flag)? = node.attributes["transB"] { isOutputsFirst = flag != 0 }
        let biasName = node.inputs.count > 2 ? node.inputs[2] : nil
        return Operation(
            kind: .head, weight: Parameter(tensor: weight, isTransposed: isTransposed == isOutputsFirst),
            weightName: node.inputs[1], bias: biasName.flatMap(vector), biasName: biasName)
    }

    private func layerNormalization(_ node: ONNXGraph.Node) -> Operation? {
        guard node.inputs.count >= 3, let gain = vector(node.inputs[1]), let bias = vector(node.inputs[2])
        else { return nil }
        return Operation(
            kind: .norm, weight: gain, weightName: node.inputs[1], bias: bias, biasName: node.inputs[2])
    }

    /// MatMul(x, W) + b; or the end of a layer norm written out, (x / √…) · gain + bias.
    private func addition(_ node: ONNXGraph.Node) -> Operation? {
        guard node.inputs.count == 2 else { return nil }
        for (biasName, other) in [(node.inputs[0], node.inputs[1]), (node.inputs[1], node.inputs[0])] {
            guard let bias = vector(biasName), let source = graph.producer(of: other),
                source.inputs.count == 2
            else { continue }
            if source.operation == "MatMul",
                let (weight, isTransposed) = graph.constant(source.inputs[1]), weight.shape.count == 2
            {
                return Operation(
                    kind: .linear, weight: Parameter(tensor: weight, isTransposed: !isTransposed),
                    weightName: source.inputs[1], bias: bias, biasName: biasName)
            }
            guard source.operation == "Mul" else { continue }
            for (gainName, scaled) in [
                (source.inputs[0], source.inputs[1]), (source.inputs[1], source.inputs[0]),
            ] {
                guard let gain = vector(gainName), graph.variance(of: scaled) != nil else { continue }
                return Operation(
                    kind: .norm, weight: gain, weightName: gainName, bias: bias, biasName: biasName)
            }
        }
        return nil
    }

    private func vector(_ name: String) -> Parameter? {
        guard let (tensor, _) = graph.constant(name), tensor.shape.count == 1 else { return nil }
        return Parameter(tensor: tensor, isTransposed: false)
    }

    // MARK: Names

    /// - Parameter expected: the layer at a place in the graph, where that is known.
    private mutating func name(
        _ operations: [Operation], _ uses: [String: Int], expected: ((Int) -> String)?
    ) throws(CheckpointError) {
        for (number, operation) in operations.enumerated() {
            let known = owner(of: operation, uses)
            let place = expected?(number)
            if let known, let place, known != place {
                throw CheckpointError.unsupported(
                    path: graph.path,
                    reason: "the weights of \(known) stand where those of \(place) should be")
            }
            guard let owner = known ?? place else { continue }
            named[owner + ".weight"] = operation.weight
            if let bias = operation.bias { named[owner + ".bias"] = bias }
        }
    }

    private func owner(of operation: Operation, _ uses: [String: Int]) -> String? {
        owner(of: operation.weightName, "weight", uses) ?? owner(of: operation.biasName, "bias", uses)
    }

    /// The layer whose parameter has this name, if nothing else uses it.
    private func owner(of name: String?, _ kind: String, _ uses: [String: Int]) -> String? {
        guard let name, uses[name] == 1, let own = parameterName(name), own.hasSuffix("." + kind) else {
            return nil
        }
        return String(own.dropLast(kind.count + 1))
    }
}

extension ONNXGraph {
    /// ε of the layer norm whose normalised value this is: x / √(variance + ε), written out.
    func variance(of value: String) -> Float? {
        guard let quotient = producer(of: value), quotient.operation == "Div", quotient.inputs.count == 2,
            let root = producer(of: quotient.inputs[1]), root.operation == "Sqrt",
            let sum = root.inputs.first.flatMap(producer(of:)), sum.operation == "Add"
        else { return nil }
        return sum.inputs.lazy.compactMap { self.constant($0)?.tensor.smallFloat(self.file) }.first
    }
}
