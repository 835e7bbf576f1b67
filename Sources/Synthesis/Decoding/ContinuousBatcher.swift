import Foundation
import Models
import Tensor

/// Continuous batching: decodes the sentences of all requests together, on one thread, so that a step reads the weights
/// once for all of them.
///
/// A sentence joins after its prefill (on its request's thread) when a row is free, and leaves when it ends or its request
/// is cancelled. While there are more sentences than rows, the request with the fewest sentences in the batch comes first,
/// so that a long text does not block a short one.
final class ContinuousBatcher: Sendable {
    /// A sentence, waiting or in the batch.
    struct Entry: Sendable {
        let sequence: DecodeSequence
        let model: Text2Semantic
        /// A number of its request.
        let owner: Int
        let events: TokenQueue
        /// Whether every step is an event, or only the last.
        let reportsTokens: Bool
        /// Called before every step.
        let isCancelled: @Sendable () -> Bool
    }
    private struct State {
        var pending: [Entry] = []
        var isClosed = false
    }
    private let state = Monitor(State())
    private let maximumRows: Int
    private let meter: EngineMeter

    /// - Parameters:
    ///   - maximumRows: most sentences in a step.
    ///   - meter: counts the tokens.
    init(maximumRows: Int, meter: EngineMeter = EngineMeter()) {
        self.maximumRows = maximumRows
        self.meter = meter
        let thread = Thread { [self] in ThreadPool.$lane.withValue(.decoding) { loop() } }
        thread.name = "gsv-decode"
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// Adds a sentence.
    func add(_ entry: Entry) { state.update { $0.pending.append(entry) } }

    /// Ends the thread when no sentence is left.
    func close() { state.update { $0.isClosed = true } }

    private func loop() {
        var active = ActiveSequences(maximumRows: maximumRows)
        while true {
            let isOver = state.wait(until: { !$0.pending.isEmpty || $0.isClosed }) { $0.pending.isEmpty }
            if isOver { return }
            var used: [ObjectIdentifier: Text2Semantic] = [:]
            var steps = 0
            ThreadPool.shared.engage {
                var last: ContinuousClock.Instant?
                repeat {
                    admit(to: &active, using: &used)
                    let tokens = active.step()
                    let now = ContinuousClock.now
                    meter.step(tokens: tokens, seconds: last.map { (now - $0) / .seconds(1) })
                    last = now
                    steps += 1
                } while !active.isEmpty
            }
            // The sentences are synthesized next: two networks' weights need not be resident at a time. After a few steps
            // the page faults of reading them again would cost more than that saves.
            if steps >= Self.stepsWorthReleasing { for model in used.values { model.releasePages() } }
        }
    }

    private static let stepsWorthReleasing = 100

    private func admit(to active: inout ActiveSequences, using used: inout [ObjectIdentifier: Text2Semantic])
    {
        while let entry = takePending(for: active) {
            used[entry.model.identity] = entry.model
            active.add(entry)
        }
    }

    /// The pending sentence that joins next, if one fits.
    private func takePending(for active: ActiveSequences) -> Entry? {
        state.withLock { state in
            guard !state.pending.isEmpty else { return nil }
            let fitting = state.pending.indices.filter { active.hasRoom(for: state.pending[$0].model) }
            let next = fitting.min { a, b in
                let (x, y) = (state.pending[a].owner, state.pending[b].owner)
                return (active.count(of: x), a) < (active.count(of: y), b)
            }
            return next.map { state.pending.remove(at: $0) }
        }
    }
}
