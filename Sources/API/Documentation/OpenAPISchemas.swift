import StrictJSON

/// Schemas of parameters and responses, for `openapi.json`.
enum OpenAPISchemas {
    static func reference(_ name: String) -> JSONValue { ["$ref": "#/components/schemas/\(name)"] }

    /// Responses by media type.
    static let json = JSONValue.Member("application/json", ["type": "object"])
    static let list = JSONValue.Member("application/json", ["type": "array"])
    static let success = JSONValue.Member("application/json", object(["message": string]))
    static let voice = JSONValue.Member("application/json", reference("Voice"))
    static let voices = JSONValue.Member(
        "application/json", object(["voices": ["type": "array", "items": reference("Voice")]]))
    static let status = JSONValue.Member("application/json", object(["status": string]))
    static let health = JSONValue.Member(
        "application/json",
        object([
            "status": string, "model_version": string, "gpt_weights": string, "sovits_weights": string,
            "gemm": string,
        ]))
    static let similarity = JSONValue.Member(
        "application/json",
        object(["similarity": ["type": "number", "minimum": .number(-1), "maximum": .number(1)]]))
    static let audio = JSONValue.Member("audio/*", [:])
    static let events = JSONValue.Member("text/event-stream", [:])
    static let text = JSONValue.Member("text/plain", string)
    static let page = JSONValue.Member("text/html", string)

    /// Bodies by media type.
    static let clip = JSONValue.Member("application/octet-stream", binary)
    static let form = JSONValue.Member(
        "multipart/form-data",
        object(
            [
                "name": string, "audio_sample": binary, "text": string, "language": string, "consent": string,
                "description": string,
            ], required: ["name", "audio_sample"]))

    /// Two clips, each a file or a string.
    static let clips = JSONValue.Member("multipart/form-data", object(["a": binary, "b": binary]))

    /// Schemas that others refer to.
    static let named: JSONValue = [
        "Error": object(
            [
                "message": string,
                "code": [
                    "type": "string", "enum": .array(ErrorCode.allCases.map { .string($0.rawValue) }),
                ],
                "Exception": string, "detail": [:],
            ], required: ["message", "code"]),
        "OpenAIError": object([
            "error": object([
                "message": string, "type": string, "param": ["type": ["string", "null"]], "code": string,
            ])
        ]),
        "Voice": object(
            [
                "id": string, "name": string, "language": string, "text": string,
                "has_own_weights": ["type": "boolean"], "model": string, "consent": string,
                "description": string,
            ], required: ["id", "name", "language", "text", "has_own_weights"]),
    ]

    /// The schema of a parameter.
    static func schema(_ parameter: any AnyParameter) -> JSONValue {
        var types: [JSONValue]
        switch parameter.typeName {
        case "int": types = ["integer"]
        case "float": types = ["number"]
        case "bool": types = ["boolean"]
        case "list of strings": types = ["array"]
        case "bool or int": types = ["boolean", "integer"]
        default: types = ["string"]
        }
        let isArray = types == ["array"]
        if parameter.acceptsNull { types.append("null") }
        var members = [JSONValue.Member("type", types.count == 1 ? types[0] : .array(types))]
        if isArray { members.append(JSONValue.Member("items", string)) }
        members.append(JSONValue.Member("description", .string(parameter.summary)))
        if let range = parameter.range {
            // The engine computes in single precision, where a number just above an exclusive bound may be equal to it.
            let lower = range.excludesLower ? Double(Float(range.lower).nextUp) : range.lower
            members.append(JSONValue.Member("minimum", .number(lower)))
            members.append(JSONValue.Member("maximum", .number(range.upper)))
        }
        return .object(members)
    }

    private static let string: JSONValue = ["type": "string"]
    private static let binary: JSONValue = ["type": "string", "format": "binary"]

    /// - Parameter required: names of required members; nil means all.
    private static func object(_ members: [String: JSONValue], required: [String]? = nil) -> JSONValue {
        let sorted = members.sorted { $0.key < $1.key }
        return [
            "type": "object",
            "properties": .object(sorted.map { JSONValue.Member($0.key, $0.value) }),
            "required": .array((required ?? sorted.map(\.key)).map { .string($0) }),
        ]
    }
}
