/// A plain value of a checkpoint's configuration: the contents of `config`, `info` and the like.
///
/// Class instances (upstream writes its configuration as an `HParams` object) become the `dict` of their
/// attributes, tuples and sets a `list`, file system paths a `string`.
package enum ConfigValue: Sendable, Equatable {
    /// Python's `None`.
    case null
    /// A Boolean.
    case bool(Bool)
    /// An integer.
    case int(Int)
    /// A floating point number.
    case double(Double)
    /// Text.
    case string(String)
    /// Values in order.
    case list([ConfigValue])
    /// Named values in the file's order; no name comes twice.
    case dict([Entry])

    /// One named value of a `dict`.
    package struct Entry: Sendable, Equatable {
        /// The name.
        package let key: String
        /// The value.
        package let value: ConfigValue

        /// A named value.
        package init(_ key: String, _ value: ConfigValue) {
            self.key = key
            self.value = value
        }
    }

    /// The value under `key`, or nil when there is none or this is no `dict`.
    package subscript(key: String) -> ConfigValue? {
        guard case .dict(let entries) = self else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// The Boolean, if this is one.
    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The integer, if this is one or a floating point number without a fraction.
    package var int: Int? {
        switch self {
        case .int(let value): value
        case .double(let value): Int(exactly: value)
        default: nil
        }
    }

    /// The number as floating point, if this is one.
    package var double: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    /// The text, if this is one.
    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The values, if this is a list.
    package var list: [ConfigValue]? {
        if case .list(let values) = self { values } else { nil }
    }

    /// The named values, if this is a dict.
    package var entries: [Entry]? {
        if case .dict(let entries) = self { entries } else { nil }
    }

    /// The list as integers, if every value is one.
    package var ints: [Int]? {
        guard let values = list else { return nil }
        let numbers = values.compactMap(\.int)
        return numbers.count == values.count ? numbers : nil
    }
}
