import Foundation
import Models
import Synchronization
import Tensor

/// Decodes the sentences of all utterances together, on one thread: every step reads the weights once for all of them.
///
/// A sentence joins when its prompt has been read (by its utterance's thread) and there is room, and leaves when it ends
/// or nobody waits for it any more. When there are more sentences than rows, the utterance with the fewest in the batch
/// comes first, so a long text does not keep a short one out.
final class TokenScheduler: Sendable {
    /// A sentence that wants to join.
    private struct Applicant: @unchecked Sendable {
        // @unchecked Sendable: handed from the utterance's thread to the scheduler's and not touched by the former again.
        let sequence: StartedSequence
        let model: Text2Semantic
        let owner: Int
        let inbox: TokenInbox
        let reportsTokens: Bool
        let isCancelled: @Sendable () -> Bool
    }
    private struct State {
        var applicants: [Applicant] = []
        var isClosed = false
    }
    // NSCondition guards `state`; the Mutex makes that visible to the compiler.
    private let condition = NSCondition()
    private let state = Mutex(State())
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
    ///
    /// - Parameters:
    ///   - owner: a number of its utterance.
    ///   - reportsTokens: whether every step is an event, or only the last.
    ///   - isCancelled: asked before every step.
    func submit(
        _ sequence: StartedSequence, model: Text2Semantic, owner: Int, inbox: TokenInbox, reportsTokens: Bool,
        isCancelled: @escaping @Sendable () -> Bool
    ) {
        let applicant = Applicant(
            sequence: sequence, model: model, owner: owner, inbox: inbox, reportsTokens: reportsTokens,
            isCancelled: isCancelled)
        condition.lock()
        state.withLock { $0.applicants.append(applicant) }
        condition.signal()
        condition.unlock()
    }

    /// Ends the thread when nothing is left to do.
    func close() {
        condition.lock()
        state.withLock { $0.isClosed = true }
        condition.signal()
        condition.unlock()
    }

    private func loop() {
        var desk = DecodingDesk(maximumRows: maximumRows)
        while true {
            condition.lock()
            while desk.isEmpty, state.withLock({ $0.applicants.isEmpty && !$0.isClosed }) { condition.wait() }
            let isOver = desk.isEmpty && state.withLock { $0.applicants.isEmpty }
            condition.unlock()
            if isOver { return }
            var used: [ObjectIdentifier: Text2Semantic] = [:]
            var steps = 0
            ThreadPool.shared.engage {
                var last: ContinuousClock.Instant?
                repeat {
                    admit(to: &desk, using: &used)
                    let tokens = desk.step()
                    let now = ContinuousClock.now
                    meter.step(tokens: tokens, seconds: last.map { (now - $0) / .seconds(1) })
                    last = now
                    steps += 1
                } while !desk.isEmpty
            }
            // The sentences' sound is made next: two networks' weights need not be resident at a time. After a few steps
            // the faults of reading them again would cost more than they spare.
            if steps >= Self.stepsWorthReleasing { for model in used.values { model.releasePages() } }
        }
    }

    private static let stepsWorthReleasing = 100

    private func admit(to desk: inout DecodingDesk, using used: inout [ObjectIdentifier: Text2Semantic]) {
        while true {
            let next: Applicant? = state.withLock { state in
                let fitting = state.applicants.indices.filter {
                    desk.hasRoom(for: state.applicants[$0].model)
                }
                let chosen = fitting.min { a, b in
                    let (x, y) = (state.applicants[a].owner, state.applicants[b].owner)
                    return (desk.count(of: x), a) < (desk.count(of: y), b)
                }
                return chosen.map { state.applicants.remove(at: $0) }
            }
            guard let next else { return }
            used[next.model.identity] = next.model
            desk.seat(
                next.sequence, model: next.model,
                DecodingDesk.Guest(
                    owner: next.owner, inbox: next.inbox, reportsTokens: next.reportsTokens,
                    isCancelled: next.isCancelled))
        }
    }
}

