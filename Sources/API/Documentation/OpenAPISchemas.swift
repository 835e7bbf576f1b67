import StrictJSON

/// Schemas of parameters and responses, for `openapi.json`.
enum OpenAPISchemas {
    static func type(_ name: String) -> JSONValue.Member { JSONValue.Member("type", .string(name)) }
    static func reference(_ name: String) -> JSONValue {
        .object([JSONValue.Member("$ref", .string("#/components/schemas/\(name)"))])
    }

    /// Responses by their type.
    static let json = JSONValue.Member("application/json", .object([type("object")]))
    static let list = JSONValue.Member("application/json", .object([type("array")]))
    static let success = JSONValue.Member("application/json", object(["message": string]))
    static let voice = JSONValue.Member("application/json", reference("Voice"))
    static let voices = JSONValue.Member(
        "application/json", object(["voices": array(of: reference("Voice"))]))
    static let status = JSONValue.Member("application/json", object(["status": string]))
    static let audio = JSONValue.Member("audio/*", .object([]))
    static let events = JSONValue.Member("text/event-stream", .object([]))
    static let text = JSONValue.Member("text/plain", .object([type("string")]))
    static let page = JSONValue.Member("text/html", .object([type("string")]))

    /// Bodies by their type.
    static let clip = JSONValue.Member("application/octet-stream", binary)
    static let form = JSONValue.Member(
        "multipart/form-data",
        object(
            [
                "name": string, "audio_sample": binary, "text": string, "language": string, "consent": string,
                "description": string,
            ], required: ["name", "audio_sample"]))

    /// What the others refer to.
    static let named: JSONValue = .object([
        JSONValue.Member(
            "Error",
            object(
                [
                    "message": string,
                    "code": .object([
                        type("string"),
                        JSONValue.Member("enum", .array(ErrorCode.allCases.map { .string($0.rawValue) })),
                    ]), "Exception": string, "detail": .object([]),
                ], required: ["message", "code"])),
        JSONValue.Member(
            "OpenAIError",
            object([
                "error": object([
                    "message": string, "type": string, "param": nullable, "code": string,
                ])
            ])),
        JSONValue.Member(
            "Voice",
            object(
                [
                    "id": string, "name": string, "language": string, "text": string,
                    "has_own_weights": .object([type("boolean")]), "model": string, "consent": string,
                    "description": string,
                ], required: ["id", "name", "language", "text", "has_own_weights"])),
    ])

    /// A parameter's.
    static func schema(_ parameter: any AnyParameter) -> JSONValue {
        var types: [String]
        var members: [JSONValue.Member] = []
        switch parameter.typeName {
        case "int": types = ["integer"]
        case "float": types = ["number"]
        case "bool": types = ["boolean"]
        case "list of strings":
            types = ["array"]
            members = [JSONValue.Member("items", string)]
        case "bool or int": types = ["boolean", "integer"]
        default: types = ["string"]
        }
        if parameter.acceptsNull { types.append("null") }
        members.insert(
            JSONValue.Member(
                "type", types.count == 1 ? .string(types[0]) : .array(types.map { .string($0) })), at: 0)
        members.append(JSONValue.Member("description", .string(parameter.summary)))
        if let range = parameter.range {
            // The engine's numbers are shorter: what is zero for it is outside of "more than 0".
            let lower = range.excludesLower ? Double(Float(range.lower).nextUp) : range.lower
            members.append(JSONValue.Member("minimum", .number(lower)))
            members.append(JSONValue.Member("maximum", .number(range.upper)))
        }
        return .object(members)
    }

    private static let string: JSONValue = .object([type("string")])
    private static let nullable: JSONValue = .object([
        JSONValue.Member("type", .array([.string("string"), .string("null")]))
    ])
    private static let binary: JSONValue = .object([
        type("string"), JSONValue.Member("format", .string("binary")),
    ])

    private static func array(of items: JSONValue) -> JSONValue {
        .object([type("array"), JSONValue.Member("items", items)])
    }

    /// - Parameter required: the members that must be there; nil means all.
    private static func object(_ members: [String: JSONValue], required: [String]? = nil) -> JSONValue {
        let sorted = members.sorted { $0.key < $1.key }
        return .object([
            type("object"),
            JSONValue.Member("properties", .object(sorted.map { JSONValue.Member($0.key, $0.value) })),
            JSONValue.Member("required", .array((required ?? sorted.map(\.key)).map { .string($0) })),
        ])
    }
}
