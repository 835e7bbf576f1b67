import StrictJSON

/// The description of the API in OpenAPI 3.1, generated from the declarations that the routes use.
enum OpenAPIDocument {
    /// One method of one path.
    struct Operation: Sendable {
        let method: String
        let summary: String
        /// Parameters in the query.
        var query: [any AnyParameter] = []
        /// Parameters in a JSON body.
        var body: [any AnyParameter] = []
        /// Names of required parameters.
        var required: Set<String> = []
        /// Bodies of other media types, with their schemas.
        var otherBodies: [JSONValue.Member] = []
        /// Media types of a successful response, with their schemas.
        var answers = [OpenAPISchemas.json]
        /// Status of a successful response.
        var status = 200
    }

    /// A path and its methods.
    struct Endpoint: Sendable {
        let path: String
        let operations: [Operation]
    }

    /// All paths, except those that exist with an option only.
    static var paths: [String] { OpenAPIEndpoints.all.map(\.path) }

    /// The document.
    static let json: JSONValue = [
        "openapi": "3.1.0",
        "info": [
            "title": "gsv",
            "version": "1",
            "description": "GPT-SoVITS text-to-speech over HTTP.",
        ],
        "paths": .object(OpenAPIEndpoints.all.map { JSONValue.Member($0.path, path($0)) }),
        "components": [
            "schemas": OpenAPISchemas.named,
            "securitySchemes": ["key": ["type": "http", "scheme": "bearer"]],
        ],
    ]

    private static func path(_ endpoint: Endpoint) -> JSONValue {
        let names = endpoint.path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
            String($0.dropFirst().dropLast())
        }
        return .object(
            endpoint.operations.map { operation in
                JSONValue.Member(operation.method, self.operation(operation, names, at: endpoint.path))
            })
    }

    private static func operation(
        _ operation: Operation, _ pathNames: [String], at path: String
    ) -> JSONValue {
        var members = [JSONValue.Member("summary", .string(operation.summary))]
        let parameters =
            pathNames.map { name in
                parameter(name, place: "path", isRequired: true, schema: ["type": "string"])
            }
            + operation.query.map { declared in
                parameter(
                    declared.name, place: "query", isRequired: operation.required.contains(declared.name),
                    schema: OpenAPISchemas.schema(declared))
            }
        if !parameters.isEmpty { members.append(JSONValue.Member("parameters", .array(parameters))) }
        if let body = requestBody(operation) { members.append(JSONValue.Member("requestBody", body)) }
        members.append(JSONValue.Member("responses", responses(operation, at: path)))
        return .object(members)
    }

    private static func requestBody(_ operation: Operation) -> JSONValue? {
        guard !operation.body.isEmpty else {
            guard !operation.otherBodies.isEmpty else { return nil }
            return ["required": true, "content": content(operation.otherBodies)]
        }
        let properties = operation.body.map { JSONValue.Member($0.name, OpenAPISchemas.schema($0)) }
        let required = operation.body.map(\.name).filter(operation.required.contains)
        let schema: JSONValue = [
            "type": "object", "properties": .object(properties),
            "required": .array(required.map { .string($0) }),
        ]
        let json = JSONValue.Member("application/json", schema)
        return ["required": true, "content": content([json] + operation.otherBodies)]
    }

    private static func content(_ schemas: [JSONValue.Member]) -> JSONValue {
        .object(schemas.map { JSONValue.Member($0.name, ["schema": $0.value]) })
    }

    private static func responses(_ operation: Operation, at path: String) -> JSONValue {
        func response(_ text: String, _ types: [JSONValue.Member]) -> JSONValue {
            operation.method == "head"
                ? ["description": .string(text)]
                : ["description": .string(text), "content": content(types)]
        }
        let error = OpenAPISchemas.reference(path.hasPrefix("/v1/") ? "OpenAIError" : "Error")
        return [
            "\(operation.status)": response("done", operation.answers),
            "default": response("an error", [JSONValue.Member("application/json", error)]),
        ]
    }

    private static func parameter(
        _ name: String, place: String, isRequired: Bool, schema: JSONValue
    ) -> JSONValue {
        ["name": .string(name), "in": .string(place), "required": .bool(isRequired), "schema": schema]
    }
}
