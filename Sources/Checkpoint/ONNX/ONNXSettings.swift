/// The configuration of a BERT network as its ONNX graph determines it. A checkpoint has it as JSON; here it is in the
/// shapes and constants of operations.
struct ONNXSettings {
    private let graph: ONNXGraph

    init(_ graph: ONNXGraph) { self.graph = graph }

    /// The settings under the names of a BERT configuration; those that the graph does not determine are absent.
    /// - Parameter channels: features per token.
    func config(channels: Int) -> ConfigValue {
        var entries: [ConfigValue.Entry] = []
        if let heads = heads(channels) { entries.append(.init("num_attention_heads", .int(heads))) }
        if let epsilon { entries.append(.init("layer_norm_eps", .double(Double(epsilon)))) }
        if let activation { entries.append(.init("hidden_act", .string(activation))) }
        entries.append(
            .init(
                "affect_location",
                .string(graph.nodes.contains { $0.operation == "Sigmoid" } ? "softmax" : "emb")))
        return .dict(entries)
    }

    /// Queries are reshaped to [B, T, heads, head size].
    private func heads(_ channels: Int) -> Int? {
        for node in graph.nodes where node.operation == "Reshape" && node.inputs.count == 2 {
            let sizes = shape(node.inputs[1])
            guard sizes.count == 4, let size = sizes[3], size > 0, channels % Int(size) == 0 else { continue }
            let heads = channels / Int(size)
            if sizes[2] == Int64(heads) || sizes[2] == -1 { return heads }
        }
        return nil
    }

    /// The sizes of a computed shape; nil for those that only the input determines.
    private func shape(_ value: String) -> [Int64?] {
        if let numbers = graph.constant(value)?.tensor.smallIntegers(graph.file) { return numbers }
        guard let node = graph.producer(of: value), node.operation == "Concat" else { return [] }
        return node.inputs.flatMap { part -> [Int64?] in
            var part = part
            if let source = graph.producer(of: part), source.operation == "Unsqueeze",
                let input = source.inputs.first
            {
                part = input
            }
            return graph.constant(part)?.tensor.smallIntegers(graph.file) ?? [nil]
        }
    }

    private var epsilon: Float? {
        for node in graph.nodes {
            if node.operation == "LayerNormalization", case .real(let epsilon)? = node.attributes["epsilon"] {
                return epsilon
            }
            if node.operation == "Div", let value = node.outputs.first,
                let epsilon = graph.variance(of: value)
            {
                return epsilon
            }
        }
        return nil
    }

    private var activation: String? {
        for node in graph.nodes {
            switch node.operation {
            case "Erf": return "gelu"
            case "Gelu":
                if case .text("tanh")? = node.attributes["approximate"] { return "gelu_pytorch_tanh" }
                return "gelu"
            default: continue
            }
        }
        return nil
    }
}
