import Foundation
import Models
import Synchronization
import Tensor

@testable import Synthesis

/// Remembers the sentences that are prepared, and holds the engine at one of them until it is let go.
final class GatedSentences: SentencePreparing {
    private let sentences: any SentencePreparing
    private let closedAt: Int
    private let gate = DispatchSemaphore(value: 0)
    private let texts = Mutex<[String]>([])
    var prepared: [String] { texts.withLock { $0 } }

    /// - Parameter closedAt: how many sentences pass before one has to wait.
    init(_ sentences: any SentencePreparing, closedAt: Int) {
        self.sentences = sentences
        self.closedAt = closedAt
    }

    func open() { gate.signal() }

    func pieces(_ text: String, language: String, cut: String) throws -> [String] {
        try sentences.pieces(text, language: language, cut: cut)
    }

    /// Outlines are cheap and made for the whole text at once: not remembered.
    func outline(_ piece: String, language: String, version: String) throws -> SentenceOutline {
        try sentences.outline(piece, language: language, version: version)
    }

    func prepare(_ piece: String, language: String, version: String) throws -> ModelSentence {
        let count = texts.withLock { texts in
            texts.append(piece)
            return texts.count - 1
        }
        if count == closedAt { gate.wait() }
        return try sentences.prepare(piece, language: language, version: version)
    }
}

/// Counts decoding steps; its draws prefer nothing.
final class StepCounter: SynthesisNoise, SamplingNoise {
    private let counted = Atomic<Int>(0)
    var steps: Int { counted.load(ordering: .relaxed) }

    func sampling(batch: Int, sentences: [Int]) -> any SamplingNoise { self }
    func begin(step: Int, sequences: [Int], vocabulary: Int) { counted.add(1, ordering: .relaxed) }
    func exponential(row: Int, token: Int) -> Float { 1 }
    func latent(call: Int, frames: Int, channels: Int) -> Tensor { Tensor(repeating: 0, [frames, channels]) }
}

/// Engages the lane of decoding, so that whoever works on the other one gets half of the threads.
enum PoolHolder {
    static func whileShared<R>(_ body: () throws -> R) rethrows -> R {
        try ThreadPool.$lane.withValue(.decoding) {
            try ThreadPool.shared.engage { try ThreadPool.$lane.withValue(.general) { try body() } }
        }
    }
}
