/// Where the keys of one role come from: a flag, a file and an environment variable.
///
/// A source that is given but holds no key is an error, never an open server: an unset variable in a compose file or a
/// truncated file must not remove the protection.
package struct KeySource: Sendable {
    /// The flag, for messages: `--api-key`.
    package let flag: String
    /// Values of the flag.
    package let values: [String]
    /// The file of `flag`-file, one key a line.
    package let file: String?
    /// The environment variable's name.
    package let variable: String
    /// Its value; nil if it is not set.
    package let environment: String?

    /// A source of keys.
    package init(flag: String, values: [String], file: String?, variable: String, environment: String?) {
        self.flag = flag
        self.values = values
        self.file = file
        self.variable = variable
        self.environment = environment
    }

    /// Keys of fewer characters are accepted with a warning.
    package static let advisedLength = 8

    /// All keys.
    ///
    /// - Throws: `AccessError`, which names a source without a key, or with one that no header can carry.
    package func keys() throws(AccessError) -> [String] {
        var keys: [String] = []
        for value in values { keys.append(try Self.checked(value, flag)) }
        if let file {
            let source = "\(flag)-file: \(file)"
            let text: String
            do {
                text = try LocalFiles(opensPipes: true).text(file)
            } catch {
                throw AccessError(description: "\(source) cannot be read: \(error)")
            }
            keys += try Self.list(text.split(whereSeparator: \.isNewline), source)
        }
        if let environment { keys += try Self.list(environment.split(separator: ","), "$\(variable)") }
        return keys
    }

    private static func list(_ entries: [Substring], _ source: String) throws(AccessError) -> [String] {
        let entries = entries.map { $0.trimmingCharacters { $0 == " " || $0 == "\t" || $0 == "\r" } }
        var keys: [String] = []
        for entry in entries where !entry.isEmpty { keys.append(try checked(String(entry), source)) }
        guard !keys.isEmpty else {
            throw AccessError(description: "\(source) has no key: give one, or leave it out")
        }
        return keys
    }

    private static func checked(_ key: String, _ source: String) throws(AccessError) -> String {
        guard !key.isEmpty else {
            throw AccessError(description: "\(source) is empty: give a key, or leave it out")
        }
        guard key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw AccessError(
                description: "\(source): a key consists of printable ASCII characters without whitespace")
        }
        return key
    }
}

extension Substring {
    /// Without the leading and trailing characters that `isTrimmed` accepts.
    fileprivate func trimmingCharacters(_ isTrimmed: (Character) -> Bool) -> Substring {
        var text = drop(while: isTrimmed)
        while let last = text.last, isTrimmed(last) { text.removeLast() }
        return text
    }
}
