/// Where everything is that an engine needs: the two weight files of a voice, and the folders of the two base models.
public struct VoicePaths: Sendable, Equatable {
    /// Text-to-semantic and SoVITS weights, HuBERT and BERT.
    public var textToSemantic: String, soVITS: String, huBERT: String, bert: String

    /// Puts paths together.
    public init(textToSemantic: String, soVITS: String, huBERT: String, bert: String) {
        self.textToSemantic = textToSemantic
        self.soVITS = soVITS
        self.huBERT = huBERT
        self.bert = bert
    }

    /// Versions that the engine speaks.
    public static let supportedVersions = ["v1", "v2"]

    /// The files of a version in a folder laid out like upstream's `pretrained_models`; nil for a version that the
    /// engine lacks.
    public static func pretrained(in folder: String, version: String) -> VoicePaths? {
        let weights: (textToSemantic: String, soVITS: String)
        switch version {
        case "v1": weights = ("s1bert25hz-2kh-longer-epoch=68e-step=50232.ckpt", "s2G488k.pth")
        case "v2":
            weights = (
                "gsv-v2final-pretrained/s1bert25hz-5kh-longer-epoch=12-step=369668.ckpt",
                "gsv-v2final-pretrained/s2G2333k.pth"
            )
        default: return nil
        }
        return VoicePaths(
            textToSemantic: "\(folder)/\(weights.textToSemantic)", soVITS: "\(folder)/\(weights.soVITS)",
            huBERT: "\(folder)/chinese-hubert-base", bert: "\(folder)/chinese-roberta-wwm-ext-large")
    }
}
