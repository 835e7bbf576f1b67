/// The description of the source checkpoint in a converted safetensors file, so that the file opens as if it were
/// that checkpoint.
struct Origin: Sendable, Equatable {
    /// Names of this module's metadata; all begin with `gsv.`.
    enum Name {
        static let config = "gsv.config"
        static let metadata = "gsv.metadata"
        static let modelVersion = "gsv.model_version"
        static let symbolsVersion = "gsv.symbols_version"
        static let isLoRA = "gsv.is_lora"
        static let kind = "gsv.kind"
        static let source = "gsv.source_sha256"
        static let tool = "gsv.tool"
        static let prepacked = "gsv.prepared"
        /// Only read: matrices in blocks, as earlier versions wrote them.
        static let panels = "gsv.panels"
    }

    let config: ConfigValue
    let metadata: ConfigValue
    let version: SoVITSVersion?
    /// SHA-256 of the checkpoint that was converted.
    let sourceSHA256: String?

    /// The description of a checkpoint that is no converted file, such as a model with a LoRA.
    init(config: ConfigValue, metadata: ConfigValue, version: SoVITSVersion?, sourceSHA256: String? = nil) {
        (self.config, self.metadata) = (config, metadata)
        (self.version, self.sourceSHA256) = (version, sourceSHA256)
    }

    /// Reads the metadata; nil when the file was not made by this module.
    ///
    /// - Throws: `malformed` when the embedded JSON or a version is damaged.
    init?(_ strings: [String: String], path: String) throws(CheckpointError) {
        guard let config = strings[Name.config] else { return nil }
        sourceSHA256 = strings[Name.source]
        self.config = try ConfigValue(json: config, path: path, part: Name.config)
        metadata = try ConfigValue(json: strings[Name.metadata] ?? "{}", path: path, part: Name.metadata)
        guard let model = strings[Name.modelVersion] else {
            version = nil
            return
        }
        guard let modelVersion = ModelVersion(rawValue: model),
            let symbols = ModelVersion(rawValue: strings[Name.symbolsVersion] ?? "")
        else {
            throw CheckpointError.malformed(
                path: path, part: "metadata", reason: "model version \"\(model)\" is not known")
        }
        version = SoVITSVersion(
            symbolsVersion: symbols, modelVersion: modelVersion, isLoRA: strings[Name.isLoRA] == "true")
    }
}
