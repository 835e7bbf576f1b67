import Foundation
import TestSupport

/// The table of all stages, and the verdict.
struct Report {
    private var passed = 0, failed = 0
    private var firstFailure: String?
    private var digest: UInt64 = 0

    mutating func add(_ stage: String, _ comparison: Comparison, seconds: Double, verbose: Bool) {
        let rows = comparison.rows
        digest = digest &* 31 &+ comparison.digest
        let bad = rows.filter { !$0.passed }
        passed += rows.count - bad.count
        failed += bad.count
        let worst = rows.max { Self.relative($0) < Self.relative($1) }
        let name = stage.padding(toLength: 28, withPad: " ", startingAt: 0)
        let summary =
            worst.map {
                String(
                    format: "worst %@: error %.3g of %.3g allowed (peak %.3g)", $0.array, $0.error, $0.limit,
                    $0.peak)
            } ?? "nothing compared"
        let counts = String(format: "%3d ok %3d bad  %6.2f s  ", rows.count - bad.count, bad.count, seconds)
        Self.write("\(name) \(counts) \(summary)")
        for row in verbose ? rows : Array(bad.prefix(12)) {
            Self.write(
                String(
                    format: "    %@ %@: error %.4g, limit %.4g, peak %.4g %@", row.passed ? "ok " : "BAD",
                    row.array, row.error, row.limit, row.peak, row.note))
        }
        if firstFailure == nil, let row = bad.first { firstFailure = "\(stage) \(row.summary)" }
    }

    private static func relative(_ row: Comparison.Row) -> Float {
        row.limit > 0 ? row.error / row.limit : row.error > 0 ? .infinity : 0
    }

    /// Prints the verdict; true when something was compared and nothing failed.
    func finish() -> Bool {
        if let firstFailure { Self.write("first array out of its limit: \(firstFailure)") }
        Self.write("digest of all results: \(String(digest, radix: 16))")
        Self.write("\(passed) passed, \(failed) failed")
        return failed == 0 && passed > 0
    }

    /// Prints at once, also into a pipe: the run takes minutes on full-size models.
    private static func write(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
}
