import Synthesis

extension VoicePaths {
    /// The keys of the paths in a section of `tts_infer.yaml`.
    static let keys: [(key: String, path: any WritableKeyPath<VoicePaths, String> & Sendable)] = [
        ("t2s_weights_path", \.textToSemantic), ("vits_weights_path", \.soVITS), ("bert_base_path", \.bert),
        ("cnhuhbert_base_path", \.huBERT),
    ]
}
