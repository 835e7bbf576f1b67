import StrictJSON

/// The parameters of a request before coercion, whether they came in the query or in a JSON body.
struct RawParameters: Sendable {
    /// Where they came from, as FastAPI's `loc` names it.
    enum Source: String, Sendable {
        case query, body
    }

    let source: Source
    /// Values by name. Of a key that comes twice, the last counts.
    var values: [String: JSONValue]
    /// All values of each key of a query, in order.
    private var occurrences: [String: [String]] = [:]

    /// Parameters of a JSON object.
    init(body: [String: JSONValue]) {
        source = .body
        values = body
    }

    /// Parameters of a query string.
    ///
    /// - Throws: `invalid_encoding`.
    init(query: String?) throws(APIError) {
        source = .query
        let pairs = try QueryString.pairs(query ?? "")
        occurrences = Dictionary(grouping: pairs, by: \.name).mapValues { $0.map(\.value) }
        values = Dictionary(pairs.map { ($0.name, .string($0.value)) }, uniquingKeysWith: { _, last in last })
    }

    /// What the request says about `parameter`; `nil` if nothing.
    func value(of parameter: any AnyParameter) -> JSONValue? {
        guard let value = values[parameter.name] else { return nil }
        if value == .null, parameter.acceptsNull { return nil }
        guard source == .query, parameter.takesList else { return value }
        // Upstream ignores the list in a query; clients send it empty, or as Python would print it.
        return .array((occurrences[parameter.name] ?? []).filter { $0 != "[]" }.map { .string($0) })
    }

    /// Gives `value` the name `new`, unless the request has that already.
    mutating func rename(_ old: String, to new: String) {
        guard values[new] == nil, let value = values[old] else { return }
        values[new] = value
        occurrences[new] = occurrences[old]
    }
}
