import Foundation
import Models
import Synchronization
import Tensor
import Text

@testable import Synthesis

/// Records the sentences that are phonemized, and blocks the engine at one of them until it is opened.
final class GatedSentences: TextPreprocessing {
    private let text: any TextPreprocessing
    private let closedAt: Int
    private let gate = DispatchSemaphore(value: 0)
    private let texts = Mutex<[String]>([])
    var phonemized: [String] { texts.withLock { $0 } }
    var featureCount: Int { text.featureCount }

    /// - Parameter closedAt: how many sentences pass before one has to wait.
    init(_ text: any TextPreprocessing, closedAt: Int = .max) {
        self.text = text
        self.closedAt = closedAt
    }

    func open() { gate.signal() }

    func sentences(_ text: String, language: String, cut: String) throws -> [String] {
        try self.text.sentences(text, language: language, cut: cut)
    }

    func normalize(_ sentence: String, language: String, version: String) throws -> NormalizedSentence {
        try text.normalize(sentence, language: language, version: version)
    }

    func phonemize(_ sentence: NormalizedSentence) throws -> PhonemizedSentence {
        let count = texts.withLock { texts in
            texts.append(sentence.segments[0].text)
            return texts.count - 1
        }
        if count == closedAt { gate.wait() }
        return try text.phonemize(sentence)
    }

    func features(_ sentences: [PhonemizedSentence], checkpoint: () throws -> Void) throws -> [Tensor] {
        try text.features(sentences, checkpoint: checkpoint)
    }
}

/// Counts decoding steps; its draws prefer nothing.
final class StepCounter: SynthesisNoise, SamplingNoise {
    private let counted = Atomic<Int>(0)
    var steps: Int { counted.load(ordering: .relaxed) }

    func sampling(sentence: Int) -> any SamplingNoise { self }
    func begin(step: Int, sequence: Int, vocabulary: Int) { counted.add(1, ordering: .relaxed) }
    func exponential(token: Int) -> Float { 1 }
    func latent(call: Int, _ shape: NoiseShape) -> Tensor {
        Tensor(repeating: 0, [shape.frames, shape.channels])
    }
}

/// Engages the decoding lane, so that the general lane gets half of the threads.
enum PoolHolder {
    static func whileShared<R>(_ body: () throws -> R) rethrows -> R {
        try ThreadPool.$lane.withValue(.decoding) {
            try ThreadPool.shared.engage { try ThreadPool.$lane.withValue(.general) { try body() } }
        }
    }
}
