import Checkpoint

/// Recorded arrays, by name.
public struct Golden: Sendable {
    private let tensors: [String: StoredTensor]

    /// Reads `Tests/Fixtures/models/<name>.safetensors`.
    public init(models name: String) throws {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
        let folder = parts.joined(separator: "/") + "/Fixtures/models/"
        tensors = try Checkpoint.open(folder + name + ".safetensors").tensors
    }

    /// All names, in order.
    public var names: [String] { tensors.keys.sorted() }

    private func stored(_ name: String) throws -> StoredTensor {
        guard let tensor = tensors[name] else { throw MissingArray(name: name, names: names) }
        return tensor
    }

    /// Floating point numbers, row-major.
    public func floats(_ name: String) throws -> [Float] { try stored(name).floats() }

    /// Whole numbers, row-major.
    public func integers(_ name: String) throws -> [Int] { try stored(name).integers().map { Int($0) } }

    /// An array that a test asks for and nobody recorded.
    struct MissingArray: Error { let name: String, names: [String] }
}

/// Comparisons with recorded arrays; `failures` says in words what is out of its limit, first things first.
public struct Comparison {
    private let golden: Golden
    private let prefix: String
    private var compared: Set<String> = []
    /// What is wrong so far.
    public private(set) var failures: [String] = []

    /// Compares with the arrays of `golden` whose names begin with `prefix`.
    public init(_ golden: Golden, _ prefix: String = "") {
        self.golden = golden
        self.prefix = prefix
    }

    /// Compares numbers with the array `prefix + name`.
    public mutating func check(_ name: String, _ found: [Float]?, _ tolerance: Tolerance) throws {
        let expected = try golden.floats(prefix + name)
        compared.insert(prefix + name)
        guard let found, found.count == expected.count else {
            failures.append("\(prefix)\(name): \(found?.count ?? 0) values, expected \(expected.count)")
            return
        }
        let (error, peak) = largestError(found, expected)
        let limit = tolerance.limit(peak: peak)
        if !(error <= limit) { failures.append("\(prefix)\(name): off by \(error), allowed is \(limit)") }
    }

    /// Compares whole numbers with the array `prefix + name`.
    public mutating func check(_ name: String, _ found: [Int]?, _ tolerance: Tolerance = Tolerances.tokens)
        throws
    {
        let expected = try golden.integers(prefix + name)
        compared.insert(prefix + name)
        guard let found, found.count == expected.count else {
            failures.append("\(prefix)\(name): \(found?.count ?? 0) values, expected \(expected.count)")
            return
        }
        let limit = Int(tolerance.limit(peak: 0))
        if let place = found.indices.first(where: { abs(found[$0] - expected[$0]) > limit }) {
            failures.append("\(prefix)\(name): \(found[place]) at \(place), expected \(expected[place])")
        }
    }

    /// Complains about recorded arrays that were not compared.
    public mutating func close() {
        for name in golden.names where name.hasPrefix(prefix) && !compared.contains(name) {
            failures.append("\(name): was not compared")
        }
    }
}
