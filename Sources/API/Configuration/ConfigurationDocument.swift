import Yams

/// The sections of a `tts_infer.yaml`, as YAML nodes.
struct ConfigurationDocument {
    /// Path of the file, for messages.
    let path: String
    /// Sections by name; empty for an empty file.
    private let sections: [String: Node.Mapping]

    /// Parses `yaml`.
    ///
    /// - Throws: `ConfigurationError.malformed` with the line.
    init(yaml: String, path: String) throws(ConfigurationError) {
        self.path = path
        try Self.refuseAliases(yaml, path: path)
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch {
            throw Self.malformed(error, path: path)
        }
        guard let root, root.null == nil else {
            sections = [:]
            return
        }
        guard let mapping = root.mapping else {
            throw .malformed(
                path: path, line: root.mark?.line ?? 0, reason: "sections (custom:, v2: …) expected")
        }
        var sections: [String: Node.Mapping] = [:]
        for (key, value) in mapping {
            guard let name = key.string, let section = value.mapping else { continue }
            sections[name] = section
        }
        self.sections = sections
    }

    /// The section `name`, if the file has it.
    func section(_ name: String) -> Section? {
        sections[name].map { Section(name: name, path: path, mapping: $0) }
    }

    /// The keys of a file without sections, as one.
    static func single(yaml: String, path: String) throws(ConfigurationError) -> Section? {
        try refuseAliases(yaml, path: path)
        do {
            guard let root = try Yams.compose(yaml: yaml), root.null == nil else { return nil }
            guard let mapping = root.mapping else {
                throw ConfigurationError.malformed(
                    path: path, line: root.mark?.line ?? 0, reason: "keys (language: …) expected")
            }
            return Section(name: "voice", path: path, mapping: mapping)
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw malformed(error, path: path)
        }
    }

    /// One section.
    struct Section {
        let name: String
        fileprivate let path: String
        fileprivate let mapping: Node.Mapping

        /// The text of `key`; `nil` if it is missing, null or empty.
        func text(_ key: String) throws(ConfigurationError) -> String? {
            guard let node = mapping[Node(key)], node.null == nil else { return nil }
            guard let scalar = node.scalar else { throw malformed(node, "\(key) must be a text") }
            return scalar.string.isEmpty ? nil : scalar.string
        }

        /// The texts of `key`, a list; empty if it is missing or null.
        func texts(_ key: String) throws(ConfigurationError) -> [String] {
            guard let node = mapping[Node(key)], node.null == nil else { return [] }
            guard let list = node.sequence else { throw malformed(node, "\(key) must be a list") }
            var texts: [String] = []
            for entry in list {
                guard let scalar = entry.scalar else { throw malformed(entry, "\(key) must hold texts") }
                texts.append(scalar.string)
            }
            return texts
        }

        /// The Boolean of `key`; false if it is missing or null.
        func flag(_ key: String) throws(ConfigurationError) -> Bool {
            guard let node = mapping[Node(key)], node.null == nil else { return false }
            guard let flag = node.bool else { throw malformed(node, "\(key) must be true or false") }
            return flag
        }

        private func malformed(_ node: Node, _ reason: String) -> ConfigurationError {
            .malformed(path: path, line: node.mark?.line ?? 0, reason: "\(name): \(reason)")
        }
    }

    /// Aliases (`*name`) are refused before parsing. No configuration needs them, and a few lines of them can
    /// stand for more nodes than the parser's check for duplicate keys could ever look at.
    private static func refuseAliases(_ yaml: String, path: String) throws(ConfigurationError) {
        let starts: Set<UInt8> = Set(" \t\n\r[{,:-?".utf8)
        let ends: Set<UInt8> = Set(" \t\n\r".utf8)
        var line = 1
        var previous = UInt8(ascii: "\n")
        var isComment = false
        let bytes = Array(yaml.utf8)
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "\n") {
                line += 1
                isComment = false
            }
            if byte == UInt8(ascii: "#"), ends.contains(previous) { isComment = true }
            if byte == UInt8(ascii: "*"), !isComment, starts.contains(previous), index + 1 < bytes.count,
                !ends.contains(bytes[index + 1])
            {
                throw .malformed(path: path, line: line, reason: "aliases (*name) are not supported")
            }
            previous = byte
        }
    }

    /// The parser's complaint, with its line.
    private static func malformed(_ error: any Error, path: String) -> ConfigurationError {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            .malformed(path: path, line: mark.line, reason: problem)
        case .duplicatedKeysInMapping(let keys, let context):
            .malformed(
                path: path, line: context.mark.line, reason: "twice: \(keys.joined(separator: ", "))")
        case .reader(let problem, _, _, _): .malformed(path: path, line: 0, reason: problem)
        default: .malformed(path: path, line: 0, reason: "not YAML")
        }
    }
}
