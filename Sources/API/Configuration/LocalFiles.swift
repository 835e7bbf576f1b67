import Audio
import Foundation
import Glibc

/// Reads small text files: configuration, keys, and the files of voices.
struct LocalFiles: Sendable {
    /// Bytes of a file that are accepted; upstream's configuration has 3,000.
    static let limit = 1 << 20

    /// Whether there is something at `path`.
    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// Whether pipes and devices are read too, which can block: for files that the operator names (`<(pass show key)`).
    var opensPipes = false

    /// The text at `path`. Opens regular files only, so that nothing can block, and reads at most the limit.
    ///
    /// - Throws: `ConfigurationError`.
    func text(_ path: String) throws(ConfigurationError) -> String {
        if FileStatus(path)?.isFolder == true { throw .unreadable(path: path, reason: "it is a folder") }
        let descriptor = opensPipes ? open(path, O_RDONLY | O_CLOEXEC) : try regularFile(path)
        guard descriptor >= 0 else {
            throw .unreadable(path: path, reason: String(cString: strerror(errno)), isTransient: true)
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Self.limit + 1)
        var count = 0
        while count < bytes.count {
            let more = bytes.withUnsafeMutableBytes {
                read(descriptor, $0.baseAddress?.advanced(by: count), $0.count - count)
            }
            if more == 0 { break }
            if more > 0 {
                count += more
            } else if errno != EINTR {
                throw .unreadable(path: path, reason: String(cString: strerror(errno)), isTransient: true)
            }
        }
        guard count <= Self.limit else { throw .tooLarge(path: path, limitBytes: Self.limit) }
        guard let text = String(validating: bytes[..<count], as: UTF8.self) else {
            throw .malformed(path: path, line: 0, reason: "not UTF-8")
        }
        return text
    }

    private func regularFile(_ path: String) throws(ConfigurationError) -> Int32 {
        do {
            return try RegularFile.openForReading(path)
        } catch {
            switch error {
            case .fileNotFound: throw .unreadable(path: path, reason: "it has just been removed")
            case .notARegularFile(_, let kind): throw .unreadable(path: path, reason: "it is a \(kind)")
            case .cannotOpen(_, let reason): throw .unreadable(path: path, reason: reason, isTransient: true)
            default: throw .unreadable(path: path, reason: "\(error)")
            }
        }
    }
}
