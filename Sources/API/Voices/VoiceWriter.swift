import Foundation
import Glibc
import HTTPTypes
import Synchronization

/// Adds, replaces and removes voices. A process that is killed at any moment, or a machine that loses power, leaves the
/// voice before or the voice after, whole.
///
/// The new folder is put together under a hidden name, flushed, read back, and then exchanged with the old one.
struct VoiceWriter: Sendable {
    let registry: VoiceRegistry
    /// The installed voice's folder, which no request may change.
    var protected: String?

    /// Prefix of the name that a removed voice has until its files are gone.
    static let removedPrefix = ".old-"
    /// Changes of voices come one after the other.
    private static let changes = Mutex(())

    /// What happens to a voice that has the name already.
    enum Existing: Sendable {
        /// 409.
        case kept
        /// Its clip, its text and the settings that the request names are replaced; everything else stays.
        case replaced
    }

    /// Writes the voice.
    ///
    /// - Throws: `APIError`.
    func write(_ draft: VoiceDraft, existing: Existing) throws {
        try draft.check()
        let clip = try draft.encodedClip()
        try Self.changes.withLock { _ in
            try Self.reporting { try write(draft, clip: clip, existing: existing) }
        }
    }

    private func write(_ draft: VoiceDraft, clip: [UInt8], existing: Existing) throws {
        let target = "\(registry.folder)/\(draft.name)"
        try checkChangeable(draft.name)
        let isThere = registry.isOwn(draft.name)
        if isThere, existing == .kept { throw Self.exists(draft.name) }
        let staged = try StagedFolder.make(in: registry.folder)
        if isThere { try staged.adopt(target, except: Self.isReplaced) }
        try staged.write(clip, to: "ref.wav")
        try staged.write(Array((draft.promptText + "\n").utf8), to: VoiceFile.textName)
        let settings = try VoiceSettings.setting(draft.settings, in: isThere ? try oldSettings(target) : "")
        if !settings.isEmpty { try staged.write(Array(settings.utf8), to: VoiceFile.settingsName) }
        try readBack(draft, staged.path)
        try staged.flush()
        if isThere {
            let old = try FolderExchange.exchange(staged.path, with: target)
            StagedFolder.adoptLateFiles(of: old, into: target, except: Self.isReplaced)
            try StagedFolder.flush(registry.folder)
            registry.refresh()
            try? FileManager.default.removeItem(atPath: old)
        } else {
            do {
                try FolderExchange.move(staged.path, to: target)
            } catch {
                throw error.code == EEXIST ? Self.exists(draft.name) : error as any Error
            }
            try StagedFolder.flush(registry.folder)
            registry.refresh()
        }
    }

    /// Names in a voice's folder that belong to its clip, or that are written anew.
    private static func isReplaced(_ name: String) -> Bool {
        name == VoiceFile.textName || name == VoiceFile.settingsName
            || VoiceFile.clipExtensions.contains { name == "ref.\($0)" || name == ".ref.\($0).features" }
    }

    private func oldSettings(_ folder: String) throws -> String {
        let path = "\(folder)/\(VoiceFile.settingsName)"
        guard FileStatus(path) != nil else { return "" }
        do {
            let text = try LocalFiles().text(path)
            _ = try ConfigurationDocument.single(yaml: text, path: path)
            return text
        } catch {
            throw APIError(
                status: .conflict, code: .voiceExists,
                message:
                    "this voice cannot be replaced, since its settings cannot be read: \(error); delete it first"
            )
        }
    }

