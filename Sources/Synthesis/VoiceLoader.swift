import Checkpoint
import Foundation
public import Models
public import Text

/// Loads weights with errors that a person can act on.
public enum VoiceLoader {
    /// Loads all that an engine needs, the parts side by side.
    public static func everything(
        _ paths: VoicePaths, lexicon: String? = nil
    ) throws -> (models: ModelSet, base: BaseModels) {
        let parts = try parts(paths, lexicon: lexicon)
        return (
            ModelSet(
                textToSemantic: parts.textToSemantic, soVITS: parts.soVITS,
                textToSemanticPath: paths.textToSemantic, soVITSPath: paths.soVITS),
            BaseModels(
                huBERT: parts.huBERT,
                sentences: parts.bert.map {
                    SentencePreparer(frontEnd: parts.frontEnd, bert: $0.bert, tokenizer: $0.tokenizer)
                }
                    ?? SentencePreparer(
                        frontEnd: parts.frontEnd, featureCount: parts.textToSemantic.bertFeatureCount),
                notes: parts.notes)
        )
    }

    /// What an engine is put together from.
    public struct Parts: Sendable {
        /// The networks.
        public let textToSemantic: Text2Semantic, soVITS: SoVITS, huBERT: HuBERT
        /// What reads text for them; no BERT for voices that were trained without.
        public let frontEnd: TextFrontEnd, bert: (bert: BERT, tokenizer: CharacterTokenizer)?
        /// Lines for people on what was found.
        public let notes: [String]
    }

    /// Loads the parts side by side; the first of them that fails, in the order of their names here, is the error.
    public static func parts(_ paths: VoicePaths, lexicon: String? = nil) throws -> Parts {
        let textToSemantic = LoadingJob { try self.textToSemantic(paths.textToSemantic) }
        let soVITS = LoadingJob { try self.soVITS(paths.soVITS) }
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
        runSideBySide([soVITS, frontEnd, huBERT, textToSemantic, bert])
        let (reader, note) = try frontEnd.value()
        return Parts(
            textToSemantic: try textToSemantic.value(), soVITS: try soVITS.value(),
            huBERT: try huBERT.value(), frontEnd: reader, bert: try bert.value(),
            notes: note.map { [$0] } ?? [])
    }

    static func textToSemantic(_ path: String) throws -> Text2Semantic {
        try loading { try Text2Semantic(path: path) }
    }

    static func soVITS(_ path: String) throws -> SoVITS {
        try loading { try SoVITS(path: path) }
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
