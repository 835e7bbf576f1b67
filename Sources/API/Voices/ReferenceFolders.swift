import Foundation
import Glibc
import Synchronization

/// Finds the files that requests name.
///
/// A path is taken as it is; else looked for inside the allowed folders; else by its letters without their case, as
/// some clients lower every value; else by its last part (but not the `ref.wav` of a voice with a text or settings, as
/// every voice has one). Nothing outside of the folders is found, whether it exists or not.
final class ReferenceFolders: Sendable {
    private let roots: FileRoots
    private var folders: [String] { roots.folders }

    private struct Index {
        var files: [String: String] = [:]
        var made: ContinuousClock.Instant?
    }
    private let index = Mutex(Index())
    private static let indexAge = Duration.seconds(5)
    /// What is looked at when a file is searched by name: entries, and folders inside folders.
    private static let entryLimit = 20_000, depthLimit = 4
    private static let clipExtensions: Set<String> = [
        "wav", "flac", "ogg", "opus", "mp3", "aiff", "aif", "au", "m4a",
    ]

    init(_ roots: FileRoots) { self.roots = roots }

    /// The file that `path` means, as an absolute path without links; nil if there is none that may be read.
    func find(_ path: String) -> String? {
        let path = Self.cleaned(path)
        guard !path.isEmpty, !path.utf8.contains(0) else { return nil }
        if let found = allowed(path) { return found }
        let relative = String(path.drop { $0 == "/" })
        for folder in folders {
            if let found = allowed("\(folder)/\(relative)") { return found }
        }
        for folder in roots.allowsAny ? ["/"] : folders where path.lowercased().hasPrefix(folder.lowercased())
        {
            let below = String(path.dropFirst(folder.count))
            if let found = withoutCase(below, from: folder).flatMap({ allowed($0) }) { return found }
        }
        for folder in folders {
            if let found = withoutCase(relative, from: folder).flatMap({ allowed($0) }) { return found }
        }
        let name = path.split(separator: "/").last.map { String($0).lowercased() } ?? ""
        return files()[name].flatMap { allowed($0) }
    }

    /// Another system's separators, and the letter of a drive.
    private static func cleaned(_ path: String) -> String {
        var path = path
        if path.contains("\\") { path = path.replacing("\\", with: "/") }
        let letters = Array(path.unicodeScalars.prefix(3))
        if letters.count == 3, letters[1] == ":", letters[2] == "/", letters[0].properties.isAlphabetic {
            path = String(path.dropFirst(2))
        }
        return path
    }

    private func allowed(_ path: String) -> String? {
        roots.resolve(path).flatMap { Self.isFile($0) ? $0 : nil }
    }

    private static func isFile(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }

    /// Follows `path` from `start`, a name at a time, taking the first name that is equal but for its letters' case.
    private func withoutCase(_ path: String, from start: String) -> String? {
        var place = start
        let steps = path.split(separator: "/").filter { $0 != "." }
        guard !steps.contains(".."), steps.count <= 64 else { return nil }
        for step in steps {
            let exact = place == "/" ? "/\(step)" : "\(place)/\(step)"
            if FileManager.default.fileExists(atPath: exact) {
                place = exact
                continue
            }
            // A link may have led out of the folders, whose content a request must not learn.
            guard let real = FileRoots.canonical(place), roots.contains(real) else { return nil }
            let folded = step.lowercased()
            let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
            guard let name = names.filter({ $0.lowercased() == folded }).min() else { return nil }
            place = place == "/" ? "/\(name)" : "\(place)/\(name)"
        }
        return place
    }

    /// Clips in the folders by their names in lower case; of equal names, the one found first.
    private func files() -> [String: String] {
        index.withLock { index in
            if let made = index.made, ContinuousClock.now - made < Self.indexAge { return index.files }
            var files: [String: String] = [:]
            var left = Self.entryLimit
            for folder in folders { collect(folder, depth: 0, &left, &files) }
            index = Index(files: files, made: .now)
            return files
        }
    }

    private func collect(
        _ folder: String, depth: Int, _ left: inout Int, _ files: inout [String: String]
    ) {
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
        let isVoice = names.contains(VoiceFile.textName) || names.contains(VoiceFile.settingsName)
        var below: [String] = []
        for name in names where left > 0 && !name.hasPrefix(".") {
            left -= 1
            let path = "\(folder)/\(name)"
            let suffix = name.split(separator: ".").last.map { String($0).lowercased() } ?? ""
            if Self.clipExtensions.contains(suffix) {
                let key = name.lowercased()
                let isVoicesClip = isVoice && key == "ref.\(suffix)"
                if files[key] == nil, !isVoicesClip { files[key] = path }
            } else if !name.contains(".") || Self.isFolder(path) {
                below.append(path)
            }
        }
        guard depth < Self.depthLimit else { return }
        for path in below where left > 0 && Self.isFolder(path) {
            collect(path, depth: depth + 1, &left, &files)
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return attributes?[.type] as? FileAttributeType == .typeDirectory
    }
}
