import StrictJSON

extension String: ParameterValue {
    static let typeName = "string"

    static func coerce(_ value: JSONValue) throws(CoercionFailure) -> String {
        guard case .string(let text) = value else {
            throw CoercionFailure("string_type", "Input should be a valid string")
        }
        return text
    }

    var documentation: String { "\"\(self)\"" }
}
