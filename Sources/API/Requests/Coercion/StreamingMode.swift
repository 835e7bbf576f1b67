import StrictJSON

/// Upstream's `streaming_mode`, declared there as "bool or int": any integer parses, few are valid.
struct StreamingMode: ParameterValue {
    let number: Int64

    static let typeName = "bool or int"

    static func coerce(_ value: JSONValue) throws(CoercionFailure) -> StreamingMode {
        let asFlag: CoercionFailure
        do {
            return StreamingMode(number: try Bool.coerce(value) ? 1 : 0)
        } catch {
            asFlag = error
        }
        do {
            return StreamingMode(number: try Int64.coerce(value))
        } catch {
            throw CoercionFailure(named("bool", asFlag) + named("int", error))
        }
    }

    /// The issues of one branch of the union.
    private static func named(_ branch: String, _ failure: CoercionFailure) -> [CoercionFailure.Issue] {
        failure.issues.map { issue in
            var issue = issue
            issue.steps.insert(.string(branch), at: 0)
            return issue
        }
    }

    var documentation: String { number == 0 ? "false" : String(number) }
}
