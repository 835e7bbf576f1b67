/// Why a configuration file cannot be used. The description names the file and, where there is one, the line.
package enum ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file cannot be read. Transient reasons, such as a lack of descriptors, may be gone with the next attempt.
    case unreadable(path: String, reason: String, isTransient: Bool = false)
    /// The file is larger than a configuration can be.
    case tooLarge(path: String, limitBytes: Int)
    /// Not YAML, or YAML of another shape. Lines count from 1; 0 means the file as a whole.
    case malformed(path: String, line: Int, reason: String)
    /// A version that this program does not support.
    case unsupportedVersion(path: String, section: String, version: String, supported: [String])

    /// What is wrong and what to do.
    package var description: String {
        switch self {
        case .unreadable(let path, let reason, _): "cannot read \(path): \(reason)"
        case .tooLarge(let path, let limit):
            "\(path) is larger than \(limit) bytes: it cannot be a tts_infer.yaml"
        case .malformed(let path, 0, let reason): "\(path): \(reason)"
        case .malformed(let path, let line, let reason): "\(path):\(line): \(reason)"
        case .unsupportedVersion(let path, let section, let version, let supported):
            "\(path): section \(section) has version \(version.isEmpty ? "(none)" : version); "
                + "this program speaks \(supported.joined(separator: ", "))"
        }
    }

    /// Whether reading the same file again may succeed.
    var isTransient: Bool {
        if case .unreadable(_, _, let isTransient) = self { return isTransient }
        return false
    }
}
