import Foundation
import Glibc
import Logging
import Synchronization

/// The voices in a folder, one folder each. The folder is scanned again when a request needs it and the last scan is a
/// second old. The voice that is installed with gsv is one of them, wherever it lies.
///
/// No file is opened under a lock that requests wait for: while one request scans, the others use the list before.
final class VoiceRegistry: Sendable {
    private struct Entry {
        var signature: String?
        var voice: Voice?
        var problem: String?
    }
    private struct State {
        var voices: [String: Voice] = [:]
        /// When the last scan began; nil before the end of the first one and after a change of this server's own.
        var scanned: ContinuousClock.Instant?
        /// Changes of this server's own.
        var changes = 0
    }
    /// What the scans before found. Held while the folder is scanned.
    private struct Scan {
        var names: [String] = []
        var entries: [String: Entry] = [:]
        var problem: String?
    }
    /// The folder of voices. It need not exist.
    let folder: String
    /// The folder of the voice called ``bundledName``, unless the folder of voices has one of that name.
    let bundled: String?
    static let bundledName = "default"
    /// Where the files of voices may lie, links resolved.
    private let roots: FileRoots
    private let logger: Logger
    private let state = Mutex(State())
    private let scan = Mutex(Scan())
    private static let pause = Duration.seconds(1)
    /// Folders that are scanned; more are left out.
    private static let limit = 10_000

    init(folder: String, bundled: String? = nil, roots: FileRoots, logger: Logger) {
        self.folder = folder
        self.bundled = bundled
        self.roots = roots
        self.logger = logger
    }

    /// All voices, by name.
    var voices: [Voice] {
        current().values.sorted { $0.name < $1.name }
    }

    /// The voice of that name, or of the same name in other letters' case.
    func voice(_ name: String) -> Voice? {
        let voices = current()
        if let voice = voices[name] { return voice }
        let folded = name.lowercased()
        return voices.values.filter { $0.name.lowercased() == folded }.min { $0.name < $1.name }
    }

    /// Has the next request scan the folder, after a change of this server's own.
    func refresh() {
        state.withLock { state in
            state.changes += 1
            state.scanned = nil
        }
    }

    /// The voice in a folder that is not yet in its place.
    ///
    /// - Throws: `VoiceProblem`.
    func read(_ path: String, name: String) throws(VoiceProblem) -> Voice? {
        try VoiceFile.read(path, name: name, roots: roots)
    }

    /// Whether a voice of that name lies in the folder of voices.
    func isOwn(_ name: String) -> Bool {
        FileStatus("\(folder)/\(name)")?.isFolder == true
    }

    private func current() -> [String: Voice] {
        let (voices, scanned) = state.withLock { ($0.voices, $0.scanned) }
        guard let scanned else {
            // Without a list, or after a change, the request needs the new one.
            return scan.withLock { scan in
                let (voices, scanned) = state.withLock { ($0.voices, $0.scanned) }
                return scanned == nil ? update(&scan) : voices
            }
        }
        if ContinuousClock.now - scanned < Self.pause { return voices }
        return scan.withLockIfAvailable { update(&$0) } ?? voices
    }

    private func update(_ scan: inout Scan) -> [String: Voice] {
        let (start, changes) = (ContinuousClock.now, state.withLock { $0.changes })
        do throws(VoiceProblem) {
            scan.names = try listing()
            scan.problem = nil
        } catch {
            // The voices before remain: a process without descriptors, for one, must not lose them.
            if scan.problem != error.description {
                logger.warning("the folder of voices cannot be read", metadata: ["reason": "\(error)"])
            }
            scan.problem = error.description
        }
        var names = scan.names.filter(isOwn)
        if bundled != nil, !names.contains(Self.bundledName) { names.append(Self.bundledName) }
        var entries: [String: Entry] = [:]
        for name in names { entries[name] = entry(name, before: scan.entries[name]) }
        scan.entries = entries
        let voices = entries.compactMapValues(\.voice)
        state.withLock { state in
            state.voices = voices
            // A change during the scan needs another one.
            state.scanned = state.changes == changes ? start : nil
        }
        return voices
    }

    private func entry(_ name: String, before: Entry?) -> Entry {
        let path = path(of: name)
        let signature = Self.signature(of: path)
        if let before, before.signature == signature { return before }
        do throws(VoiceProblem) {
            return Entry(signature: signature, voice: try read(path, name: name))
        } catch {
            if before?.problem != error.description {
                logger.warning("a voice that cannot be used", metadata: ["reason": "\(error)"])
            }
            // A transient failure is no property of the voice, which is read again with the next scan.
            return Entry(
                signature: error.isTransient ? nil : signature,
                voice: error.isTransient ? before?.voice : nil,
                problem: error.description)
        }
    }

    /// Names that can be voices.
    private func listing() throws(VoiceProblem) -> [String] {
        guard let directory = opendir(folder) else {
            let failure = errno
            if failure == ENOENT || failure == ENOTDIR { return [] }
            throw VoiceProblem(description: "\(folder): \(String(cString: strerror(failure)))")
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if VoiceName.isValid(name) { names.append(name) }
        }
        return Array(names.sorted().prefix(Self.limit))
    }

    private func path(of name: String) -> String {
        if name == Self.bundledName, let bundled, !isOwn(name) { return bundled }
        return "\(folder)/\(name)"
    }

    /// Changes whenever a file of the voice's folder does.
    private static func signature(of path: String) -> String {
        let files =
            VoiceFile.clipExtensions.map { "ref.\($0)" } + [VoiceFile.textName, VoiceFile.settingsName, ""]
        let states = files.map { FileStatus("\(path)/\($0)")?.signature ?? "" }
        return path + "|" + states.joined(separator: "|")
    }
}
