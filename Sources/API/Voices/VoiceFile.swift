import Foundation
import Synthesis

/// Reads the folder of a voice.
enum VoiceFile {
    /// File name extensions of clips, in order of preference.
    static let clipExtensions = ["wav", "flac", "ogg", "mp3"]
    static let textName = "ref.txt"
    static let settingsName = "voice.yaml"

    /// The voice in `folder`; nil if there is no reference clip, so that it isn't one.
    ///
    /// - Throws: `VoiceProblem`, with the file's name in it.
    static func read(_ folder: String, name: String) throws(VoiceProblem) -> Voice? {
        let files = LocalFiles()
        guard
            let clip = clipExtensions.lazy.map({ "\(folder)/ref.\($0)" }).first(where: { files.exists($0) })
        else { return nil }
        do {
            let text = files.exists("\(folder)/\(textName)") ? try files.text("\(folder)/\(textName)") : ""
            let settings = "\(folder)/\(settingsName)"
            let section =
                files.exists(settings)
                ? try ConfigurationDocument.single(yaml: try files.text(settings), path: settings) : nil
            var voice = Voice(
                name: name, reference: clip,
                promptText: text.trimmingCharacters(in: .whitespacesAndNewlines),
                language: try section?.text("language")?.lowercased() ?? "auto")
            voice.auxiliary = try section?.texts("aux_refs").map { try inside(folder, $0, "aux_refs") } ?? []
            voice.weights = VoiceWeights(
                textToSemantic: try path("gpt_weights", section, folder),
                soVITS: try path("sovits_weights", section, folder),
                huBERT: try path("hubert", section, folder))
            voice.model = try section?.text("model")
            voice.consent = try section?.text("consent")
            voice.summary = try section?.text("description")
            return voice
        } catch let error as VoiceProblem {
            throw error
        } catch {
            throw VoiceProblem(description: "\(error)")
        }
    }

    private static func path(
        _ key: String, _ section: ConfigurationDocument.Section?, _ folder: String
    ) throws -> String? {
        try section?.text(key).map { try inside(folder, $0, key) }
    }

    /// A path relative to the voice's folder, and in it: a voice that somebody uploads must not name files elsewhere.
    private static func inside(_ folder: String, _ path: String, _ key: String) throws(VoiceProblem) -> String
    {
        let steps = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !path.hasPrefix("/"), !steps.contains(".."), !path.utf8.contains(0) else {
            throw VoiceProblem(
                description:
                    "\(folder)/\(settingsName): \(key) must be a path inside the voice's folder, not \(path)")
        }
        return "\(folder)/\(path)"
    }
}
