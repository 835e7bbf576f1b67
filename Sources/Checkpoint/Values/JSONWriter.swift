extension ConfigValue {
    /// The value as JSON text. Numbers that JSON has no spelling for (`inf`, `nan`) become `null`.
    ///
    /// - Parameter indent: spaces per level for a text over several lines, or nil for one line.
    public func json(indent: Int? = nil) -> String {
        var text = ""
        write(to: &text, indent: indent, level: 0)
        return text
    }

    private func write(to text: inout String, indent: Int?, level: Int) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .int(let value): text += String(value)
        case .double(let value): text += value.isFinite ? String(value) : "null"
        case .string(let value): Self.quote(value, to: &text)
        case .list(let values):
            // A list of plain values stays on one line.
            let inner = values.contains { $0.list != nil || $0.entries != nil } ? indent : nil
            Self.group("[", "]", values, to: &text, indent: inner, level: level) { value, text in
                value.write(to: &text, indent: indent, level: level + 1)
            }
        case .dict(let entries):
            Self.group("{", "}", entries, to: &text, indent: indent, level: level) { entry, text in
                Self.quote(entry.key, to: &text)
                text += indent == nil ? ":" : ": "
                entry.value.write(to: &text, indent: indent, level: level + 1)
            }
        }
    }

    private static func group<T>(
        _ open: String, _ close: String, _ items: [T], to text: inout String, indent: Int?, level: Int,
        write: (T, inout String) -> Void
    ) {
        text += open
        for (index, item) in items.enumerated() {
            if index > 0 { text += "," }
            if let indent { text += "\n" + String(repeating: " ", count: indent * (level + 1)) }
            write(item, &text)
        }
        if let indent, !items.isEmpty { text += "\n" + String(repeating: " ", count: indent * level) }
        text += close
    }

    /// Appends `value` as a JSON string.
    static func quote(_ value: String, to text: inout String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
