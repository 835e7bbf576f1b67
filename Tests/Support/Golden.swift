import Checkpoint

/// The recorded arrays of one safetensors file, by name.
package struct Golden: Sendable {
    private let tensors: [String: StoredTensor]

    /// Reads the file at `path`.
    package init(path: String) throws { tensors = try Checkpoint.open(path).tensors }

    /// Reads `Tests/Fixtures/models/<name>.safetensors`.
    package init(models name: String) throws {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
        try self.init(path: parts.joined(separator: "/") + "/Fixtures/models/\(name).safetensors")
    }

    /// All names, sorted.
    package var names: [String] { tensors.keys.sorted() }

    /// Whether there is an array of this name.
    package func has(_ name: String) -> Bool { tensors[name] != nil }

    private func stored(_ name: String) throws -> StoredTensor {
        guard let tensor = tensors[name] else { throw MissingArray(name: name, names: names) }
        return tensor
    }

    /// Sizes of the axes.
    package func shape(_ name: String) throws -> [Int] { try stored(name).shape }

    /// Floating-point numbers, row-major.
    package func floats(_ name: String) throws -> [Float] { try stored(name).floats() }

    /// Integers, row-major.
    package func integers(_ name: String) throws -> [Int] { try stored(name).integers().map { Int($0) } }

    /// The elements of an array of either kind.
    package func numbers(_ name: String) throws -> [Float] {
        do { return try floats(name) } catch is CheckpointError {
            return try integers(name).map { Float($0) }
        }
    }

    /// The only element of an array of integers.
    package func integer(_ name: String) throws -> Int {
        let values = try integers(name)
        guard values.count == 1 else { throw NotOneElement(name: name, count: values.count) }
        return values[0]
    }

    /// An array that a comparison reads and that the file lacks.
    struct MissingArray: Error { let name: String, names: [String] }

    /// An array of several elements, or none, where one is expected.
    struct NotOneElement: Error { let name: String, count: Int }
}
