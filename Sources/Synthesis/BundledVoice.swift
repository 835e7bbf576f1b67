import Foundation
import Text

/// A voice that speaks when nothing else is named: small networks of its own and a clip, in a folder
/// `voices/default/{default.ckpt, default.pth, chinese-hubert-base/, ref.wav, ref.txt}`, as `make voice` writes it. It was
/// trained without BERT.
package struct BundledVoice: Sendable, Equatable {
    /// Its folder.
    package let folder: String

    /// The voice in `folder`; nil if its weights are not there.
    package init?(folder: String) {
        self.folder = folder
        let exists = FileManager.default.fileExists(atPath:)
        let (textToSemantic, soVITS) = (paths.textToSemantic, paths.soVITS)
        guard exists(textToSemantic) || VoicePaths.converted(textToSemantic: textToSemantic) != nil,
            exists(soVITS) || VoicePaths.converted(soVITS: soVITS) != nil, exists(paths.huBERT), exists(clip)
        else { return nil }
    }

    /// Looks for it: `$GSV_VOICE` (a folder), `voices/default` in the working directory, and in every folder above the
    /// executable.
    package static func find() -> BundledVoice? {
        InstalledFiles.candidates(for: "voices/default", override: InstalledFiles.environment("GSV_VOICE"))
            .lazy.compactMap(BundledVoice.init).first
    }

    /// Its weights.
    package var paths: VoicePaths {
        VoicePaths(
            textToSemantic: folder + "/default.ckpt", soVITS: folder + "/default.pth",
            huBERT: folder + "/chinese-hubert-base", bert: "")
    }

    /// Its reference clip.
    package var clip: String { folder + "/ref.wav" }

    /// What the clip says, in English.
    package var clipText: String {
        let text = (try? String(contentsOfFile: folder + "/ref.txt", encoding: .utf8)) ?? ""
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
