/// A JSON text in memory. Integers and other numbers are distinct, as exact sizes and type coercion require.
///
/// Literals of Swift make values: `["type": "array", "items": ["type": "string"], "minItems": 1]`. There is none for
/// `null`, because `nil` would be ambiguous where a value is optional.
package enum JSONValue: Sendable, Equatable {
    /// `null`.
    case null
    /// A Boolean.
    case bool(Bool)
    /// A literal without fraction or exponent that fits in 64 bits.
    case integer(Int64)
    /// Any other finite number.
    case number(Double)
    /// Text.
    case string(String)
    /// Values in order.
    case array([JSONValue])
    /// Names and values in the order of the text; a name that comes twice is kept twice, where it is allowed.
    case object([Member])

    /// One name and its value.
    package struct Member: Sendable, Equatable {
        /// The name.
        package let name: String
        /// The value.
        package let value: JSONValue

        /// A named value.
        package init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// The text, if this is one.
    package var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The values, if this is an array.
    package var items: [JSONValue]? {
        if case .array(let items) = self { items } else { nil }
    }

    /// The members by name; of a name that comes twice, the last counts, as in Python. `nil` for other values.
    package var members: [String: JSONValue]? {
        guard case .object(let members) = self else { return nil }
        return Dictionary(members.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last })
    }

    /// The value of one member, searched from the end; `nil` when there is none or this is no object.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }
}

// MARK: - Literals

extension JSONValue: ExpressibleByDictionaryLiteral {
    /// An object whose members are in the order of the literal.
    package init(dictionaryLiteral members: (String, JSONValue)...) {
        self = .object(members.map { Member($0.0, $0.1) })
    }
}

extension JSONValue: ExpressibleByArrayLiteral {
    /// An array of the literal's items.
    package init(arrayLiteral items: JSONValue...) { self = .array(items) }
}

extension JSONValue: ExpressibleByStringInterpolation {
    /// A string.
    package init(stringLiteral text: String) { self = .string(text) }
}

extension JSONValue: ExpressibleByIntegerLiteral {
    /// An integer.
    package init(integerLiteral value: Int64) { self = .integer(value) }
}

extension JSONValue: ExpressibleByFloatLiteral {
    /// A number.
    package init(floatLiteral value: Double) { self = .number(value) }
}

extension JSONValue: ExpressibleByBooleanLiteral {
    /// A Boolean.
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}
