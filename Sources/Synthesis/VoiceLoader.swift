import Checkpoint
import Foundation
public import Models
import Synchronization
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
                sentences: SentencePreparer(
                    frontEnd: parts.frontEnd, bert: parts.bert, tokenizer: parts.tokenizer))
        )
    }

    /// What an engine is put together from.
    public struct Parts: Sendable {
        /// The networks.
        public let textToSemantic: Text2Semantic, soVITS: SoVITS, huBERT: HuBERT, bert: BERT
        /// What reads text for them.
        public let tokenizer: CharacterTokenizer, frontEnd: TextFrontEnd
    }

    /// Loads the parts side by side; the first of them that fails, in the order of their names here, is the error.
    public static func parts(_ paths: VoicePaths, lexicon: String? = nil) throws -> Parts {
        let textToSemantic = Job { try self.textToSemantic(paths.textToSemantic) }
        let soVITS = Job { try self.soVITS(paths.soVITS) }
        let huBERT = Job { try loading { try HuBERT(folder: paths.huBERT) } }
        let bert = Job {
            try loading {
                let bert = try BERT(folder: paths.bert)
                return (bert, try CharacterTokenizer(folder: paths.bert, size: bert.vocabularySize))
            }
        }
        let frontEnd = Job { try self.frontEnd(lexicon) }
        // The longest first.
        let jobs: [any Runnable] = [soVITS, frontEnd, huBERT, textToSemantic, bert]
        DispatchQueue.concurrentPerform(iterations: jobs.count) { jobs[$0].run() }
        let (network, tokenizer) = try bert.value()
        return Parts(
            textToSemantic: try textToSemantic.value(), soVITS: try soVITS.value(),
            huBERT: try huBERT.value(), bert: network, tokenizer: tokenizer, frontEnd: try frontEnd.value())
    }

    static func textToSemantic(_ path: String) throws -> Text2Semantic {
        try loading { try Text2Semantic(path: path) }
    }

    static func soVITS(_ path: String) throws -> SoVITS {
        try loading { try SoVITS(path: path) }
    }

    private static func frontEnd(_ lexicon: String?) throws -> TextFrontEnd {
        do {
            return try TextFrontEnd(lexicon: try Lexicon(path: lexicon))
        } catch {
            throw SynthesisError(.setup, "\(error)")
        }
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

private protocol Runnable: Sendable {
    func run()
}

/// A piece of loading that runs on any thread; its result is asked for afterwards.
private final class Job<Value: Sendable>: Runnable {
    private let body: @Sendable () throws -> Value
    private let result = Mutex<Result<Value, any Error>?>(nil)

    init(_ body: @escaping @Sendable () throws -> Value) { self.body = body }

    func run() {
        let outcome = Result { try body() }
        result.withLock { $0 = outcome }
    }

    func value() throws -> Value {
        guard let outcome = result.withLock({ $0 }) else { preconditionFailure("Job: asked before it ran") }
        return try outcome.get()
    }
}