/// The batches that are being decoded, one for each model in use.
struct DecodingDesk {
    /// Who waits for a sequence.
    struct Guest {
        let owner: Int
        let inbox: TokenInbox
        let reportsTokens: Bool
        let isCancelled: @Sendable () -> Bool
    }
    private let maximumRows: Int
    private var batches: [ObjectIdentifier: DecodeBatch] = [:]
    private var guests: [Int: (guest: Guest, batch: ObjectIdentifier)] = [:]
    private var nextID = 0

    init(maximumRows: Int) { self.maximumRows = maximumRows }

    var isEmpty: Bool { guests.isEmpty }

    func count(of owner: Int) -> Int { guests.values.count { $0.guest.owner == owner } }

    func hasRoom(for model: Text2Semantic) -> Bool { batches[model.identity]?.hasRoom ?? true }

    mutating func seat(_ sequence: StartedSequence, model: Text2Semantic, _ guest: Guest) {
        let batch = batches[model.identity] ?? DecodeBatch(model: model, maximumRows: maximumRows)
        batches[model.identity] = batch
        batch.join(sequence, id: nextID, reportsTokens: guest.reportsTokens)
        guests[nextID] = (guest, model.identity)
        nextID += 1
    }

    /// One step of every batch; events go to those who wait.
    ///
    /// - Returns: the tokens that were decoded.
    mutating func step() -> Int {
        var tokens = 0
        for (id, entry) in guests where entry.guest.isCancelled() {
            batches[entry.batch]?.leave(id: id)
            entry.guest.inbox.put(.cancelled)
            guests[id] = nil
        }
        for batch in batches.values {
            let reports = batch.step()
            tokens += reports.count
            for report in reports {
                guard let guest = guests[report.id]?.guest else { continue }
                if guest.reportsTokens {
                    guest.inbox.put(.step(tokens: report.tokens, isLast: report.isLast))
                } else if let result = report.result {
                    guest.inbox.put(.finished(result))
                }
                if report.isLast { guests[report.id] = nil }
            }
        }
        // A batch holds its model: one that is not in use any more must go.
        batches = batches.filter { $0.value.count > 0 }
        return tokens
    }
}

/// Decodes through a scheduler shared by all utterances.
struct ScheduledTokens: TokenSource {
    let scheduler: TokenScheduler
    /// A number of the utterance.
    let owner: Int
    let isCancelled: @Sendable () -> Bool

    var isConcurrent: Bool { true }

    private struct Pending: PendingTokens {
        let inboxes: [TokenInbox]

        func wait() throws -> [[Int]] {
            try inboxes.map { inbox in
                while true {
                    if case .finished(let result) = try inbox.next() { return result.spoken }
                }
            }
        }
    }

    private func submit(_ sentence: TokenOrder, of order: TokenBatchOrder, reportsTokens: Bool) throws
        -> TokenInbox
    {
        try order.checkpoint()
        let inbox = TokenInbox()
        let sequence = ThreadPool.shared.engage {
            order.model.start(
                sentence.input, index: sentence.index, order.options, earlyStop: order.earlyStop,
                noise: order.noise(), manner: order.isParallel ? .batch : .single)
        }
        scheduler.submit(
            sequence, model: order.model, owner: owner, inbox: inbox, reportsTokens: reportsTokens,
            isCancelled: isCancelled)
        return inbox
    }

    func begin(_ order: TokenBatchOrder) throws -> any PendingTokens {
        Pending(inboxes: try order.orders.map { try submit($0, of: order, reportsTokens: false) })
    }

    func stream(
        _ order: TokenBatchOrder, rule: ChunkRule, chunk: ([Int]?, Bool) throws -> Void
    ) throws {
        guard let sentence = order.orders.first else { return }
        let inbox = try submit(sentence, of: order, reportsTokens: true)
        var cutter = ChunkCutter(rule: rule, prefix: sentence.input.prompt?.count ?? 0)
        while true {
            guard case .step(let tokens, let isLast) = try inbox.next() else { continue }
            if let part = cutter.take(tokens, isLast: isLast) { try chunk(part.tokens, part.isLast) }
            if isLast { return }
        }
    }
}
