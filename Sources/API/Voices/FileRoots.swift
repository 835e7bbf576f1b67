import Glibc

/// The folders in which files that requests and voices name may lie.
///
/// Links are resolved before a path is compared, so that a link out of the folders leads nowhere.
struct FileRoots: Sendable {
    /// Absolute paths without links. The file system's root is never one of them.
    let folders: [String]
    /// Whether every path is allowed.
    let allowsAny: Bool

    /// - Parameter folders: folders, which need not exist; relative ones start at the working directory.
    init(_ folders: [String], allowsAny: Bool = false) {
        var seen: Set<String> = []
        self.folders = folders.map(Self.absolute).filter { $0 != "/" && seen.insert($0).inserted }
        self.allowsAny = allowsAny
    }

    /// The absolute path of `path` without links, if something is there and it lies in one of the folders.
    func resolve(_ path: String) -> String? {
        guard let real = Self.canonical(path), contains(real) else { return nil }
        return real
    }

    /// Whether a path without links is one of the folders, or lies in one.
    func contains(_ real: String) -> Bool {
        allowsAny || folders.contains { (real + "/").hasPrefix($0 + "/") }
    }

    /// The path without links and dots; nil where nothing is.
    static func canonical(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    /// `path` without links as far as it exists, and absolute.
    private static func absolute(_ path: String) -> String {
        if let real = canonical(path) { return real }
        guard path != "/", let end = path.lastIndex(of: "/") else {
            return path.hasPrefix("/") ? path : (canonical(".") ?? "") + "/" + path
        }
        let parent = end == path.startIndex ? "/" : String(path[..<end])
        let base = absolute(parent)
        return (base == "/" ? "" : base) + path[end...]
    }

    /// Checks the folders of `--root`.
    ///
    /// - Throws: `AccessError` for one that is missing, and for `/`, which would allow every file of the machine.
    static func check(roots: [String]) throws(AccessError) {
        for root in roots {
            guard let real = canonical(root) else {
                throw AccessError(description: "--root: there is no folder \(root)")
            }
            guard real != "/" else {
                throw AccessError(
                    description:
                        "--root: / would let requests read every file: name the folders that have clips and weights"
                )
            }
        }
    }
}

/// Folders and files that requests may reach.
package enum RequestFiles {
    /// Checks the folders of `--root`.
    ///
    /// - Throws: `AccessError` for one that is missing, and for `/`.
    package static func check(roots: [String]) throws(AccessError) { try FileRoots.check(roots: roots) }
}
