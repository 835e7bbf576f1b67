import StrictJSON
import Yams

/// Changes values of a voice.yaml and keeps everything else: other keys, their order, comments.
enum VoiceSettings {
    /// The text with each of `values` in place of, or behind, what `yaml` has.
    ///
    /// Lines are edited, so that comments survive. Where the result does not have exactly the expected keys and values (YAML
    /// has many ways to write a mapping), the mapping is written anew.
    ///
    /// - Throws: `YamlError` if `yaml` cannot be parsed.
    static func setting(_ values: [(key: String, value: String)], in yaml: String) throws -> String {
        let root = try Yams.compose(yaml: yaml)
        var expected = root?.mapping ?? Node.Mapping([])
        for (key, value) in values { expected[Node(key)] = Self.node(value) }
        var edited = yaml
        for (key, value) in values { edited = setting(key, value, in: edited) }
        if let found = try? Yams.compose(yaml: edited)?.mapping, isEqual(found, expected) { return edited }
        return try Yams.serialize(node: .mapping(expected), allowUnicode: true)
    }

    /// A JSON string is a YAML string.
    private static func quoted(_ text: String) -> String {
        JSONWriter.text(of: .string(text), escaping: .careful)
    }

    private static func node(_ text: String) -> Node {
        .scalar(Node.Scalar(text, Tag(.str), .doubleQuoted))
    }

    /// Whether two mappings have the same keys in the same order, and equal values. Yams compares tags too, which differ
    /// between a quoted and a plain string.
    private static func isEqual(_ found: Node.Mapping, _ expected: Node.Mapping) -> Bool {
        found.count == expected.count
            && zip(found, expected).allSatisfy { found, expected in
                guard found.key.string == expected.key.string else { return false }
                if let text = expected.value.scalar?.string { return found.value.scalar?.string == text }
                return found.value == expected.value
            }
    }

    /// Replaces the line of `key` and the lines that continue it, or appends one.
    private static func setting(_ key: String, _ value: String, in yaml: String) -> String {
        var lines = yaml.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        let line = "\(key): \(quoted(value))"
        guard let start = lines.firstIndex(where: { $0.hasPrefix("\(key):") }) else {
            return (lines + [line]).joined(separator: "\n") + "\n"
        }
        var end = start + 1
        while end < lines.count, lines[end].hasPrefix(" ") || lines[end].hasPrefix("\t") { end += 1 }
        lines.replaceSubrange(start..<end, with: [line])
        return lines.joined(separator: "\n") + "\n"
    }
}
