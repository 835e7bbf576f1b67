import StrictJSON

/// A list of paths. Empty ones mean nothing.
struct PathList: ParameterValue {
    let paths: [String]

    static let typeName = "list of strings"

    static func coerce(_ value: JSONValue) throws(CoercionFailure) -> PathList {
        guard case .array(let elements) = value else {
            throw CoercionFailure("list_type", "Input should be a valid list")
        }
        var paths: [String] = []
        var issues: [CoercionFailure.Issue] = []
        for (index, element) in elements.enumerated() {
            switch element {
            case .string(""), .null: continue
            case .string(let path): paths.append(path)
            default:
                issues.append(
                    CoercionFailure.Issue(
                        type: "string_type", message: "Input should be a valid string",
                        steps: [.integer(Int64(index))], input: element))
            }
        }
        guard issues.isEmpty else { throw CoercionFailure(issues) }
        return PathList(paths: paths)
    }

    var documentation: String { paths.isEmpty ? "[]" : paths.joined(separator: ", ") }
}
