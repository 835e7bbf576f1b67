import Checkpoint
import Foundation
import Models
package import Text

/// Opens the text front end with its optional models: g2pW for the readings of Chinese characters, and upstream's larger
/// model for language identification.
package enum FrontEndLoader {
    /// Upstream's place for g2pW, relative to the working directory.
    package static let polyphoneFolder = "GPT_SoVITS/text/G2PWModel"
    private static let networkNames = ["g2pW.safetensors", "g2pW.onnx", "g2pw.safetensors", "g2pw.onnx"]

    /// - Parameters:
    ///   - lexicon: the pack, or nil to look for it.
    ///   - bert: folder of the Chinese BERT, whose vocabulary g2pW shares; its parent is the folder of base models.
    /// - Returns: the front end, and a line for the operator on what was found.
    /// - Throws: `SynthesisError`.
    package static func open(
        lexicon: String? = nil,
        bert: String = LanguageModelFile.pretrainedFolder + "/chinese-roberta-wwm-ext-large"
    ) throws -> (frontEnd: TextFrontEnd, note: String) {
        let pretrained = URL(fileURLWithPath: bert).deletingLastPathComponent()
        do {
            let pack = try Lexicon(path: lexicon)
            let languageModel = LanguageModelFile.path(pretrained: pretrained.path)
            guard let path = try networkPath(beside: pretrained) else {
                let frontEnd = try TextFrontEnd(lexicon: pack, languageModel: languageModel)
                let note =
                    "no g2pW.onnx in \(polyphoneFolder): readings of Chinese characters come from pypinyin's tables, "
                    + "where upstream's v2 uses that network; English homographs: \(frontEnd.englishTagger)"
                return (frontEnd, note)
            }
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
            let hasVocabulary = FileManager.default.fileExists(atPath: folder + "/vocab.txt")
            let model = try PolyphoneModel(path: path, vocabulary: hasVocabulary ? folder : bert)
            let frontEnd = try TextFrontEnd(
                lexicon: pack, polyphones: model, polyphoneLists: lists(in: folder),
                languageModel: languageModel)
            try check(model, against: frontEnd, path: path)
            let note =
                "readings of Chinese characters in v2: \(path); English homographs: \(frontEnd.englishTagger)"
            return (frontEnd, note)
        } catch let error as CheckpointError {
            throw SynthesisError(.weights, "\(error)")
        } catch let error as ModelError {
            throw SynthesisError(.weights, "\(error)")
        } catch let error as TextError {
            throw SynthesisError(.setup, "\(error)")
        }
    }

    /// The text front end alone.
    ///
    /// - Throws: `SynthesisError`.
    static func plain(lexicon: String?) throws -> TextFrontEnd {
        do {
            return try TextFrontEnd(lexicon: try Lexicon(path: lexicon))
        } catch {
            throw SynthesisError(.setup, "\(error)")
        }
    }

    /// `$GSV_G2PW_MODEL`, a folder or the file itself; else `text/G2PWModel` beside the folder of base models, else
    /// upstream's place under the working directory.
    private static func networkPath(beside pretrained: URL) throws -> String? {
        let manager = FileManager.default
        func network(in folder: String) -> String? {
            networkNames.map { folder + "/" + $0 }.first { manager.fileExists(atPath: $0) }
        }
        if let named = ProcessInfo.processInfo.environment["GSV_G2PW_MODEL"], !named.isEmpty {
            if let found = network(in: named) { return found }
            var isFolder: ObjCBool = false
            if manager.fileExists(atPath: named, isDirectory: &isFolder), !isFolder.boolValue { return named }
            throw SynthesisError(
                .setup,
                "GSV_G2PW_MODEL names \(named), where there is no g2pW.onnx; correct it, or unset it to read Chinese "
                    + "without that network")
        }
        let beside = pretrained.deletingLastPathComponent().appendingPathComponent("text/G2PWModel").path
        return network(in: beside) ?? network(in: polyphoneFolder)
    }

    /// The lists beside a network, if both are there.
    private static func lists(in folder: String) -> PolyphoneLists? {
        func text(_ name: String) -> String? {
            guard let data = FileManager.default.contents(atPath: folder + "/" + name), data.count < 16 << 20
            else { return nil }
            return String(decoding: data, as: UTF8.self)
        }
        guard let polyphonic = text("POLYPHONIC_CHARS.txt"), let monophonic = text("MONOPHONIC_CHARS.txt")
        else { return nil }
        return PolyphoneLists(polyphonic: polyphonic, monophonic: monophonic)
    }

    private static func check(_ model: PolyphoneModel, against frontEnd: TextFrontEnd, path: String) throws {
        let labels = frontEnd.polyphoneLabels?.all.count ?? 0
        let characters = frontEnd.polyphoneCount ?? 0
        guard model.labelCount == labels, model.characterCount ?? characters == characters else {
            throw SynthesisError(
                .weights,
                "\(path) has \(model.labelCount) labels and \(model.characterCount ?? 0) characters, its lists have "
                    + "\(labels) and \(characters); put the POLYPHONIC_CHARS.txt and MONOPHONIC_CHARS.txt that belong "
                    + "to it into its folder")
        }
    }
}
