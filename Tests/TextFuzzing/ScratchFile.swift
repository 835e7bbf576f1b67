import Foundation

/// A file in memory that a target writes its input to, for readers that take a path.
final class ScratchFile {
    let path: String
    private let descriptor: CInt

    /// - Parameter name: the last part of the path; the folder belongs to this process.
    init(_ name: String) {
        let base = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
        let folder = "\(base)/gsv-fuzz-\(getpid())"
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        path = "\(folder)/\(name)"
        descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
        require(descriptor >= 0, "\(path) cannot be written")
    }

    /// Replaces the file's contents.
    func write(_ bytes: [UInt8]) {
        require(
            ftruncate(descriptor, off_t(bytes.count)) == 0
                && pwrite(descriptor, bytes, bytes.count, 0) == bytes.count, "\(path) cannot be written")
    }
}
