import Models

/// The sentences that are being decoded: a `DecodeBatch` for each model in use.
struct ActiveSequences {
    private let maximumRows: Int
    private var batches: [ObjectIdentifier: DecodeBatch] = [:]
    private var entries: [ContinuousBatcher.Entry] = []

    init(maximumRows: Int) { self.maximumRows = maximumRows }

    var isEmpty: Bool { entries.isEmpty }

    /// Number of sentences of a request.
    func count(of owner: Int) -> Int { entries.count { $0.owner == owner } }

    func hasRoom(for model: Text2Semantic) -> Bool { batches[model.identity]?.hasRoom ?? true }

    mutating func add(_ entry: ContinuousBatcher.Entry) {
        let key = entry.model.identity
        let batch = batches[key] ?? DecodeBatch(model: entry.model, maximumRows: maximumRows)
        batches[key] = batch
        batch.join(entry.sequence)
        entries.append(entry)
    }

    /// Takes one step with every batch and reports it.
    ///
    /// - Returns: the number of tokens that were decoded.
    mutating func step() -> Int {
        let batches = batches
        removeEntries { entry in
            guard entry.isCancelled() else { return false }
            batches[entry.model.identity]?.leave(entry.sequence)
            entry.events.put(.cancelled)
            return true
        }
        let tokens = entries.count
        for batch in batches.values { batch.step() }
        removeEntries { entry in
            let sequence = entry.sequence
            if entry.reportsTokens {
                entry.events.put(.token(sequence.newToken, isLast: sequence.isFinished))
            } else if let result = sequence.result {
                entry.events.put(.finished(result))
            }
            return sequence.isFinished
        }
        return tokens
    }

    /// Calls `body` for every entry, in order, and removes those for which it returns true.
    private mutating func removeEntries(_ body: (ContinuousBatcher.Entry) -> Bool) {
        let count = entries.count
        entries.removeAll(where: body)
        // A batch retains its model: one that is not in use any more is released.
        if entries.count < count { batches = batches.filter { $0.value.count > 0 } }
    }
}
