import Foundation
package import Models

/// Paths of everything that an engine loads: the two weight files of a voice, and the folders of the two base models.
package struct VoicePaths: Sendable, Equatable {
    /// Text-to-semantic and SoVITS weights, HuBERT and BERT. An empty path of BERT means a voice that was trained without.
    package var textToSemantic: String, soVITS: String, huBERT: String, bert: String
    /// What voices of some versions need beside them.
    package var pretrained: PretrainedFiles

    /// The folder of BERT, for voices that need it.
    var bertFolder: String? { bert.isEmpty ? nil : bert }

    /// The given paths.
    package init(
        textToSemantic: String, soVITS: String, huBERT: String, bert: String,
        pretrained: PretrainedFiles = PretrainedFiles()
    ) {
        self.textToSemantic = textToSemantic
        self.soVITS = soVITS
        self.huBERT = huBERT
        self.bert = bert
        self.pretrained = pretrained
    }

    /// Versions that the engine speaks.
    package static let supportedVersions = ["v1", "v2", "v2Pro", "v2ProPlus", "v3", "v4"]

    /// The files of a version in a folder laid out like upstream's `pretrained_models`; nil for a version that the
    /// engine lacks.
    package static func pretrained(in folder: String, version: String) -> VoicePaths? {
        let weights: (textToSemantic: String, soVITS: String)
        switch version {
        case "v1": weights = ("s1bert25hz-2kh-longer-epoch=68e-step=50232.ckpt", "s2G488k.pth")
        case "v2":
            weights = (
                "gsv-v2final-pretrained/s1bert25hz-5kh-longer-epoch=12-step=369668.ckpt",
                "gsv-v2final-pretrained/s2G2333k.pth"
            )
        case "v2Pro": weights = ("s1v3.ckpt", "v2Pro/s2Gv2Pro.pth")
        case "v2ProPlus": weights = ("s1v3.ckpt", "v2Pro/s2Gv2ProPlus.pth")
        case "v3": weights = ("s1v3.ckpt", "s2Gv3.pth")
        case "v4": weights = ("s1v3.ckpt", "gsv-v4-pretrained/s2Gv4.pth")
        default: return nil
        }
        return VoicePaths(
            textToSemantic: "\(folder)/\(weights.textToSemantic)", soVITS: "\(folder)/\(weights.soVITS)",
            huBERT: "\(folder)/chinese-hubert-base", bert: "\(folder)/chinese-roberta-wwm-ext-large",
            pretrained: PretrainedFiles(folder: folder))
    }

    /// The same with converted files, as `gsv convert` names them, where they lie beside the two weight files or
    /// instead of them. One that is older than its original is ignored: it may have been converted from another file.
    package func preferringConverted() -> VoicePaths {
        var paths = self
        paths.textToSemantic = Self.convertedFile(for: textToSemantic) ?? textToSemantic
        paths.soVITS = Self.convertedFile(for: soVITS) ?? soVITS
        return paths
    }

    /// The converted file beside a weight file or instead of it, if there is one and it is not older.
    package static func convertedFile(for path: String) -> String? {
        let other = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent + ".safetensors"
        let candidate = path.hasSuffix(".safetensors") ? path : folder(of: path) + other
        guard let made = modificationDate(candidate) else { return nil }
        guard let original = modificationDate(path) else { return candidate }
        return made >= original ? candidate : nil
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    }

    private static func modificationDate(_ path: String) -> Date? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
    }
}
