import StrictJSON

extension Bool: ParameterValue {
    static let typeName = "bool"

    /// The words for each Boolean, in lower case.
    private static let yes: Set<String> = ["true", "1", "on", "yes", "t", "y"]
    private static let no: Set<String> = ["false", "0", "off", "no", "f", "n"]

    static func coerce(_ value: JSONValue) throws(CoercionFailure) -> Bool {
        switch value {
        case .bool(let flag): return flag
        case .integer(0), .number(0): return false
        case .integer(1), .number(1): return true
        case .string(let text):
            let word = text.lowercased()
            if yes.contains(word) { return true }
            if no.contains(word) { return false }
            throw uninterpretable
        case .integer, .number: throw uninterpretable
        case .null, .array, .object:
            throw CoercionFailure("bool_type", "Input should be a valid boolean")
        }
    }

    private static var uninterpretable: CoercionFailure {
        CoercionFailure("bool_parsing", "Input should be a valid boolean, unable to interpret input")
    }

    var documentation: String { self ? "true" : "false" }
}
