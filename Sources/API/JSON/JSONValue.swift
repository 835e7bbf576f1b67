/// A JSON text in memory. Numbers keep the difference that type coercion needs: a whole literal or another
/// one.
enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    /// A literal without fraction or exponent that fits 64 bits.
    case integer(Int64)
    /// Any other finite number.
    case number(Double)
    case string(String)
    case array([JSONValue])
    /// Names and values in the order of the text; a name that comes twice is kept twice.
    case object([Member])

    /// One name and its value.
    struct Member: Sendable, Equatable {
        let name: String
        let value: JSONValue

        init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// The members by name; of a name that comes twice, the last counts, as in Python. `nil` for other
    /// values.
    var members: [String: JSONValue]? {
        guard case .object(let members) = self else { return nil }
        return Dictionary(members.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last })
    }
}
