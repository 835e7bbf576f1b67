import Foundation
import Tensor
import TestSupport

/// Comparisons of one stage. Every array of the golden is either given to the code under test or compared with
/// what it made; one that is neither fails.
final class Stage {
    let name: String
    let golden: Golden
    private var covered: Set<String> = []
    private(set) var rows: [Row] = []

    struct Row {
        let array: String
        let error: Float, limit: Float, peak: Float
        let note: String
        var passed: Bool { error <= limit && note.isEmpty }
    }

    init(_ name: String, _ golden: Golden) {
        self.name = name
        self.golden = golden
    }

    /// Marks arrays as inputs.
    func uses(_ names: String...) { covered.formUnion(names) }
    func usesPrefix(_ prefix: String) {
        covered.formUnion(golden.tensors.keys.filter { $0.hasPrefix(prefix) })
    }

    /// Compares floats; `found` is in the golden's layout.
    func compare(_ array: String, _ found: [Float]?, _ tolerance: Tolerance) throws {
        guard golden.has(array) else { return }
        covered.insert(array)
        guard let found else { return add(array, .infinity, 0, 0, "nothing was produced") }
        let expected = try golden.floats(array)
        guard expected.count == found.count else {
            return add(array, .infinity, 0, 0, "\(found.count) values, expected \(expected.count)")
        }
        let (error, peak) = largestError(found, expected)
        add(array, error, tolerance.limit(peak: peak), peak, "")
    }

    /// Compares a tap stored channels first.
    func compareTransposed(_ array: String, _ found: Tensor?, _ tolerance: Tolerance) throws {
        try compare(array, found?.transposed().values, tolerance)
    }

    func compareInts(_ array: String, _ found: [Int]?, _ tolerance: Tolerance = Tolerances.tokens) throws {
        guard golden.has(array) else { return }
        covered.insert(array)
        guard let found else { return add(array, .infinity, 0, 0, "nothing was produced") }
        let expected = try golden.ints(array)
        guard expected.count == found.count else {
            let same = zip(expected, found).prefix { $0 == $1 }.count
            return add(
                array, .infinity, 0, 0,
                "\(found.count) values, expected \(expected.count); equal up to \(same)")
        }
        let errors = zip(found, expected).map { abs($0 - $1) }
        let worst = errors.max() ?? 0
        let first = errors.firstIndex { Float($0) > tolerance.limit(peak: 0) }
        add(
            array, Float(worst), tolerance.limit(peak: 0), Float(expected.map(abs).max() ?? 0),
            first.map { "first at \($0)" } ?? "")
    }

    private func add(_ array: String, _ error: Float, _ limit: Float, _ peak: Float, _ note: String) {
        rows.append(Row(array: array, error: error, limit: limit, peak: peak, note: note))
    }

    func fail(_ array: String, _ note: String) { add(array, .infinity, 0, 0, note) }

    /// Fails the arrays that nobody looked at.
    func close() {
        for array in golden.tensors.keys.sorted() where !covered.contains(array) {
            fail(array, "not covered by the tool")
        }
    }
}

/// The table and the verdict.
struct Report {
    private var passed = 0, failed = 0
    private var firstFailure: String?

    mutating func add(_ stage: Stage, seconds: Double, verbose: Bool) {
        let bad = stage.rows.filter { !$0.passed }
        passed += stage.rows.count - bad.count
        failed += bad.count
        let worst = stage.rows.max { Self.relative($0) < Self.relative($1) }
        let name = stage.name.padding(toLength: 28, withPad: " ", startingAt: 0)
        let summary =
            worst.map {
                String(
                    format: "worst %@: error %.3g of %.3g allowed (peak %.3g)", $0.array, $0.error, $0.limit,
                    $0.peak)
            } ?? "nothing compared"
        let counts = String(
            format: "%3d ok %3d bad  %6.2f s  ", stage.rows.count - bad.count, bad.count, seconds)
        say("\(name) \(counts) \(summary)")
        for row in verbose ? stage.rows : Array(bad.prefix(12)) {
            say(
                String(
                    format: "    %@ %@: error %.4g, limit %.4g, peak %.4g %@", row.passed ? "ok " : "BAD",
                    row.array,
                    row.error, row.limit, row.peak, row.note))
        }
        if firstFailure == nil, let row = bad.first { firstFailure = "\(stage.name) \(row.array)" }
    }

    private static func relative(_ row: Stage.Row) -> Float {
        row.limit > 0 ? row.error / row.limit : row.error > 0 ? .infinity : 0
    }

    /// Prints the verdict; true when nothing failed.
    func finish() -> Bool {
        if let firstFailure { say("first tap out of its limit: \(firstFailure)") }
        say("\(passed) passed, \(failed) failed")
        return failed == 0 && passed > 0
    }
}

/// Prints at once, also into a pipe: the run takes minutes on full-size models.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
