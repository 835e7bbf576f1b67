import Foundation
import Models
import Synchronization

/// Weights by file: loaded once, shared by all requests that name them. Weights that are not in use are dropped, the least
/// recently used first, when all together exceed the memory budget.
///
/// Weights in use are never dropped, even beyond the budget: their users keep them in memory in any case, and the next
/// request that names them would load them a second time.
final class ModelCache: Sendable {
    /// Held by users of weights; its end lets the cache drop them.
    final class Lease: Sendable {
        private let end: @Sendable () -> Void
        fileprivate init(end: @escaping @Sendable () -> Void) { self.end = end }
        deinit { end() }
    }
    /// Kinds of weights; one file is never loaded as two of them.
    private enum Kind { case textToSemantic, acoustic, huBERT }
    /// A file as it was when it was read; one that has changed since is another.
    private struct Key: Hashable {
        let kind: Kind
        let path: String
        let bytes: Int
        let modified: Date
    }
    private struct Entry {
        let key: Key
        let model: any Sendable
        let weightsID: Int
        var users = 0
    }
    private struct State {
        /// The most recently used first.
        var entries: [Entry] = []
        var lastID = 0
    }
    private let state = Mutex(State())
    /// One load at a time: two of the same file would take twice the memory.
    private let loading = NSLock()
    private let budgetBytes: Int
    private let pretrained: PretrainedFiles

    /// - Parameters:
    ///   - budgetBytes: size of the files that are kept, all together. The one used last stays in any case.
    ///   - pretrained: what acoustic models of some versions need beside their own file.
    init(budgetBytes: Int, pretrained: PretrainedFiles = PretrainedFiles()) {
        (self.budgetBytes, self.pretrained) = (budgetBytes, pretrained)
    }

    /// Text-to-semantic weights.
    func textToSemantic(_ path: String) throws -> Loaded<Text2Semantic> {
        try find(.textToSemantic, path) { try VoiceLoader.textToSemantic(path) }
    }

    /// Acoustic weights (upstream: SoVITS weights) of any version.
    func acoustic(_ path: String) throws -> Loaded<any AcousticModel> {
        try find(.acoustic, path) { try VoiceLoader.acousticModel(path, pretrained: pretrained) }
    }

    /// A HuBERT folder.
    func huBERT(_ path: String) throws -> Loaded<HuBERT> {
        try find(.huBERT, path) { try VoiceLoader.huBERT(path) }
    }

    /// Takes in weights that were loaded elsewhere, so that requests that name their files get them.
    func adopt(_ models: ModelSet) -> ModelSet {
        var models = models
        models.textToSemantic = adopt(models.textToSemantic, .textToSemantic)
        models.acoustic = adopt(models.acoustic, .acoustic)
        return models
    }

    private func adopt<Model>(_ loaded: Loaded<Model>, _ kind: Kind) -> Loaded<Model> {
        let key = Self.key(kind, loaded.path)
        let lease = store(Entry(key: key, model: loaded.model, weightsID: loaded.weightsID, users: 1))
        return Loaded(loaded.model, path: loaded.path, weightsID: loaded.weightsID, lease: lease)
    }

    /// Paths of what is loaded, for tests.
    var paths: [String] { state.withLock { $0.entries.map(\.key.path) } }

    /// How many files are loaded, and their bytes.
    var size: (count: Int, bytes: Int) {
        state.withLock { ($0.entries.count, $0.entries.reduce(0) { $0 + $1.key.bytes }) }
    }

    private func find<Model: Sendable>(_ kind: Kind, _ path: String, load: () throws -> Model) throws
        -> Loaded<Model>
    {
        let key = Self.key(kind, path)
        if let known: Loaded<Model> = touch(key, path) { return known }
        return try loading.withLock {
            // Another thread may have loaded it in the meantime.
            if let known: Loaded<Model> = touch(key, path) { return known }
            let model = try load()
            let id = state.withLock { state in
                state.lastID += 1
                return state.lastID
            }
            let lease = store(Entry(key: key, model: model, weightsID: id, users: 1))
            return Loaded(model, path: path, weightsID: id, lease: lease)
        }
    }

    private static func key(_ kind: Kind, _ path: String) -> Key {
        let path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return Key(
            kind: kind, path: path, bytes: size(path, attributes),
            modified: attributes?[.modificationDate] as? Date ?? .distantPast)
    }

    /// Bytes of a file, or of the files in a folder.
    private static func size(_ path: String, _ attributes: [FileAttributeKey: Any]?) -> Int {
        guard attributes?[.type] as? FileAttributeType == .typeDirectory else {
            return attributes?[.size] as? Int ?? 0
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.reduce(0) { sum, name in
            let file = try? FileManager.default.attributesOfItem(atPath: path + "/" + name)
            return sum + (file?[.size] as? Int ?? 0)
        }
    }

    private func touch<Model>(_ key: Key, _ path: String) -> Loaded<Model>? {
        state.withLock { state in
            guard let index = state.entries.firstIndex(where: { $0.key == key }),
                let model = state.entries[index].model as? Model
            else { return nil }
            var entry = state.entries.remove(at: index)
            entry.users += 1
            state.entries.insert(entry, at: 0)
            return Loaded(model, path: path, weightsID: entry.weightsID, lease: lease(key))
        }
    }

    private func store(_ entry: Entry) -> Lease {
        let dropped = state.withLock { state in
            state.entries.insert(entry, at: 0)
            return drop(&state)
        }
        // Outside the lock: unmapping takes a while.
        _ = consume dropped
        return lease(entry.key)
    }

    private func lease(_ key: Key) -> Lease { Lease { [weak self] in self?.end(key) } }

    private func end(_ key: Key) {
        let dropped = state.withLock { state in
            if let index = state.entries.firstIndex(where: { $0.key == key }) {
                state.entries[index].users -= 1
            }
            return drop(&state)
        }
        _ = consume dropped
    }

    /// Removes what is beyond the budget and not in use.
    private func drop(_ state: inout State) -> [Entry] {
        var bytes = state.entries.reduce(0) { $0 + ($1.users > 0 ? $1.key.bytes : 0) }
        var dropped: [Entry] = [], kept: [Entry] = []
        for (index, entry) in state.entries.enumerated() {
            if entry.users == 0 { bytes += entry.key.bytes }
            if entry.users > 0 || index == 0 || bytes <= budgetBytes {
                kept.append(entry)
            } else {
                dropped.append(entry)
            }
        }
        state.entries = kept
        return dropped
    }
}
