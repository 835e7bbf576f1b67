import Foundation

/// Where converted files lie: beside their originals, or instead of them.
///
/// `a.pth` becomes `a.safetensors`; where `a.ckpt` lies beside it, which would have the same name, `a.pth.safetensors`.
package enum ConvertedFile {
    /// Extensions of files that are converted.
    private static let extensions = ["ckpt", "pth", "pt", "bin", "onnx"]

    /// Where the file at `path` is converted to when nothing else is said.
    package static func output(for path: String) -> String {
        let stem = withoutExtension(path)
        let own = (path as NSString).pathExtension
        let hasSibling = extensions.contains { other in
            other != own.lowercased() && FileManager.default.fileExists(atPath: "\(stem).\(other)")
        }
        return (hasSibling && extensions.contains(own.lowercased()) ? path : stem) + ".safetensors"
    }

    /// The converted form of the file at `path`, if there is one, it holds a network of this kind (nil: of any), and it is
    /// not older than the original: that may have been replaced since.
    package static func find(for path: String, kind: CheckpointKind?) -> String? {
        let candidates =
            path.hasSuffix(".safetensors")
            ? [path] : [path + ".safetensors", withoutExtension(path) + ".safetensors"]
        let original = modificationDate(path)
        return candidates.first { candidate in
            guard let made = modificationDate(candidate) else { return false }
            guard original.map({ made >= $0 }) ?? true else { return false }
            // A file that cannot be read is found, too, so that loading it names what is wrong with it.
            guard let kind, let found = try? Checkpoint.open(candidate) else { return true }
            return found.kind == kind
        }
    }

    /// The file at `path`, else its converted form. For what is changed in single precision, where a converted form might
    /// have lost some.
    package static func original(_ path: String, kind: CheckpointKind = .soVITS) -> String? {
        FileManager.default.fileExists(atPath: path) ? path : find(for: path, kind: kind)
    }

    private static func withoutExtension(_ path: String) -> String {
        let name = (path as NSString).lastPathComponent
        return String(path.dropLast(name.count)) + (name as NSString).deletingPathExtension
    }

    private static func modificationDate(_ path: String) -> Date? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
    }
}
