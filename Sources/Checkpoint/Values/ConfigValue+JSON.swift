import StrictJSON

extension ConfigValue {
    /// Reads JSON text: every value is one of a configuration.
    ///
    /// - Parameters:
    ///   - text: the JSON.
    ///   - path: the file it comes from, for errors.
    ///   - part: the part of that file, for errors.
    /// - Throws: `CheckpointError.malformed` with the place of the first mistake.
    init(json text: String, path: String, part: String) throws(CheckpointError) {
        self.init(try JSONValue.inFile(Array(text.utf8), path: path, part: part))
    }

    private init(_ value: JSONValue) {
        switch value {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .int(Int(value))
        case .number(let value): self = .double(value)
        case .string(let value): self = .string(value)
        case .array(let items): self = .list(items.map { ConfigValue($0) })
        case .object(let members): self = .dict(members.map { Entry($0.name, ConfigValue($0.value)) })
        }
    }

    /// The value as JSON text. Numbers that JSON has no spelling for (`inf`, `nan`) become `null`.
    ///
    /// - Parameter indent: spaces per level for a text over several lines, or nil for one line.
    package func json(indent: Int? = nil) -> String {
        JSONWriter.text(of: jsonValue, indent: indent)
    }

    private var jsonValue: JSONValue {
        switch self {
        case .null: .null
        case .bool(let value): .bool(value)
        case .int(let value): .integer(Int64(value))
        case .double(let value): .number(value)
        case .string(let value): .string(value)
        case .list(let values): .array(values.map(\.jsonValue))
        case .dict(let entries): .object(entries.map { JSONValue.Member($0.key, $0.value.jsonValue) })
        }
    }
}

extension JSONValue {
    /// Reads JSON that is part of a file: without duplicate names, with exact integers, and no more than a
    /// million values (a header of 10,000 tensors has 100,000).
    ///
    /// - Throws: `CheckpointError.malformed` with the place of the first mistake.
    static func inFile(_ bytes: [UInt8], path: String, part: String) throws(CheckpointError) -> JSONValue {
        var options = JSONOptions()
        options.maximumValues = 1_000_000
        do {
            return try JSONReader.read(bytes, options: options)
        } catch {
            throw .malformed(path: path, part: part, reason: "\(error.reason) at offset \(error.offset)")
        }
    }
}
