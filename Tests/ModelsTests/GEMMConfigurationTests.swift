import Foundation
import Testing

@testable import Models
@testable import Tensor

@Suite struct GEMMConfigurationTests {
    private static func missing() throws(GEMMError) -> CheckedLibrary { throw .unavailable("none") }

    /// A library by plain loops, slower than every kernel.
    private static func slow(_ name: String = "slow") -> () throws(GEMMError) -> CheckedLibrary {
        let functions = BLASFunctions { g in
            for row in 0..<g.m {
                for column in 0..<g.n {
                    var sum: Float = 0
                    for k in 0..<g.k {
                        let b = g.transposesB ? g.b[column * g.ldb + k] : g.b[k * g.ldb + column]
                        sum += g.a[row * g.lda + k] * b
                    }
                    let old = g.beta == 0 ? 0 : g.beta * g.c[row * g.ldc + column]
                    g.c[row * g.ldc + column] = g.alpha * sum + old
                }
            }
        }
        return { () throws(GEMMError) in
            CheckedLibrary(name: name, backend: OpenBLASGEMM(functions: functions, rowsAreIndependent: true))
        }
    }

    private static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "gemm-\(UInt64.random(in: 0 ... .max))"
        ).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test func pinnedChoicesNeedNoFile() throws {
        #expect(
            try GEMMConfiguration.choose(.packed, folder: nil, library: Self.missing).choice.summary
                == "packed")
        #expect(
            try GEMMConfiguration.choose(.openBLAS, folder: nil, library: Self.slow()).choice.summary
                == "slow")
        #expect(throws: GEMMError.unavailable("none")) {
            _ = try GEMMConfiguration.choose(.openBLAS, folder: nil, library: Self.missing)
        }
    }

    @Test func automaticWithoutLibraryOrFolderIsPacked() throws {
        try Self.withFolder { folder in
            let (choice, note) = try GEMMConfiguration.choose(
                .automatic, folder: folder, library: Self.missing)
            #expect(choice.summary == "packed")
            #expect(note == nil)
            #expect(!FileManager.default.fileExists(atPath: folder + "/gsv-gemm.json"))
        }
        #expect(
            try GEMMConfiguration.choose(.automatic, folder: nil, library: Self.slow()).choice.summary
                == "packed")
    }

    @Test func whatCannotBeKeptIsNotMeasured() throws {
        let (choice, _) = try GEMMConfiguration.choose(.automatic, folder: "/none/such") {
            () throws(GEMMError) in
            Issue.record("the library was opened")
            throw .unavailable("")
        }
        #expect(choice.summary == "packed")
    }

    /// A measurement is kept; the next start opens no library where all is packed.
    @Test func measurementsAreKept() throws {
        try Self.withFolder { folder in
            let first = try GEMMConfiguration.choose(.automatic, folder: folder, library: Self.slow())
            #expect(first.choice.summary == "packed")
            let record = GEMMRecord(folder: folder)
            #expect(
                record.entry(machine: GEMM.machine) == GEMMRecord.Entry(library: "slow", classes: []))
            _ = try GEMMConfiguration.choose(.automatic, folder: folder) { () throws(GEMMError) in
                Issue.record("the library was opened")
                throw .unavailable("")
            }
        }
    }

    /// What is kept counts, whatever a measurement would find now, until the library is another one.
    @Test func keptChoicesCount() throws {
        try Self.withFolder { folder in
            let record = GEMMRecord(folder: folder)
            let entry = GEMMRecord.Entry(library: "slow", classes: [.half512, .attention])
            #expect(record.keep(entry, machine: "another"))
            #expect(record.keep(entry, machine: GEMM.machine))
            let kept = try GEMMConfiguration.choose(.automatic, folder: folder, library: Self.slow())
            #expect(kept.choice.summary == "slow for f16-512, attention")
            let absent = try GEMMConfiguration.choose(.automatic, folder: folder, library: Self.missing)
            #expect(absent.choice.summary == "packed")
            #expect(absent.note?.contains("none") == true)
            let other = try GEMMConfiguration.choose(
                .automatic, folder: folder, library: Self.slow("newer"))
            #expect(other.choice.summary == "packed")
            #expect(record.entry(machine: GEMM.machine)?.library == "newer")
            #expect(record.entry(machine: "another") == entry)
        }
    }

    @Test(arguments: [
        "", "{", "[]", "{\"M\": 1}", "{\"M\": {\"library\": 3, \"openblas\": []}}",
        "{\"M\": {\"library\": \"slow\", \"openblas\": [\"f16-7\"]}}",
        "{\"M\": {\"library\": \"slow\", \"openblas\": [1]}}",
    ])
    func unreadableRecordsCountAsNone(_ text: String) throws {
        try Self.withFolder { folder in
            try text.write(toFile: folder + "/gsv-gemm.json", atomically: true, encoding: .utf8)
            let record = GEMMRecord(folder: folder)
            #expect(record.entry(machine: "M") == nil)
            let entry = GEMMRecord.Entry(library: "slow", classes: [.single128])
            #expect(record.keep(entry, machine: "M"))
            #expect(record.entry(machine: "M") == entry)
        }
    }
}
