import Foundation
import Synchronization
package import TensorKernelTable
import TensorKernelsBaseline

#if arch(x86_64)
    import TensorKernelsAVX2
    import TensorKernelsAVX512
#endif

/// Chooses the kernels once, at start: the best variant this processor can run, or the one that the
/// environment variable `GSV_ISA` names (`baseline`, `avx2`, `avx512`; `neon` on aarch64).
package enum Kernels {
    /// The table in use.
    package static let table: KernelTable = choose(
        wanted: ProcessInfo.processInfo.environment["GSV_ISA"], features: Processor.current.features)

    /// Every variant this processor can run, best first.
    package static func available() -> [KernelTable] { runnable(Processor.current.features) }

    private static func runnable(_ features: Set<String>) -> [KernelTable] {
        var tables: [KernelTable] = []
        #if arch(x86_64)
            if features.isSuperset(of: ["avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd"]) {
                tables.append(TensorKernelsAVX512.makeKernelTable())
            }
            if features.isSuperset(of: ["avx2", "fma", "f16c"]) {
                tables.append(TensorKernelsAVX2.makeKernelTable())
            }
        #endif
        tables.append(TensorKernelsBaseline.makeKernelTable())
        return tables
    }

    private static func choose(wanted: String?, features: Set<String>) -> KernelTable {
        let tables = runnable(features)
        guard let wanted, !wanted.isEmpty else { return tables[0] }
        if let table = tables.first(where: { $0.name == wanted }) { return table }
        let names = tables.map(\.name).joined(separator: ", ")
        FileHandle.standardError.write(
            Data("GSV_ISA=\(wanted) cannot run on this processor; using \(tables[0].name) of \(names)\n".utf8)
        )
        return tables[0]
    }
}

extension Kernels {
    /// Totals of what the kernels were given since the process began.
    package static let counters = Counters()

    /// Counts what the operations pass to kernels, from all threads. The counts depend on the shapes alone, not on the
    /// processor or on its caches: a test takes the difference around an operation.
    package final class Counters: Sendable {
        private let weights = Atomic<Int>(0)

        /// Bytes of matrices' weights (with scales) that were passed to GEMM kernels, once per block of rows.
        package var weightBytes: Int { weights.load(ordering: .relaxed) }

        func addWeightBytes(_ count: Int) { weights.add(count, ordering: .relaxed) }
    }
}
