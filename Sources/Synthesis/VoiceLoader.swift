import Checkpoint
import Foundation
import Models
import Text

/// Loads weights with errors that a person can act on.
public enum VoiceLoader {
    /// Loads a voice.
    public static func voice(_ paths: VoicePaths) throws -> ModelSet {
        ModelSet(
            textToSemantic: try textToSemantic(paths.textToSemantic), soVITS: try soVITS(paths.soVITS),
            textToSemanticPath: paths.textToSemantic, soVITSPath: paths.soVITS)
    }

    /// Loads HuBERT, BERT and the language data.
    public static func base(_ paths: VoicePaths, lexicon: String? = nil) throws -> BaseModels {
        let huBERT = try loading { try HuBERT(folder: paths.huBERT) }
        let bert = try loading { try BERT(folder: paths.bert) }
        let tokenizer = try loading {
            try CharacterTokenizer(folder: paths.bert, size: bert.vocabularySize)
        }
        let (frontEnd, note) = try FrontEndLoader.open(lexicon: lexicon, bert: paths.bert)
        return BaseModels(
            huBERT: huBERT,
            sentences: SentencePreparer(frontEnd: frontEnd, bert: bert, tokenizer: tokenizer), notes: [note])
    }

    static func textToSemantic(_ path: String) throws -> Text2Semantic {
        try loading { try Text2Semantic(path: path) }
    }

    static func soVITS(_ path: String) throws -> SoVITS {
        try loading { try SoVITS(path: path) }
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
