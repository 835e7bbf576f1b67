import HTTPTypes
import StrictJSON

/// One entry of FastAPI's 422 answer.
struct RequestIssue: Sendable, Equatable {
    let type: String
    /// Where: `query` or `body`, then the field, then steps inside it.
    let location: [JSONValue]
    let message: String
    let input: JSONValue
    var context: JSONValue?

    /// Characters of a refused string that the answer repeats.
    private static let echoLength = 200

    /// The answer with these entries.
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

    /// The input, short: an answer is no place for a megabyte of what was wrong.
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
