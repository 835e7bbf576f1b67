/// The four paths of a section of `tts_infer.yaml`.
struct WeightPaths: Sendable, Equatable {
    var textToSemantic: String, soVITS: String, bert: String, huBERT: String

    /// The keys of the paths in the file.
    static let keys: [(key: String, path: any WritableKeyPath<WeightPaths, String> & Sendable)] = [
        ("t2s_weights_path", \.textToSemantic), ("vits_weights_path", \.soVITS), ("bert_base_path", \.bert),
        ("cnhuhbert_base_path", \.huBERT),
    ]

    /// Versions that this program speaks.
    static let supportedVersions = ["v1", "v2"]

    /// Upstream's places for the pretrained weights of a version; `nil` for versions that this program lacks.
    static func defaults(for version: String) -> WeightPaths? {
        let folder = "GPT_SoVITS/pretrained_models"
        let weights: (String, String)? =
            switch version {
            case "v1": ("s1bert25hz-2kh-longer-epoch=68e-step=50232.ckpt", "s2G488k.pth")
            case "v2":
                (
                    "gsv-v2final-pretrained/s1bert25hz-5kh-longer-epoch=12-step=369668.ckpt",
                    "gsv-v2final-pretrained/s2G2333k.pth"
                )
            default: nil
            }
        return weights.map { textToSemantic, soVITS in
            WeightPaths(
                textToSemantic: "\(folder)/\(textToSemantic)", soVITS: "\(folder)/\(soVITS)",
                bert: "\(folder)/chinese-roberta-wwm-ext-large", huBERT: "\(folder)/chinese-hubert-base")
        }
    }
}
