import StrictJSON

/// Why a value does not have a parameter's type, in FastAPI's words: clients parse its 422 responses.
struct CoercionFailure: Error, Sendable {
    /// One entry of the response's `detail` list.
    struct Issue: Sendable, Equatable {
        /// FastAPI's name of the failure, such as `int_parsing`.
        let type: String
        /// What a person reads.
        let message: String
        /// Steps from the parameter to the value: a branch of a union, or an index of a list.
        var steps: [JSONValue] = []
        /// The value where it isn't the whole parameter.
        var input: JSONValue?
    }

    let issues: [Issue]

    /// A failure with one issue.
    init(_ type: String, _ message: String) { issues = [Issue(type: type, message: message)] }

    /// A failure with several.
    init(_ issues: [Issue]) { self.issues = issues }
}
