import Checkpoint
package import Models

/// Paths of everything that an engine loads: the two weight files of a voice, and the folders of the two base models.
package struct VoicePaths: Sendable, Equatable {
    /// Text-to-semantic and SoVITS weights, HuBERT and BERT. An empty path of BERT means a voice that was trained without.
    package var textToSemantic: String, soVITS: String, huBERT: String, bert: String
    /// What voices of some versions need beside them.
    package var pretrained: PretrainedFiles

    /// The folder of what voices of some versions need beside them, for modules that do not know models.
    package var pretrainedFolder: String {
        get { pretrained.folder }
        set { pretrained.folder = newValue }
    }

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

    /// Versions that the engine speaks, in upstream's order.
    package static let supportedVersions = ["v1", "v2", "v3", "v4", "v2Pro", "v2ProPlus"]

    /// Where upstream has the weights of a version in its `pretrained_models`.
    private static func weights(_ version: String) -> (textToSemantic: String, soVITS: String)? {
        switch version {
        case "v1": ("s1bert25hz-2kh-longer-epoch=68e-step=50232.ckpt", "s2G488k.pth")
        case "v2":
            (
                "gsv-v2final-pretrained/s1bert25hz-5kh-longer-epoch=12-step=369668.ckpt",
                "gsv-v2final-pretrained/s2G2333k.pth"
            )
        case "v3": ("s1v3.ckpt", "s2Gv3.pth")
        case "v4": ("s1v3.ckpt", "gsv-v4-pretrained/s2Gv4.pth")
        case "v2Pro": ("s1v3.ckpt", "v2Pro/s2Gv2Pro.pth")
        case "v2ProPlus": ("s1v3.ckpt", "v2Pro/s2Gv2ProPlus.pth")
        default: nil
        }
    }

    /// The files of a version in a folder laid out like upstream's `pretrained_models`; nil for a version that the
    /// engine lacks.
    package static func pretrained(in folder: String, version: String) -> VoicePaths? {
        guard let weights = weights(version) else { return nil }
        return VoicePaths(
            textToSemantic: "\(folder)/\(weights.textToSemantic)", soVITS: "\(folder)/\(weights.soVITS)",
            huBERT: "\(folder)/chinese-hubert-base", bert: "\(folder)/chinese-roberta-wwm-ext-large",
            pretrained: PretrainedFiles(folder: folder))
    }

    /// The versions whose two weight files are in such a folder, converted or not, in upstream's order.
    package static func versions(in folder: String) -> [String] {
        supportedVersions.filter { version in
            guard let paths = pretrained(in: folder, version: version) else { return false }
            return ConvertedFile.original(paths.textToSemantic, kind: .textToSemantic) != nil
                && ConvertedFile.original(paths.soVITS, kind: .soVITS) != nil
        }
    }

    /// The same with converted files, as `gsv convert` names them, where they lie beside the two weight files or
    /// instead of them. One that is older than its original is ignored: it may have been converted from another file.
    package func preferringConverted() -> VoicePaths {
        var paths = self
        paths.textToSemantic = Self.converted(textToSemantic: textToSemantic) ?? textToSemantic
        paths.soVITS = Self.converted(soVITS: soVITS) ?? soVITS
        return paths
    }

    /// The converted form of text-to-semantic weights, beside them or instead of them, unless it is older.
    package static func converted(textToSemantic path: String) -> String? {
        ConvertedFile.find(for: path, kind: .textToSemantic)
    }

    /// The converted form of SoVITS weights, beside them or instead of them, unless it is older.
    package static func converted(soVITS path: String) -> String? {
        ConvertedFile.find(for: path, kind: .soVITS)
    }

    /// The converted form of a file of any kind, beside it or instead of it, unless it is older.
    package static func convertedFile(for path: String) -> String? {
        ConvertedFile.find(for: path, kind: nil)
    }
}