    /// Reads what was written, so that no voice is published that the registry cannot use.
    private func readBack(_ draft: VoiceDraft, _ path: String) throws {
        let voice: Voice?
        do throws(VoiceProblem) {
            voice = try registry.read(path, name: draft.name)
        } catch {
            throw APIError(
                status: .conflict, code: .voiceExists,
                message: "this voice cannot be used with what it has besides: "
                    + error.description.replacing(path, with: draft.name))
        }
        let text = draft.promptText.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let voice, voice.promptText == text,
            draft.language.map({ $0.lowercased() == voice.language }) ?? true,
            draft.consent ?? voice.consent ?? "" == voice.consent ?? "",
            draft.summary ?? voice.summary ?? "" == voice.summary ?? ""
        else {
            throw APIError.badRequest(
                .invalidParameter, "text, language, consent or description cannot be kept as they are given")
        }
    }

    /// Removes the voice.
    ///
    /// - Throws: `APIError`.
    func remove(_ name: String) throws {
        guard VoiceName.isValid(name) else { throw Self.unknown(name) }
        try Self.changes.withLock { _ in
            let name = registry.isOwn(name) ? name : registry.voice(name)?.name ?? name
            try checkChangeable(name)
            guard registry.isOwn(name), Self.isVoice("\(registry.folder)/\(name)") else {
                throw Self.unknown(name)
            }
            try Self.reporting {
                // It is out of sight at once, whatever happens to its files.
                let old = "\(registry.folder)/\(Self.removedPrefix)\(UUID().uuidString)"
                try FolderExchange.move("\(registry.folder)/\(name)", to: old)
                registry.refresh()
                try? FileManager.default.removeItem(atPath: old)
            }
        }
    }

    /// Whether a folder has anything of a voice: other folders are not this server's to remove.
    private static func isVoice(_ folder: String) -> Bool {
        let names = clipNames + [VoiceFile.textName, VoiceFile.settingsName]
        return names.contains { FileStatus("\(folder)/\($0)", followsLinks: false) != nil }
    }

    private static let clipNames = VoiceFile.clipExtensions.map { "ref.\($0)" }

    /// The voice that is installed with gsv stays as it is: its folder has the weights that the server starts with. A link
    /// leads to a folder that is not this server's to change.
    private func checkChangeable(_ name: String) throws(APIError) {
        let path = "\(registry.folder)/\(name)"
        if FileStatus(path, followsLinks: false)?.isLink == true {
            throw APIError(
                status: .conflict, code: .voiceExists,
                message: "\(name) is a link in the folder of voices and cannot be changed over HTTP")
        }
        let real = FileRoots.canonical(path)
        let installed = [registry.bundled, protected].compactMap { $0.flatMap(FileRoots.canonical) }
        let isInstalled =
            real.map { real in
                installed.contains { (real + "/").hasPrefix($0 + "/") || ($0 + "/").hasPrefix(real + "/") }
            } ?? (registry.bundled != nil && name == VoiceRegistry.bundledName)
        guard isInstalled else { return }
        throw APIError(
            status: .conflict, code: .voiceExists,
            message: "\(name) comes with gsv and cannot be changed; add a voice of another name")
    }

    private static func exists(_ name: String) -> APIError {
        APIError(
            status: .conflict, code: .voiceExists,
            message: "there is a voice \(name) already: delete it first, or PUT the new one")
    }

    private static func unknown(_ name: String) -> APIError {
        APIError(
            status: .notFound, code: .unknownVoice,
            message: "there is no voice \(name.prefix(VoiceName.maximumLength))")
    }

    /// Turns failures of the file system into responses.
    private static func reporting(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as FileSystemFailure {
            throw failure(error.code, error)
        } catch let error as CocoaError {
            let code = ((error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError)?.code
            throw failure(Int32(code ?? 0), error)
        }
    }

    private static func failure(_ code: Int32, _ error: any Error) -> any Error {
        switch code {
        case ENOSPC, EDQUOT:
            APIError(
                status: HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage"),
                code: .notWritable,
                message: "the disk of the folder of voices is full")
        case EACCES, EPERM, EROFS:
            APIError(
                status: .forbidden, code: .notWritable,
                message: "the server may not write to its folder of voices")
        case ENOENT:
            APIError(status: .conflict, code: .notWritable, message: "the voice was changed meanwhile")
        default: error
        }
    }
}
