import Foundation

/// Locations of files that are installed with the program.
package enum InstalledFiles {
    /// Candidate paths of `name`, a relative path, in order: `override`, if the environment has one; the working
    /// directory; and every folder above the executable.
    package static func candidates(for name: String, override: String? = nil) -> [String] {
        var paths = override.map { [$0] } ?? []
        paths.append(name)
        if let executable = Bundle.main.executableURL?.resolvingSymlinksInPath() {
            var folder = executable.deletingLastPathComponent()
            for _ in 0..<8 where folder.path != "/" {
                paths.append(folder.appendingPathComponent(name).path)
                folder.deleteLastPathComponent()
            }
        }
        return paths
    }

    /// An environment variable, if it is set to something.
    package static func environment(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
