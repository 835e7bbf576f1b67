import Foundation

/// Where a language identification model other than the pack's is looked for.
package enum LanguageModelFile {
    /// Upstream's folder of base models, relative to the working directory.
    package static let pretrainedFolder = "GPT_SoVITS/pretrained_models"

    /// The model to use: `$GSV_LID_MODEL` if it is set, else upstream's own `fast_langdetect/lid.176.bin` if that is
    /// there, else nil for the smaller `lid.176.ftz` of the pack. The two differ on short texts.
    /// - Parameter pretrained: the folder of base models.
    package static func path(pretrained: String = pretrainedFolder) -> String? {
        if let named = ProcessInfo.processInfo.environment["GSV_LID_MODEL"], !named.isEmpty { return named }
        let upstream = pretrained + "/fast_langdetect/lid.176.bin"
        return FileManager.default.fileExists(atPath: upstream) ? upstream : nil
    }
}
