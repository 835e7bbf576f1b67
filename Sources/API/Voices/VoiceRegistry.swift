import Foundation
import Logging
import Synchronization

/// The voices in a folder, one folder each. What changes there is noticed: the folder is looked at again when somebody
/// asks and the last look is a second old. The voice that comes with gsv is one of them, wherever it lies.
final class VoiceRegistry: Sendable {
    private struct State {
        var voices: [String: Voice] = [:]
        var problems: [String: String] = [:]
        var signature: [String] = []
        var looked: ContinuousClock.Instant?
    }
    /// The folder of voices. It need not exist.
    let folder: String
    /// The voice called ``bundledName``, unless the folder has one of that name.
    private let bundled: String?
    static let bundledName = "default"
    private let logger: Logger
    private let state = Mutex(State())
    private static let pause = Duration.seconds(1)
    /// Folders that are looked at; more are left out.
    private static let limit = 10_000

    init(folder: String, bundled: String? = nil, logger: Logger) {
        self.folder = folder
        self.bundled = bundled
        self.logger = logger
    }

    /// All voices, by name.
    var voices: [Voice] {
        look().values.sorted { $0.name < $1.name }
    }

    /// The voice of that name, or of the same name in other letters' case.
    func voice(_ name: String) -> Voice? {
        let voices = look()
        if let voice = voices[name] { return voice }
        let folded = name.lowercased()
        return voices.values.filter { $0.name.lowercased() == folded }.min { $0.name < $1.name }
    }

    /// Looks again at once, after a change of this server's own.
    func refresh() { state.withLock { $0.looked = nil } }

    private func look() -> [String: Voice] {
        state.withLock { state in
            let now = ContinuousClock.now
            if let looked = state.looked, now - looked < Self.pause { return state.voices }
            state.looked = now
            let names = folders()
            let signature = names.map(signature(of:))
            guard signature != state.signature else { return state.voices }
            state.signature = signature
            state.voices = [:]
            for name in names {
                do throws(VoiceProblem) {
                    state.voices[name] = try VoiceFile.read(path(of: name), name: name)
                    state.problems[name] = nil
                } catch {
                    if state.problems[name] != error.description {
                        logger.warning("a voice that cannot be used", metadata: ["reason": "\(error)"])
                    }
                    state.problems[name] = error.description
                }
            }
            return state.voices
        }
    }

    private func folders() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let found = names.filter { VoiceName.isValid($0) }.sorted().prefix(Self.limit).filter(isOwn)
        return bundled == nil || found.contains(Self.bundledName) ? found : found + [Self.bundledName]
    }

    /// Whether a voice of that name lies in the folder of voices.
    func isOwn(_ name: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder)
            && isFolder.boolValue
    }

    private func path(of name: String) -> String {
        if name == Self.bundledName, let bundled, !isOwn(name) { return bundled }
        return "\(folder)/\(name)"
    }

    /// Changes whenever something in the voice's folder does.
    private func signature(of name: String) -> String {
        let files =
            VoiceFile.clipExtensions.map { "ref.\($0)" } + [VoiceFile.textName, VoiceFile.settingsName, ""]
        let path = path(of: name)
        let dates = files.map { file -> String in
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(path)/\(file)")
            let date = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970
            return date.map { "\($0) \(attributes?[.size] ?? 0)" } ?? ""
        }
        return path + "|" + dates.joined(separator: "|")
    }
}
