/// Writes JSON as UTF-8, piece by piece or a whole `JSONValue`.
package struct JSONWriter: Sendable {
    /// Which characters of a string are written as escapes.
    package enum Escaping: Sendable {
        /// Those that JSON forbids: quotes, backslashes, control characters and halves of surrogate pairs.
        case necessary
        /// Also DEL and the line separators U+2028 and U+2029, which logs and old browsers take for line ends.
        case careful
    }

    /// The text so far.
    package private(set) var bytes: [UInt8] = []
    private let escaping: Escaping

    /// A writer without text.
    package init(escaping: Escaping = .necessary) { self.escaping = escaping }

    /// The text of `value`.
    ///
    /// - Parameter indent: spaces per level for a text over several lines, or `nil` for one line.
    package static func text(
        of value: JSONValue, indent: Int? = nil, escaping: Escaping = .necessary
    ) -> String {
        var writer = JSONWriter(escaping: escaping)
        writer.value(value, indent: indent)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Appends `text` as it is.
    package mutating func raw(_ text: String) { bytes += text.utf8 }

    /// Appends a string.
    package mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars { point(scalar.value) }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends a string of code points; what is no Unicode scalar and no half of a surrogate pair is left out.
    package mutating func string(_ points: [UInt32]) {
        bytes.append(UInt8(ascii: "\""))
        for value in points { point(value) }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends a value. Numbers that JSON has no spelling for (`inf`, `nan`) become `null`.
    ///
    /// - Parameter indent: spaces per level for a text over several lines, or `nil` for one line.
    package mutating func value(_ value: JSONValue, indent: Int? = nil) {
        append(value, indent: indent, level: 0)
    }

    private mutating func append(_ value: JSONValue, indent: Int?, level: Int) {
        switch value {
        case .null: raw("null")
        case .bool(let value): raw(value ? "true" : "false")
        case .integer(let value): raw(String(value))
        case .number(let value): raw(value.isFinite ? String(value) : "null")
        case .string(let value): string(value)
        case .array(let items):
            // An array of plain values stays on one line.
            let inner = items.contains(where: \.isNested) ? indent : nil
            raw("[")
            for (index, item) in items.enumerated() {
                separate(index, indent: inner, level: level + 1)
                append(item, indent: indent, level: level + 1)
            }
            if !items.isEmpty { lineBreak(indent: inner, level: level) }
            raw("]")
        case .object(let members):
            raw("{")
            for (index, member) in members.enumerated() {
                separate(index, indent: indent, level: level + 1)
                string(member.name)
                raw(indent == nil ? ":" : ": ")
                append(member.value, indent: indent, level: level + 1)
            }
            if !members.isEmpty { lineBreak(indent: indent, level: level) }
            raw("}")
        }
    }

    private mutating func separate(_ index: Int, indent: Int?, level: Int) {
        if index > 0 { raw(",") }
        lineBreak(indent: indent, level: level)
    }

    private mutating func lineBreak(indent: Int?, level: Int) {
        guard let indent else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent * level))
    }

    private mutating func point(_ point: UInt32) {
        switch point {
        case 0x22: raw("\\\"")
        case 0x5C: raw("\\\\")
        case 0x0A: raw("\\n")
        case 0x0D: raw("\\r")
        case 0x09: raw("\\t")
        case 0..<0x20, 0xD800..<0xE000: escape(point)
        case 0x20..<0x7F: bytes.append(UInt8(truncatingIfNeeded: point))
        default:
            if escaping == .careful, point == 0x7F || point == 0x2028 || point == 0x2029 {
                return escape(point)
            }
            if let encoded = Unicode.Scalar(point).flatMap(UTF8.encode) { bytes += encoded }
        }
    }

    private mutating func escape(_ point: UInt32) {
        let digits = String(point, radix: 16)
        raw("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
    }
}

extension JSONValue {
    fileprivate var isNested: Bool {
        switch self {
        case .array, .object: true
        default: false
        }
    }
}
