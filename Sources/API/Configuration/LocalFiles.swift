import Files
import Foundation

/// Reads small text files: configuration, keys, and the files of voices.
struct LocalFiles: Sendable {
    /// Bytes of a file that are accepted; upstream's configuration has 3,000.
    static let limit = 1 << 20

    /// Whether pipes and devices are read too, which can block: for files that the operator names (`<(pass show key)`).
    var opensPipes = false

    /// Whether there is something at `path`.
    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// The text at `path`. Opens regular files only, so that nothing can block, and reads at most the limit.
    ///
    /// - Throws: `ConfigurationError`.
    func text(_ path: String) throws(ConfigurationError) -> String {
        let bytes = try bytes(path)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .malformed(path: path, line: 0, reason: "not UTF-8")
        }
        return text
    }

    private func bytes(_ path: String) throws(ConfigurationError) -> [UInt8] {
        do {
            return opensPipes
                ? try RegularFile.readAnyKind(path, limitBytes: Self.limit)
                : try RegularFile.read(path, limitBytes: Self.limit)
        } catch {
            switch error {
            case .notFound: throw .unreadable(path: path, reason: "it has just been removed")
            case .notRegular(_, "directory"): throw .unreadable(path: path, reason: "it is a folder")
            case .notRegular(_, let kind): throw .unreadable(path: path, reason: "it is a \(kind)")
            case .tooLarge: throw .tooLarge(path: path, limitBytes: Self.limit)
            default: throw .unreadable(path: path, reason: error.reason, isTransient: true)
            }
        }
    }
}
