import StrictJSON

/// The parameters of a request, coerced to their types, with defaults for those that it doesn't name.
struct Parameters: Sendable {
    private let values: [String: any ParameterValue]
    private let defaults: DefaultSet

    /// Coerces what `raw` says about the parameters of `table`; names outside the table are ignored.
    ///
    /// - Throws: a 422 that lists every value that cannot be coerced.
    init(_ raw: RawParameters, table: [any AnyParameter], defaults: DefaultSet) throws(APIError) {
        var values: [String: any ParameterValue] = [:]
        var issues: [RequestIssue] = []
        for parameter in table {
            guard let value = raw.value(of: parameter) else { continue }
            do {
                values[parameter.name] = try parameter.coerce(value)
            } catch {
                issues += error.issues.map { issue in
                    RequestIssue(
                        type: issue.type,
                        location: [.string(raw.source.rawValue), .string(parameter.name)] + issue.steps,
                        message: issue.message, input: issue.input ?? value)
                }
            }
        }
        guard issues.isEmpty else { throw RequestIssue.unprocessable(issues) }
        self.values = values
        self.defaults = defaults
    }

    /// The value of `parameter`.
    subscript<Value>(parameter: Parameter<Value>) -> Value {
        values[parameter.name] as? Value ?? parameter.fallback(in: defaults)
    }

    /// Refuses the first number outside its range.
    func checkRanges(of table: [any AnyParameter]) throws(APIError) {
        for parameter in table {
            guard let range = parameter.range, let value = values[parameter.name],
                let number = value.magnitudeForRange, !range.contains(number)
            else { continue }
            throw .badRequest(
                .invalidParameter, "\(parameter.name): \(value.documentation) is out of range: \(range)")
        }
    }
}
