import StrictJSON

/// The description of the API in OpenAPI 3.1, made from the declarations that the routes use.
enum OpenAPIDocument {
    /// One method of one path.
    struct Operation: Sendable {
        let method: String
        let summary: String
        /// Parameters in the query.
        var query: [any AnyParameter] = []
        /// Parameters in a JSON body.
        var body: [any AnyParameter] = []
        /// Names of parameters that must be there.
        var required: Set<String> = []
        /// A body of another kind, by its type, with its schema.
        var otherBodies: [JSONValue.Member] = []
        /// The types of a good response, with their schemas.
        var answers = [OpenAPISchemas.json]
        /// Its status.
        var status = 200
    }

    /// A path and its methods.
    struct Endpoint: Sendable {
        let path: String
        let operations: [Operation]
    }

    /// All paths, without those that need an option.
    static var paths: [String] { OpenAPIEndpoints.all.map(\.path) }

    /// The document.
    static let json: JSONValue = .object([
        JSONValue.Member("openapi", .string("3.1.0")),
        JSONValue.Member(
            "info",
            .object([
                JSONValue.Member("title", .string("gsv")),
                JSONValue.Member("version", .string("1")),
                JSONValue.Member("description", .string("GPT-SoVITS text-to-speech over HTTP.")),
            ])),
        JSONValue.Member(
            "paths", .object(OpenAPIEndpoints.all.map { JSONValue.Member($0.path, path($0)) })),
        JSONValue.Member(
            "components",
            .object([
                JSONValue.Member("schemas", OpenAPISchemas.named),
                JSONValue.Member(
                    "securitySchemes",
                    .object([
                        JSONValue.Member(
                            "key",
                            .object([
                                JSONValue.Member("type", .string("http")),
                                JSONValue.Member("scheme", .string("bearer")),
                            ]))
                    ])),
            ])),
    ])

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
                parameter(name, place: "path", isRequired: true, schema: .object([type("string")]))
            }
            + operation.query.map { declared in
                parameter(
                    declared.name, place: "query", isRequired: operation.required.contains(declared.name),
                    schema: OpenAPISchemas.schema(declared))
            }
        if !parameters.isEmpty { members.append(JSONValue.Member("parameters", .array(parameters))) }
        if !operation.body.isEmpty {
            members.append(JSONValue.Member("requestBody", jsonBody(operation)))
        } else if !operation.otherBodies.isEmpty {
            members.append(
                JSONValue.Member(
                    "requestBody",
                    .object([
                        JSONValue.Member("required", .bool(true)),
                        JSONValue.Member("content", content(operation.otherBodies)),
                    ])))
        }
        members.append(JSONValue.Member("responses", responses(operation, at: path)))
        return .object(members)
    }

    private static func jsonBody(_ operation: Operation) -> JSONValue {
        let properties = operation.body.map { JSONValue.Member($0.name, OpenAPISchemas.schema($0)) }
        let required = operation.body.map(\.name).filter(operation.required.contains)
        let object = JSONValue.object([
            type("object"), JSONValue.Member("properties", .object(properties)),
            JSONValue.Member("required", .array(required.map { .string($0) })),
        ])
        let content = JSONValue.object([
            JSONValue.Member("application/json", .object([JSONValue.Member("schema", object)]))
        ])
        return .object([
            JSONValue.Member("required", .bool(true)), JSONValue.Member("content", content),
        ])
    }

    private static func content(_ schemas: [JSONValue.Member]) -> JSONValue {
        .object(
            schemas.map { JSONValue.Member($0.name, .object([JSONValue.Member("schema", $0.value)])) })
    }

    private static func responses(_ operation: Operation, at path: String) -> JSONValue {
        func response(_ text: String, _ types: [JSONValue.Member]) -> JSONValue {
            var members = [JSONValue.Member("description", .string(text))]
            if operation.method != "head" { members.append(JSONValue.Member("content", content(types))) }
            return .object(members)
        }
        let error = OpenAPISchemas.reference(path.hasPrefix("/v1/") ? "OpenAIError" : "Error")
        return .object([
            JSONValue.Member("\(operation.status)", response("done", operation.answers)),
            JSONValue.Member(
                "default",
                response("an error", [JSONValue.Member("application/json", error)])),
        ])
    }

    private static func parameter(
        _ name: String, place: String, isRequired: Bool, schema: JSONValue
    ) -> JSONValue {
        .object([
            JSONValue.Member("name", .string(name)), JSONValue.Member("in", .string(place)),
            JSONValue.Member("required", .bool(isRequired)), JSONValue.Member("schema", schema),
        ])
    }

    private static func type(_ name: String) -> JSONValue.Member { OpenAPISchemas.type(name) }
}
