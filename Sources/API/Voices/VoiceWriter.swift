import Audio
import Foundation
import HTTPTypes
import Logging
import StrictJSON

/// Adds voices to the folder and removes them. A voice appears whole or not at all.
struct VoiceWriter: Sendable {
    let registry: VoiceRegistry

    /// What an upload brings.
    struct Draft: Sendable {
        var name: String
        var clip: [UInt8]
        var promptText = ""
        var language = "auto"
        var consent: String?
        var summary: String?
    }

    /// Writes the voice.
    ///
    /// - Parameter replacing: whether a voice of that name may be there.
    /// - Throws: `APIError`.
    func add(_ draft: Draft, replacing: Bool) throws {
        guard VoiceName.isValid(draft.name) else {
            throw APIError.refused(
                .invalidParameter,
                "name: letters, digits, -, _ and . are allowed, at most \(VoiceName.maximumLength), no point at the "
                    + "beginning")
        }
        try StringCheck.check(draft.promptText, "text", limit: 10_000)
        let clip = try checkedClip(draft.clip)
        let target = "\(registry.folder)/\(draft.name)"
        let manager = FileManager.default
        let temporary = "\(registry.folder)/.new-\(UUID().uuidString)"
        do {
            try manager.createDirectory(atPath: temporary, withIntermediateDirectories: true)
            defer { try? manager.removeItem(atPath: temporary) }
            try AudioWriter.write(clip.samples, sampleRateHz: clip.rate, to: "\(temporary)/ref.wav")
            try (draft.promptText + "\n").write(
                toFile: "\(temporary)/\(VoiceFile.textName)", atomically: false, encoding: .utf8)
            try settings(draft).write(
                toFile: "\(temporary)/\(VoiceFile.settingsName)", atomically: false, encoding: .utf8)
            if manager.fileExists(atPath: target) {
                guard replacing else {
                    throw APIError(
                        status: .conflict, code: .voiceExists,
                        message: "there is a voice \(draft.name) already: delete it first, or PUT the new one"
                    )
                }
                let old = "\(registry.folder)/.old-\(UUID().uuidString)"
                try manager.moveItem(atPath: target, toPath: old)
                defer { try? manager.removeItem(atPath: old) }
                try manager.moveItem(atPath: temporary, toPath: target)
            } else {
                try manager.moveItem(atPath: temporary, toPath: target)
            }
        }
        registry.refresh()
    }

    /// Removes the voice.
    func remove(_ name: String) throws {
        guard VoiceName.isValid(name), let voice = registry.voice(name) else {
            throw APIError(
                status: .notFound, code: .unknownVoice,
                message: "there is no voice \(name.prefix(VoiceName.maximumLength))")
        }
        guard registry.isOwn(voice.name) else {
            throw APIError(
                status: .conflict, code: .voiceExists,
                message: "\(voice.name) comes with gsv; a voice of the same name takes its place")
        }
        // It goes out of sight at once, whatever happens to its files.
        let old = "\(registry.folder)/.old-\(UUID().uuidString)"
        try FileManager.default.moveItem(atPath: "\(registry.folder)/\(voice.name)", toPath: old)
        registry.refresh()
        try? FileManager.default.removeItem(atPath: old)
    }

    /// The samples of the clip, if they can be a reference.
    private func checkedClip(_ bytes: [UInt8]) throws(APIError) -> (samples: [Int16], rate: Int) {
        do {
            let clip = try AudioReader.read(bytes: bytes)
            _ = try ReferenceAudio.semanticInput(clip, modelSampleRateHz: 32_000)
            return (Postprocess.toInt16(clip.mono(), fullScale: .clamp), clip.sampleRateHz)
        } catch {
            throw .refused(.invalidReference, "\(error)")
        }
    }

    private func settings(_ draft: Draft) -> String {
        // A JSON string is a YAML string.
        func quoted(_ text: String) -> String { JSONWriter.text(of: .string(text), escaping: .careful) }
        var lines = ["language: \(quoted(draft.language))"]
        if let consent = draft.consent { lines.append("consent: \(quoted(consent))") }
        if let summary = draft.summary { lines.append("description: \(quoted(summary))") }
        return lines.joined(separator: "\n") + "\n"
    }
}
