import Foundation
import Models
import Synchronization

/// Weights by file: loaded once, shared by all who name them, and dropped when the memory budget is used up and others
/// were used more recently. Utterances keep what they began with.
final class ModelCache: Sendable {
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
    private struct State {
        /// The most recently used first.
        var entries: [(key: Key, loaded: Loaded)] = []
        var generations = 0
    }
    private let state = Mutex(State())
    /// One load at a time: two of the same file would take twice the memory.
    private let loading = NSLock()
    private let budgetBytes: Int

    /// - Parameter budgetBytes: size of the files that are kept, all together. The one just loaded stays in any case.
    init(budgetBytes: Int) { self.budgetBytes = budgetBytes }

    /// A number for a set of SoVITS weights that no other has.
    func newGeneration() -> Int {
        state.withLock { state in
            state.generations += 1
            return state.generations
        }
    }

    /// Text-to-semantic weights.
    func textToSemantic(_ path: String) throws -> Text2Semantic {
        let loaded = try find("t2s", path) { .textToSemantic(try VoiceLoader.textToSemantic(path)) }
        guard case .textToSemantic(let model) = loaded else { preconditionFailure("ModelCache: t2s key") }
        return model
    }

    /// SoVITS weights and their generation.
    func soVITS(_ path: String) throws -> (SoVITS, generation: Int) {
        let loaded = try find("sovits", path) { [self] in
            .soVITS(try VoiceLoader.soVITS(path), generation: newGeneration())
        }
        guard case .soVITS(let model, let generation) = loaded else {
            preconditionFailure("ModelCache: sovits key")
        }
        return (model, generation)
    }

    /// A HuBERT folder.
    func huBERT(_ path: String) throws -> HuBERT {
        let loaded = try find("hubert", path) { .huBERT(try VoiceLoader.huBERT(path)) }
        guard case .huBERT(let model) = loaded else { preconditionFailure("ModelCache: hubert key") }
        return model
    }

    private func find(_ kind: String, _ path: String, load: () throws -> Loaded) throws -> Loaded {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        let key = Key(
            kind: kind, path: path, bytes: Self.size(path, attributes),
            modified: attributes?[.modificationDate] as? Date ?? .distantPast)
        if let known = touch(key) { return known }
        return try loading.withLock {
            // Somebody may have loaded it in the meantime.
            if let known = touch(key) { return known }
            let loaded = try load()
            store(key, loaded)
            return loaded
        }
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

    private func touch(_ key: Key) -> Loaded? {
        state.withLock { state in
            guard let index = state.entries.firstIndex(where: { $0.key == key }) else { return nil }
            let entry = state.entries.remove(at: index)
            state.entries.insert(entry, at: 0)
            return entry.loaded
        }
    }

    private func store(_ key: Key, _ loaded: Loaded) {
        state.withLock { state in
            state.entries.insert((key, loaded), at: 0)
            var bytes = 0
            state.entries = state.entries.enumerated().filter { index, entry in
                bytes += entry.key.bytes
                return index == 0 || bytes <= budgetBytes
            }.map(\.element)
        }
    }

    /// Paths of what is loaded, for tests and for people.
    var paths: [String] { state.withLock { $0.entries.map(\.key.path) } }
}
