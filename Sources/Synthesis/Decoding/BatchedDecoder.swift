import Models
import Tensor

/// Decodes in the batch that all requests share. The calling thread runs the prefill.
struct BatchedDecoder: TokenDecoder {
    let batcher: ContinuousBatcher
    let model: Text2Semantic
    /// A number of the request.
    let owner: Int
    let isCancelled: @Sendable () -> Bool

    var isConcurrent: Bool { true }

    private struct Pending: PendingTokens {
        let queues: [TokenQueue]

        func wait() throws -> [[Int]] {
            try queues.map { queue in
                while true {
                    if case .finished(let result) = try queue.next() { return result.spoken }
                }
            }
        }
    }

    private func submit(_ request: DecodeRequest, reportsTokens: Bool) throws -> TokenQueue {
        if isCancelled() { throw CancellationError() }
        let queue = TokenQueue()
        let sequence = ThreadPool.shared.engage { model.prefill(request) }
        batcher.add(
            ContinuousBatcher.Entry(
                sequence: sequence, model: model, owner: owner, events: queue, reportsTokens: reportsTokens,
                isCancelled: isCancelled))
        return queue
    }

    func begin(_ requests: [DecodeRequest], sideBySide: Bool) throws -> any PendingTokens {
        Pending(queues: try requests.map { try submit($0, reportsTokens: false) })
    }

    func stream(_ request: DecodeRequest, rule: ChunkRule, chunk: ([Int]?, Bool) throws -> Void) throws {
        let queue = try submit(request, reportsTokens: true)
        var cutter = ChunkCutter(rule: rule)
        while true {
            guard case .token(let token, let isLast) = try queue.next() else { continue }
            if let part = cutter.take(token, isLast: isLast) { try chunk(part.tokens, part.isLast) }
            if isLast { return }
        }
    }
}
