import Checkpoint
import Foundation
package import Models
package import Text

/// Loads weights, with errors that name the file and the remedy.
package enum VoiceLoader {
    /// Loads all that an engine needs, the parts side by side.
    package static func everything(
        _ paths: VoicePaths, lexicon: String? = nil
    ) throws -> (models: ModelSet, base: BaseModels) {
        let parts = try parts(paths, lexicon: lexicon)
        return (
            ModelSet(
                textToSemantic: parts.textToSemantic, acoustic: parts.acoustic,
                textToSemanticPath: paths.textToSemantic, acousticPath: paths.soVITS),
            BaseModels(
                huBERT: parts.huBERT,
                text: parts.bert.map {
                    TextPreprocessor(frontEnd: parts.frontEnd, bert: $0.bert, tokenizer: $0.tokenizer)
                }
                    ?? TextPreprocessor(
                        frontEnd: parts.frontEnd, featureCount: parts.textToSemantic.bertFeatureCount),
                pretrained: paths.pretrained, notes: parts.notes)
        )
    }

    /// The parts of an engine.
    package struct Parts: Sendable {
        /// The networks.
        package let textToSemantic: Text2Semantic, acoustic: any AcousticModel, huBERT: HuBERT
        /// The text front end; no BERT for voices that were trained without.
        package let frontEnd: TextFrontEnd, bert: (bert: BERT, tokenizer: CharacterTokenizer)?
        /// What the operator should know about them.
        package let notes: [String]
    }

    /// Loads the parts side by side; the first of them that fails, in the order of their names here, is the error.
    package static func parts(_ paths: VoicePaths, lexicon: String? = nil) throws -> Parts {
        let textToSemantic = LoadingJob { try self.textToSemantic(paths.textToSemantic) }
        let acoustic = LoadingJob { try self.acousticModel(paths.soVITS, pretrained: paths.pretrained) }
        let huBERT = LoadingJob { try self.huBERT(paths.huBERT) }
        let bert = LoadingJob<(bert: BERT, tokenizer: CharacterTokenizer)?> {
            guard let folder = paths.bertFolder else { return nil }
            return try loading {
                let bert = try BERT(folder: folder)
                return (bert, try CharacterTokenizer(folder: folder, size: bert.vocabularySize))
            }
        }
        let frontEnd = LoadingJob<(TextFrontEnd, String?)> {
            // A voice without BERT was trained on the readings that need no network.
            guard let bert = paths.bertFolder else {
                return (try FrontEndLoader.plain(lexicon: lexicon), nil)
            }
            return try FrontEndLoader.open(lexicon: lexicon, bert: bert)
        }
        // The longest first.
        runSideBySide([acoustic, frontEnd, huBERT, textToSemantic, bert])
        let (text, note) = try frontEnd.value()
        return Parts(
            textToSemantic: try textToSemantic.value(), acoustic: try acoustic.value(),
            huBERT: try huBERT.value(), frontEnd: text, bert: try bert.value(),
            notes: note.map { [$0] } ?? [])
    }

    static func textToSemantic(_ path: String) throws -> Text2Semantic {
        try loading { try Text2Semantic(path: path) }
    }

    static func acousticModel(_ path: String, pretrained: PretrainedFiles) throws -> any AcousticModel {
        try loading {
            let model = try AcousticModelFactory.open(path, pretrained: pretrained)
            let file = pretrained.speakerVerification
            if model.speakerEmbeddingCount != nil,
                ConvertedFile.original(file, kind: .speakerVerification) == nil
            {
                throw SynthesisError(
                    .weights,
                    "\(path) is a \(model.version.rawValue) voice, which needs upstream's speaker verification model; "
                        + "\(file) is missing: copy it from upstream's pretrained_models")
            }
            return model
        }
    }

    /// The bandwidth extension in the first of `folders` that has one; nil where none has.
    static func bandwidthExtension(_ folders: [String]) throws -> BandwidthExtension? {
        try loading {
            for folder in folders {
                if let found = try BandwidthExtension(folder: folder) { return found }
            }
            return nil
        }
    }

    /// The network of `path` (upstream: `sv.sv_path`), or its converted form.
    package static func speakerVerification(_ path: String) throws -> ERes2NetV2 {
        guard ConvertedFile.original(path, kind: .speakerVerification) != nil else {
            throw SynthesisError(
                .setup,
                "\(path) is missing: the speaker verification model (ERes2NetV2) of upstream's pretrained_models"
            )
        }
        return try loading {
            try ERes2NetV2(path: ConvertedFile.find(for: path, kind: .speakerVerification) ?? path)
        }
    }

    static func huBERT(_ folder: String) throws -> HuBERT {
        try loading { try HuBERT(folder: folder) }
    }

    private static func loading<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as CheckpointError {
            throw SynthesisError(.weights, "\(error)")
        } catch let error as ModelError {
            throw SynthesisError(.weights, "\(error)")
        }
    }
}
