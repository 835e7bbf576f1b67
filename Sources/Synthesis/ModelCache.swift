import Foundation
import Models
import Synchronization

/// Weights by file: loaded once, shared by all who name them. What nobody works with is dropped, the least recently used
/// first, when all together exceed the memory budget.
///
/// Weights in work are never dropped, even beyond the budget: whoever holds them would keep them in memory anyway, and the
/// next one who asks would load them a second time.
final class ModelCache: Sendable {
    /// Held by whoever works with weights; its end lets the cache drop them.
    final class Lease: Sendable {
        private let end: @Sendable () -> Void
        fileprivate init(end: @escaping @Sendable () -> Void) { self.end = end }
        deinit { end() }
    }
    private enum Loaded: Sendable {
        case textToSemantic(Text2Semantic)
        case soVITS(SoVITS, generation: Int)
        case huBERT(HuBERT)
    }
    /// A file as it was when it was read; one that has changed since is another.
    private struct Key: Hashable {
        let kind: String, path: String
        let bytes: Int
        let modified: Date
    }
    private struct Entry {
        let key: Key
        let loaded: Loaded
        var users = 0
    }
    private struct State {
        /// The most recently used first.
        var entries: [Entry] = []
        var generations = 0
    }
    private let state = Mutex(State())
    /// One load at a time: two of the same file would take twice the memory.
    private let loading = NSLock()
    private let budgetBytes: Int

    /// - Parameter budgetBytes: size of the files that are kept, all together. The one used last stays in any case.
    init(budgetBytes: Int) { self.budgetBytes = budgetBytes }

    /// Text-to-semantic weights.
    func textToSemantic(_ path: String) throws -> (model: Text2Semantic, lease: Lease) {
        let (loaded, lease) = try find("t2s", path) { .textToSemantic(try VoiceLoader.textToSemantic(path)) }
        guard case .textToSemantic(let model) = loaded else { preconditionFailure("ModelCache: t2s key") }
        return (model, lease)
    }

    /// SoVITS weights and a number that no others have.
    func soVITS(_ path: String) throws -> (model: SoVITS, generation: Int, lease: Lease) {
        let (loaded, lease) = try find("sovits", path) { [self] in
            .soVITS(try VoiceLoader.soVITS(path), generation: newGeneration())
        }
        guard case .soVITS(let model, let generation) = loaded else {
            preconditionFailure("ModelCache: sovits key")
        }
        return (model, generation, lease)
    }

    /// A HuBERT folder.
    func huBERT(_ path: String) throws -> (model: HuBERT, lease: Lease) {
        let (loaded, lease) = try find("hubert", path) { .huBERT(try VoiceLoader.huBERT(path)) }
        guard case .huBERT(let model) = loaded else { preconditionFailure("ModelCache: hubert key") }
        return (model, lease)
    }

    /// Takes in weights that were loaded elsewhere, so that whoever names their files gets them.
    func adopt(_ models: ModelSet) -> (textToSemantic: Lease, soVITS: Lease) {
        (
            store(Self.key("t2s", models.textToSemanticPath), .textToSemantic(models.textToSemantic)),
            store(
                Self.key("sovits", models.soVITSPath), .soVITS(models.soVITS, generation: models.generation))
        )
    }

    /// Paths of what is loaded, for tests and for people.
    var paths: [String] { state.withLock { $0.entries.map(\.key.path) } }

    /// How many files are loaded, and their bytes.
    var size: (count: Int, bytes: Int) {
        state.withLock { ($0.entries.count, $0.entries.reduce(0) { $0 + $1.key.bytes }) }
    }

    private func newGeneration() -> Int {
        state.withLock { state in
            state.generations += 1
            return state.generations
        }
    }

    private func find(_ kind: String, _ path: String, load: () throws -> Loaded) throws -> (Loaded, Lease) {
        let key = Self.key(kind, path)
        if let known = touch(key) { return known }
        return try loading.withLock {
            // Somebody may have loaded it in the meantime.
            if let known = touch(key) { return known }
            let loaded = try load()
            return (loaded, store(key, loaded))
        }
    }

    private static func key(_ kind: String, _ path: String) -> Key {
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

    private func touch(_ key: Key) -> (Loaded, Lease)? {
        state.withLock { state in
            guard let index = state.entries.firstIndex(where: { $0.key == key }) else { return nil }
            var entry = state.entries.remove(at: index)
            entry.users += 1
            state.entries.insert(entry, at: 0)
            return (entry.loaded, lease(key))
        }
    }

    private func store(_ key: Key, _ loaded: Loaded) -> Lease {
        let dropped = state.withLock { state in
            state.entries.insert(Entry(key: key, loaded: loaded, users: 1), at: 0)
            return drop(&state)
        }
        // Outside the lock: unmapping takes a while.
        _ = consume dropped
        return lease(key)
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

    /// Takes out what is beyond the budget and not in work.
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
