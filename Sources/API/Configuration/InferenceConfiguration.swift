package import Synthesis

/// Which weights to run: what upstream's `tts_infer.yaml` says, with upstream's defaults where it says
/// nothing.
///
/// Relative paths are relative to the working directory, as in upstream.
package struct InferenceConfiguration: Sendable, Equatable {
    /// Model version, `v1` or `v2`.
    package let version: String
    /// The device that the file names. This program runs on the CPU whatever it says; see `notes`.
    package let device: String
    /// Whether the file requests half precision, which has no effect here; see `notes`.
    package let isHalf: Bool
    /// All four paths.
    package let paths: VoicePaths
    /// Path of the text-to-semantic (GPT) weights.
    package var textToSemanticPath: String { paths.textToSemantic }
    /// Path of the SoVITS weights.
    package var soVITSPath: String { paths.soVITS }
    /// Folder of the Chinese BERT.
    package var bertPath: String { paths.bert }
    /// Folder of the Chinese HuBERT.
    package var huBERTPath: String { paths.huBERT }
    /// Where the values come from.
    package let source: Source
    /// What was ignored or replaced and why, for the log: one sentence each.
    package let notes: [String]

    /// Where a configuration comes from.
    package enum Source: Sendable, Equatable {
        /// This section of this file.
        case file(path: String, section: String)
        /// Upstream's defaults: there is no file.
        case defaults
    }

    /// Upstream's default path.
    package static let defaultPath = "GPT_SoVITS/configs/tts_infer.yaml"

    /// Reads the configuration at `path`.
    ///
    /// A missing file means upstream's defaults, and a note says so. (Upstream writes a new file there; a
    /// program that was given a wrong path should not make it a right one.)
    ///
    /// - Parameter version: the section that is read in place of `custom`, with the defaults of this version.
    /// - Throws: `ConfigurationError`.
    package static func load(
        path: String = defaultPath, version: String? = nil
    ) throws(ConfigurationError) -> InferenceConfiguration {
        let path = path.isEmpty ? defaultPath : path
        let files = LocalFiles(opensPipes: true)
        guard files.exists(path) else {
            return try ConfigurationResolver(document: nil, exists: files.exists, version: version).resolve(
                notes: ["\(path) does not exist: using the defaults of version \(version ?? "v2")"])
        }
        let document = try ConfigurationDocument(yaml: try files.text(path), path: path)
        return try ConfigurationResolver(
            document: document, exists: { files.exists($0) || VoicePaths.convertedFile(for: $0) != nil },
            version: version
        ).resolve()
    }

    init(
        version: String, device: String, isHalf: Bool, paths: VoicePaths, source: Source, notes: [String]
    ) {
        self.version = version
        self.device = device
        self.isHalf = isHalf
        self.paths = paths
        self.source = source
        self.notes = notes
    }
}
