/// Elementwise comparisons of computed arrays with those of a golden.
///
/// Every array of the golden is either an input (`uses`) or compared (`check`); `close` reports the others.
package struct Comparison {
    /// One compared array.
    package struct Row: Sendable {
        /// Name in the golden.
        package let array: String
        /// The error as the tolerance measures it, the largest error that passes, and the expectation's magnitude.
        package let error: Float, limit: Float, peak: Float
        /// What is wrong apart from the error; empty if nothing is.
        package let note: String

        /// Whether the array is within its limit.
        package var passed: Bool { error <= limit && note.isEmpty }

        /// The finding in words.
        package var summary: String {
            note.isEmpty ? "\(array): off by \(error), allowed is \(limit)" : "\(array): \(note)"
        }
    }

    /// The expectations.
    package let golden: Golden
    /// Whether the golden keeps only some of the arrays: results that it lacks are then skipped, not an error.
    package let isPartial: Bool
    /// Whether arrays of PyTorch's convolutions lie in the golden as PyTorch has them, `[1, C, T]`; otherwise they were
    /// transposed when they were recorded.
    package let storesChannelsFirst: Bool
    /// From the name of a result to the name of its array.
    package var arrayName: (String) -> String
    /// All comparisons so far, in order.
    package private(set) var rows: [Row] = []
    /// Of the bits of all compared results (FNV-1a over 64-bit words): equal where two runs computed the same.
    package private(set) var digest: UInt64 = 0xCBF2_9CE4_8422_2325
    private let prefix: String
    private var covered: Set<String> = []

    /// Compares with the arrays of `golden` whose names begin with `prefix`; a result `x` with the array `prefix + x`.
    package init(
        _ golden: Golden, _ prefix: String = "", isPartial: Bool = false, storesChannelsFirst: Bool = false
    ) {
        self.golden = golden
        self.isPartial = isPartial
        self.storesChannelsFirst = storesChannelsFirst
        self.prefix = prefix
        arrayName = { prefix + $0 }
    }

    /// What is out of its limit, in the order of the comparisons.
    package var failures: [String] { rows.filter { !$0.passed }.map(\.summary) }

    /// Whether the golden has the array of this result.
    package func has(_ name: String) -> Bool { golden.has(arrayName(name)) }

    /// Marks arrays, by their own names, as inputs.
    package mutating func uses(_ arrays: String...) { covered.formUnion(arrays) }

    /// Marks all arrays whose names begin with `prefix` as inputs.
    package mutating func uses(prefix: String) {
        covered.formUnion(golden.names.filter { $0.hasPrefix(prefix) })
    }

    /// Records a failure that is not a difference of values.
    package mutating func fail(_ array: String, _ note: String) {
        rows.append(Row(array: array, error: .infinity, limit: 0, peak: 0, note: note))
    }

    private mutating func add(_ word: UInt64) { digest = (digest ^ word) &* 0x100_0000_01B3 }

    /// The array to compare a result with, marked as covered; nil if a partial golden lacks it.
    private mutating func expected<Element>(
        _ name: String, _ found: [Element]?, _ read: (String) throws -> [Element]
    ) throws -> (array: String, values: [Element])? {
        let array = arrayName(name)
        if isPartial, !golden.has(array) { return nil }
        let values = try read(array)
        covered.insert(array)
        guard let found else {
            fail(array, "nothing was computed")
            return nil
        }
        guard found.count == values.count else {
            fail(array, "\(found.count) values, expected \(values.count)")
            return nil
        }
        return (array, values)
    }

    /// Compares floating-point numbers.
    package mutating func check(_ name: String, _ found: [Float]?, _ tolerance: Tolerance) throws {
        guard let (array, values) = try expected(name, found, golden.floats), let found else { return }
        for value in found { add(UInt64(value.bitPattern)) }
        let (error, magnitude) = tolerance.measure(zip(found, values).map { $0 - $1 }, of: values)
        rows.append(
            Row(array: array, error: error, limit: tolerance.limit(magnitude), peak: magnitude, note: ""))
    }

    /// Compares integers.
    package mutating func check(_ name: String, _ found: [Int]?, _ tolerance: Tolerance = Tolerances.tokens)
        throws
    {
        guard let (array, values) = try expected(name, found, golden.integers), let found else { return }
        for value in found { add(UInt64(bitPattern: Int64(value))) }
        let (error, magnitude) = tolerance.measure(
            zip(found, values).map { Float($0 - $1) }, of: values.map(Float.init))
        let limit = tolerance.limit(magnitude)
        let first = zip(found, values).enumerated().first { Float(abs($1.0 - $1.1)) > limit }
        let isWithin = error <= limit
        rows.append(
            Row(
                array: array, error: error, limit: limit, peak: magnitude,
                note: isWithin
                    ? "" : first.map { "\($0.element.0) at \($0.offset), expected \($0.element.1)" } ?? ""))
    }

    /// Compares a number of frames, samples or tokens with a mask: the number of its entries equal to `value`, which
    /// must be all of them.
    package mutating func check(_ name: String, count found: Int?, of value: Float) throws {
        let array = arrayName(name)
        if isPartial, !golden.has(array) { return }
        let mask = try golden.numbers(array)
        covered.insert(array)
        let expected = mask.count { $0 == value }
        let isUniform = expected == mask.count
        rows.append(
            Row(
                array: array, error: found.map { Float(abs($0 - expected)) } ?? .infinity, limit: 0,
                peak: Float(expected),
                note: isUniform && found == expected
                    ? "" : "\(found ?? 0) entries, expected \(expected) of \(mask.count)"))
    }

    /// Fails the arrays that were neither compared nor used, and a comparison of nothing.
    package mutating func close() {
        if rows.isEmpty { fail(prefix, "nothing was compared") }
        for name in golden.names where name.hasPrefix(prefix) && !covered.contains(name) {
            fail(name, "was not compared")
        }
    }
}
