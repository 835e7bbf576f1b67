import Files

extension Checkpoint {
    /// The suffixes of a matrix's update in a file that `peft` wrote.
    private static let (suffixA, suffixB) = (".lora_A.default.weight", ".lora_B.default.weight")
    /// What `peft` puts before and into the names of the part that it wraps.
    private static let (wrapper, unwrapped) = ("cfm.base_model.model.", "cfm.")
    /// The largest rank; trainers offer 16 to 128.
    private static let maximumRank = 4096

    /// The checkpoint that results from applying this LoRA file to the model that it was trained on: the base's tensors,
    /// those that the file holds in their place, and matrices with their updates added in single precision. Its
    /// configuration, metadata and path are this file's.
    ///
    /// Upstream: `init_vits_weights` with `if_lora_v3`, `peft`'s `merge_and_unload`. Rank and names are those of the tensors.
    ///
    /// - Throws: `wrongKind` when `base` is no model, `malformed` when a matrix's parts are not all there, `missingTensor`
    ///   for a matrix that the base lacks, `wrongShape`.
    package func merged(onto base: Checkpoint) throws(CheckpointError) -> Checkpoint {
        try base.require(.soVITS)
        var result = base.tensors
        for (name, tensor) in tensors where !Self.isUpdate(name) {
            // Upstream ignores names that the base does not have, such as buffers of another release.
            guard let known = base.tensors[Self.plainName(name)] else { continue }
            guard known.shape == tensor.shape else {
                throw CheckpointError.wrongShape(
                    path: path, key: name, expected: known.shape, found: tensor.shape)
            }
            result[known.name] = tensor.renamed(known.name)
        }
        var updates = 0
        for (name, a) in tensors where name.hasSuffix(Self.suffixA) {
            let matrix = String(Self.plainName(name).dropLast(Self.suffixA.count)) + ".weight"
            let other = String(name.dropLast(Self.suffixA.count)) + Self.suffixB
            guard let b = tensors[other] else { throw incomplete(name, without: other) }
            result[matrix] = try updated(result[matrix], named: matrix, a: a, b: b, base)
            updates += 1
        }
        for name in tensors.keys where name.hasSuffix(Self.suffixB) {
            let other = String(name.dropLast(Self.suffixB.count)) + Self.suffixA
            guard tensors[other] != nil else { throw incomplete(name, without: other) }
        }
        guard updates > 0 else {
            throw CheckpointError.malformed(
                path: path, part: "LoRA", reason: "it holds no matrices lora_A and lora_B")
        }
        return Checkpoint(merging: self, onto: base, tensors: result)
    }

    /// Names without what `peft` adds: `cfm.base_model.model.x.base_layer.weight` is `cfm.x.weight`.
    private static func plainName(_ name: String) -> String {
        guard name.hasPrefix(wrapper) else { return name }
        let parts = name.dropFirst(wrapper.count).split(separator: ".", omittingEmptySubsequences: false)
        return unwrapped + parts.filter { $0 != "base_layer" }.joined(separator: ".")
    }

    private static func isUpdate(_ name: String) -> Bool {
        name.hasSuffix(suffixA) || name.hasSuffix(suffixB)
    }

    private func updated(
        _ matrix: StoredTensor?, named name: String, a: StoredTensor, b: StoredTensor, _ base: Checkpoint
    ) throws(CheckpointError) -> StoredTensor {
        let expected = [b.shape.first ?? 0, a.shape.last ?? 0]
        guard let matrix else {
            throw CheckpointError.missingTensor(path: base.path, key: name, expected: expected)
        }
        guard matrix.shape.count == 2, matrix.elementType.isFloat else {
            throw CheckpointError.wrongShape(
                path: base.path, key: name, expected: expected, found: matrix.shape)
        }
        let rank = a.shape.first ?? 0
        guard (1...Self.maximumRank).contains(rank) else {
            throw CheckpointError.limitExceeded(
                path: path, what: "rank of \"\(a.name)\"", found: rank, limit: Self.maximumRank)
        }
        for (tensor, shape) in [(a, [rank, matrix.shape[1]]), (b, [matrix.shape[0], rank])] {
            guard tensor.shape == shape else {
                throw CheckpointError.wrongShape(
                    path: path, key: tensor.name, expected: shape, found: tensor.shape)
            }
            guard tensor.elementType.isFloat else {
                throw CheckpointError.wrongElementType(
                    path: path, key: tensor.name, expected: "floating point numbers",
                    found: tensor.elementType)
            }
        }
        return matrix.adding(LowRankUpdate(base: matrix, a: a, b: b))
    }

    private func incomplete(_ name: String, without other: String) -> CheckpointError {
        .malformed(path: path, part: "LoRA", reason: "\"\(name)\" is there and \"\(other)\" is not")
    }
}
