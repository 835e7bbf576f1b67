/// Why a configuration file cannot be used. The description names the file and, where there is one, the line.
public enum ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file cannot be read.
    case unreadable(path: String, reason: String)
    /// The file is larger than a configuration can be.
    case tooLarge(path: String, limitBytes: Int)
    /// Not YAML, or YAML of another shape. Lines count from 1; 0 means the file as a whole.
    case malformed(path: String, line: Int, reason: String)
    /// A version that this program, or anybody, doesn't speak.
    case unsupportedVersion(path: String, section: String, version: String, supported: [String])

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
        case .tooLarge(let path, let limit):
            "\(path) is larger than \(limit) bytes: it cannot be a tts_infer.yaml"
        case .malformed(let path, 0, let reason): "\(path): \(reason)"
        case .malformed(let path, let line, let reason): "\(path):\(line): \(reason)"
        case .unsupportedVersion(let path, let section, let version, let supported):
            "\(path): section \(section) has version \(version.isEmpty ? "(none)" : version); "
                + "this program speaks \(supported.joined(separator: " and "))"
        }
    }
}
