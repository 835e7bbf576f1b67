import Foundation

/// Reads configuration files.
struct LocalFiles: Sendable {
    /// Bytes of a configuration that are accepted; upstream's has 3,000.
    static let limit = 1 << 20

    /// Whether there is something at `path`.
    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// The text at `path`. Never reads more than the limit, so that a device file does no harm.
    func text(_ path: String) throws(ConfigurationError) -> String {
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
            throw .unreadable(path: path, reason: "it is a folder")
        }
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw .unreadable(path: path, reason: "no permission, or it has just been removed")
        }
        var data = Data()
        do {
            while data.count <= Self.limit, let part = try file.read(upToCount: Self.limit + 1 - data.count),
                !part.isEmpty
            {
                data += part
            }
        } catch {
            throw .unreadable(path: path, reason: error.localizedDescription)
        }
        guard data.count <= Self.limit else { throw .tooLarge(path: path, limitBytes: Self.limit) }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw .malformed(path: path, line: 0, reason: "not UTF-8")
        }
        return text
    }
}
