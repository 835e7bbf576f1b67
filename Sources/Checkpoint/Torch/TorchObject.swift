import Files

/// The contents of a torch file: the object as data, and the ranges of the storages in the file.
struct TorchObject {
    let file: MappedFile
    let heap: PickleHeap
    let root: PickleValue
    let storages: [String: Range<Int>]
    /// Of the storages; nil in formats that have none.
    var checksums: MemberChecksums?

    /// Names that the tensors may have in a dictionary at the root, in order of preference.
    private static let stateNames = ["weight", "state_dict", "model", "generator"]

    /// Splits the object into the state dict's tensors, the configuration and the rest.
    ///
    /// The root is either the state dict itself, or a dictionary with the state dict as one of its values.
    func parts() throws(CheckpointError) -> (
        tensors: [String: StoredTensor], config: ConfigValue, rest: ConfigValue
    ) {
        guard let pairs = heap.pairs(root) else { throw malformed("it holds no dictionary") }
        if pairs.contains(where: { isTensor($0.value) }) {
            return (try tensors(pairs), .null, .dict([]))
        }
        let names = pairs.map { heap.string($0.key) }
        guard
            let state = Self.stateNames.first(where: { names.contains($0) }),
            let index = names.lastIndex(of: state), let inside = heap.pairs(pairs[index].value)
        else {
            throw malformed(
                "it holds no tensors, neither directly nor as \(Self.stateNames.joined(separator: ", "))")
        }

        var converter = ConfigConverter(heap: heap)
        var config = ConfigValue.null
        var rest: [PicklePair] = []
        for (name, pair) in zip(names, pairs) where name != state {
            if name == "config" { config = try converter.convert(pair.value) } else { rest.append(pair) }
        }
        // Optimiser states and other tensors beside the weights are no metadata.
        rest.removeAll { isTensor($0.value) || heap.string($0.key)?.hasPrefix("optimizer") == true }
        return (try tensors(inside), config, try converter.convert(rest))
    }

    private func isTensor(_ value: PickleValue) -> Bool {
        if case .tensor? = heap[value] { true } else { false }
    }

    private func tensors(_ pairs: [PicklePair]) throws(CheckpointError) -> [String: StoredTensor] {
        var result: [String: StoredTensor] = [:]
        result.reserveCapacity(pairs.count)
        for pair in pairs {
            guard let name = heap.string(pair.key) else { throw malformed("a tensor without a name") }
            guard case .tensor(let tensor)? = heap[pair.value] else {
                throw malformed("\"\(name)\" in the state dict is no tensor")
            }
            guard result.updateValue(try locate(tensor, name), forKey: name) == nil else {
                throw malformed("tensor \"\(name)\" comes twice")
            }
        }
        return result
    }

    private func locate(_ tensor: PickleTensor, _ name: String) throws(CheckpointError) -> StoredTensor {
        guard case .storage(let storage) = heap.objects[tensor.storage], let place = storages[storage.key]
        else {
            throw malformed("the storage of tensor \"\(name)\" is missing")
        }
        let width = storage.elementType.byteWidth
        guard storage.elementCount <= place.count / width else {
            throw malformed(
                "the storage of tensor \"\(name)\" has \(place.count) bytes, \(storage.elementCount) elements of "
                    + "\(width) bytes were announced")
        }
        let start = place.lowerBound + storage.view.lowerBound * width
        var located = try StoredTensor(
            name: name, elementType: storage.elementType, shape: tensor.shape, strides: tensor.strides,
            offset: tensor.offset, storage: start..<start + storage.view.count * width, file: file)
        located.checksums = checksums
        return located
    }

    private func malformed(_ reason: String) -> CheckpointError {
        .malformed(path: file.path, part: "object", reason: reason)
    }
}
