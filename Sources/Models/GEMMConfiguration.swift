import Files
import Foundation
import StrictJSON
package import Tensor

/// Which back end computes dense products, by `GSV_GEMM` and what was measured: a measurement is kept beside converted
/// weights, so that every start with these files on this kind of machine computes the same bytes.
package enum GEMMConfiguration {
    /// Configures the process.
    ///
    /// - Parameter folder: of converted weights; nil where there are none, and then `auto` is the packed kernels.
    /// - Returns: what the operator should know, if anything.
    /// - Throws: `GEMMError`, for a word that `GSV_GEMM` does not take, and where it demands a library that cannot be used.
    package static func configure(folder: String?) throws(GEMMError) -> String? {
        let (choice, note) = try choose(try GEMMMode.environment(), folder: folder) {
            () throws(GEMMError) in
            try CheckedLibrary.openBLAS()
        }
        GEMM.configure(choice)
        return note
    }

    /// Measures for `auto`, where that has not been done for this kind of machine: after a conversion. Where the library is
    /// absent or the folder cannot be written, nothing happens.
    package static func prepare(folder: String) {
        guard (try? GEMMMode.environment()) == .automatic else { return }
        _ = try? choose(.automatic, folder: folder) { () throws(GEMMError) in try CheckedLibrary.openBLAS() }
    }

    /// - Parameter library: opened only where it is needed.
    static func choose(
        _ mode: GEMMMode, folder: String?, library: () throws(GEMMError) -> CheckedLibrary
    ) throws(GEMMError) -> (choice: GEMMChoice, note: String?) {
        switch mode {
        case .packed: return (.packed, nil)
        case .openBLAS:
            let library = try library()
            let note =
                library.rowsAreIndependent
                ? nil : "\(library.name): a row's rounding depends on its place among the rows of a product"
            return (GEMMChoice(library, Set(GEMMClass.allCases)), note)
        case .automatic:
            guard let folder else { return (.packed, nil) }
            let record = GEMMRecord(folder: folder)
            let kept = record.entry(machine: GEMM.machine)
            if let kept, kept.classes.isEmpty { return (.packed, nil) }
            // What cannot be kept might be found otherwise at the next start.
            guard kept != nil || FileManager.default.isWritableFile(atPath: folder) else {
                return (.packed, nil)
            }
            do {
                let library = try library()
                if let kept, kept.library == library.name { return (GEMMChoice(library, kept.classes), nil) }
                let measurements = GEMMMeasurement.all(library)
                let classes = GEMMMeasurement.preferred(measurements, library)
                let isKept = record.keep(
                    GEMMRecord.Entry(library: library.name, classes: classes), machine: GEMM.machine)
                guard isKept else { return (.packed, nil) }
                let choice = GEMMChoice(library, classes)
                return (choice, classes.isEmpty ? nil : "measured: \(choice.summary); kept in \(record.path)")
            } catch .unavailable where kept == nil {
                return (.packed, nil)
            } catch {
                return (.packed, "\(error)")
            }
        }
    }
}

/// The file of measured choices, by kind of machine:
/// `{"AMD EPYC 23/49, avx2": {"library": "OpenBLAS 0.3.21 Haswell", "openblas": ["f16-512"]}}`.
struct GEMMRecord {
    static let fileName = "gsv-gemm.json"
    private static let limitBytes = 1 << 16
    let path: String

    /// One machine's choice: the library that was measured, and the classes that it computes.
    struct Entry: Equatable {
        let library: String, classes: Set<GEMMClass>
    }

    init(folder: String) { path = (folder.isEmpty ? "." : folder) + "/" + Self.fileName }

    /// What is kept for a machine. A file that cannot be read, and names that are unknown, count as nothing.
    func entry(machine: String) -> Entry? {
        guard let value = members[machine], let library = value["library"]?.string,
            let names = value["openblas"]?.items
        else { return nil }
        let classes = names.compactMap { $0.string.flatMap(GEMMClass.init(rawValue:)) }
        guard classes.count == names.count else { return nil }
        return Entry(library: library, classes: Set(classes))
    }

    /// Adds an entry, or replaces that of its machine; returns whether the file holds it now.
    func keep(_ entry: Entry, machine: String) -> Bool {
        var members = members
        members[machine] = [
            "library": .string(entry.library),
            "openblas": .array(
                GEMMClass.allCases.filter(entry.classes.contains).map { .string($0.rawValue) }),
        ]
        let sorted = members.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, $0.value) }
        let text = JSONWriter.text(of: .object(sorted), indent: 2) + "\n"
        return (try? AtomicFile.write(Array(text.utf8), to: path)) != nil
    }

    private var members: [String: JSONValue] {
        guard let bytes = try? RegularFile.read(path, limitBytes: Self.limitBytes) else { return [:] }
        return (try? JSONReader.read(bytes))?.members ?? [:]
    }
}
