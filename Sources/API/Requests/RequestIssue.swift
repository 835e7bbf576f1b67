import HTTPTypes
import StrictJSON

/// One entry of FastAPI's 422 response.
struct RequestIssue: Sendable, Equatable {
    let type: String
    /// Where: `query` or `body`, then the field, then steps inside it.
    let location: [JSONValue]
    let message: String
    let input: JSONValue
    var context: JSONValue?

    /// Characters of an invalid string that the response repeats.
    private static let echoLength = 200

    /// The response with these entries.
    static func unprocessable(_ issues: [RequestIssue]) -> APIError {
        APIError(
            status: .unprocessableContent, code: .invalidRequest,
            message: issues.map { "\($0.place): \($0.message)" }.joined(separator: "; "),
            detail: .array(issues.map(\.json)))
    }

    private var place: String {
        location.map { step in
            switch step {
            case .string(let name): name
            case .integer(let index): String(index)
            default: "?"
            }
        }.joined(separator: ".")
    }

    private var json: JSONValue {
        var members = [
            JSONValue.Member("type", .string(type)), JSONValue.Member("loc", .array(location)),
            JSONValue.Member("msg", .string(message)), JSONValue.Member("input", echo),
        ]
        if let context { members.append(JSONValue.Member("ctx", context)) }
        return .object(members)
    }

    /// The input, shortened: responses do not repeat large inputs.
    private var echo: JSONValue {
        switch input {
        case .string(let text): .string(String(text.unicodeScalars.prefix(Self.echoLength)))
        case .array(let values) where values.count > 20: .string("a list of \(values.count) values")
        case .array, .object:
            JSONWriter.text(of: input, escaping: .careful).utf8.count <= Self.echoLength
                ? input : .string("a nested value")
        default: input
        }
    }
}
