import Files

/// Converts pickled values to `ConfigValue`s, within bounds: references are copied here, so that a small pickle could
/// otherwise become an endless tree.
struct ConfigConverter {
    /// Levels of nesting that are accepted. Upstream's configurations have four.
    static let maximumDepth = 64
    /// Most values, and most bytes of text, in all.
    static let maximumValues = 100_000
    static let maximumTextBytes = 4 << 20

    let heap: PickleHeap
    private var values = 0
    private var textBytes = 0

    init(heap: PickleHeap) {
        self.heap = heap
    }

    /// Converts a value and everything in it.
    mutating func convert(_ value: PickleValue) throws(CheckpointError) -> ConfigValue {
        try convert(value, depth: 0)
    }

    /// Converts named values into a `dict`.
    mutating func convert(_ pairs: [PicklePair]) throws(CheckpointError) -> ConfigValue {
        try dictionary(pairs, depth: 0)
    }

    private mutating func convert(_ value: PickleValue, depth: Int) throws(CheckpointError) -> ConfigValue {
        try count(depth: depth)
        switch value {
        case .none: return .null
        case .bool(let value): return .bool(value)
        case .int(let value): return .int(value)
        case .double(let value): return .double(value)
        case .wideInteger(let place): throw limit("bytes of an integer", place.count, 8)
        case .object(let index):
            switch heap.objects[index] {
            case .string(let text): return .string(try count(text))
            case .bytes(let bytes): return .string("<\(bytes.count) bytes>")
            case .list(let items), .tuple(let items), .set(let items):
                var list: [ConfigValue] = []
                for item in items { list.append(try convert(item, depth: depth + 1)) }
                return .list(list)
            case .dictionary(let pairs): return try dictionary(pairs, depth: depth)
            case .record(let record): return try dictionary(record.attributes, depth: depth)
            case .global(.name(let name)): return .string(name)
            case .tensor(let tensor): return .string("<tensor \(tensor.shape)>")
            case .global, .storage, .vacant: return .string("<object>")
            }
        }
    }

    /// As in Python, a name's later value replaces the earlier one.
    private mutating func dictionary(_ pairs: [PicklePair], depth: Int) throws(CheckpointError) -> ConfigValue
    {
        var entries: [ConfigValue.Entry] = []
        var places: [String: Int] = [:]
        for pair in pairs {
            let key = try name(try convert(pair.key, depth: depth + 1))
            let entry = ConfigValue.Entry(key, try convert(pair.value, depth: depth + 1))
            if let place = places[key] {
                entries[place] = entry
            } else {
                places[key] = entries.count
                entries.append(entry)
            }
        }
        return .dict(entries)
    }

    private mutating func name(_ key: ConfigValue) throws(CheckpointError) -> String {
        if case .string(let text) = key { text } else { try count(key.json()) }
    }

    private mutating func count(depth: Int) throws(CheckpointError) {
        guard depth <= Self.maximumDepth else {
            throw limit("levels of the configuration", depth, Self.maximumDepth)
        }
        values += 1
        guard values <= Self.maximumValues else {
            throw limit("values of the configuration", values, Self.maximumValues)
        }
    }

    private mutating func count(_ text: String) throws(CheckpointError) -> String {
        textBytes += text.utf8.count
        guard textBytes <= Self.maximumTextBytes else {
            throw limit("bytes of text in the configuration", textBytes, Self.maximumTextBytes)
        }
        return text
    }

    private func limit(_ what: String, _ found: Int, _ limit: Int) -> CheckpointError {
        .limitExceeded(path: heap.path, what: what, found: found, limit: limit)
    }
}
