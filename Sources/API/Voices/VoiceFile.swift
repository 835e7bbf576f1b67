import Foundation
import Synthesis

/// Reads the folder of a voice.
///
/// Voices come as archives from others, so everything in one is untrusted: files are read only if they are regular, and
/// only up to a limit, and links must not lead out of the folders that the server reads.
enum VoiceFile {
    /// File name extensions of clips, in order of preference.
    static let clipExtensions = ["wav", "flac", "ogg", "mp3"]
    static let textName = "ref.txt"
    static let settingsName = "voice.yaml"

    /// The voice in `folder`; nil if there is no reference clip, so that it isn't one.
    ///
    /// - Parameter roots: where its files may lie once links are resolved.
    /// - Throws: `VoiceProblem`, with the file's name in it.
    static func read(_ folder: String, name: String, roots: FileRoots) throws(VoiceProblem) -> Voice? {
        guard
            let clip = clipExtensions.lazy.map({ "\(folder)/ref.\($0)" }).first(where: {
                FileStatus($0) != nil
            })
        else { return nil }
        try check(clip, roots, isFolder: false)
        let text = try text(of: "\(folder)/\(textName)", roots) ?? ""
        let path = "\(folder)/\(settingsName)"
        let settings = try self.text(of: path, roots)
        do {
            let section = try settings.flatMap { try ConfigurationDocument.single(yaml: $0, path: path) }
            var voice = Voice(
                name: name, reference: clip,
                promptText: text.trimmingCharacters(in: .whitespacesAndNewlines),
                language: try section?.text("language")?.lowercased() ?? "auto")
            voice.auxiliary =
                try section?.texts("aux_refs").map { try inside(folder, $0, "aux_refs", roots) } ?? []
            func weights(_ key: String) throws -> String? {
                try section?.text(key).map { try inside(folder, $0, key, roots) }
            }
            voice.weights = VoiceWeights(
                textToSemantic: try weights("gpt_weights"), soVITS: try weights("sovits_weights"),
                huBERT: try weights("hubert"))
            voice.model = try section?.text("model")
            voice.consent = try section?.text("consent")
            voice.summary = try section?.text("description")
            return voice
        } catch let problem as VoiceProblem {
            throw problem
        } catch {
            throw VoiceProblem(description: "\(error)")
        }
    }

    /// The content of a file of the voice; nil if there is none.
    private static func text(of path: String, _ roots: FileRoots) throws(VoiceProblem) -> String? {
        guard FileStatus(path) != nil else { return nil }
        try check(path, roots, isFolder: false)
        do {
            return try LocalFiles().text(path)
        } catch {
            throw VoiceProblem(description: "\(error)", isTransient: error.isTransient)
        }
    }

    /// A path relative to the voice's folder, and in it: an uploaded voice must not name files elsewhere.
    private static func inside(
        _ folder: String, _ path: String, _ key: String, _ roots: FileRoots
    ) throws(VoiceProblem) -> String {
        let steps = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !path.hasPrefix("/"), !steps.contains(".."), !path.utf8.contains(0) else {
            throw VoiceProblem(
                description:
                    "\(folder)/\(settingsName): \(key) must be a path inside the voice's folder, not \(path)")
        }
        try check("\(folder)/\(path)", roots, isFolder: key == "hubert")
        return "\(folder)/\(path)"
    }

    /// Checks the kind of a file, and that no link leads out of the folders. A file that is missing is the engine's error.
    private static func check(_ path: String, _ roots: FileRoots, isFolder: Bool) throws(VoiceProblem) {
        guard let status = FileStatus(path) else { return }
        guard status.isRegular || (isFolder && status.isFolder) else {
            throw VoiceProblem(description: "\(path) is not a file but a pipe, a device or a folder")
        }
        guard roots.resolve(path) != nil else {
            throw VoiceProblem(
                description:
                    "\(path) is a link out of the folders that this server reads; --root FOLDER allows more")
        }
        guard status.isFolder else { return }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        for name in names where FileStatus("\(path)/\(name)")?.isFolder == false {
            try check("\(path)/\(name)", roots, isFolder: false)
        }
    }
}
