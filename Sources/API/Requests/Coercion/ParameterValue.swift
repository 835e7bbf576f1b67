import StrictJSON

/// A type of parameter: how JSON becomes a value of it. A query string is coerced as JSON strings.
///
/// The rules are those of FastAPI with pydantic 2 in its lax mode, which is what upstream's clients have
/// been written against: `"5"`, `5.0` and `true` are integers, `"yes"` is a Boolean, a number is
/// not a string.
protocol ParameterValue: Sendable, Equatable {
    /// The name of the type in the documentation.
    static var typeName: String { get }
    /// Converts, or says what is wrong.
    static func coerce(_ value: JSONValue) throws(CoercionFailure) -> Self
    /// The value as the documentation writes it.
    var documentation: String { get }
    /// The value as a number, for range checks.
    var magnitudeForRange: Double? { get }
}

extension ParameterValue {
    var magnitudeForRange: Double? { nil }
}
