import Foundation
import Synchronization

/// Which back end computes which products: once for the process, before its first operation.
package enum GEMM {
    private static let configured = Mutex<GEMMChoice?>(nil)

    /// Another choice for the operations that a task calls: tests and measurements.
    @TaskLocal static var override: GEMMChoice?

    /// Sets the choice. Operations that run meanwhile may use either.
    package static func configure(_ choice: GEMMChoice) { configured.withLock { $0 = choice } }

    /// The choice in use. Where none was configured it is what `GSV_GEMM` names, and the packed kernels with `auto`.
    package static var choice: GEMMChoice {
        if let override { return override }
        return configured.withLock { configured in
            if let configured { return configured }
            let choice = fromEnvironment
            configured = choice
            return choice
        }
    }

    static func backend(for kind: GEMMClass?) -> any GEMMBackend {
        guard let kind else { return PackedGEMM() }
        return choice.backend(for: kind)
    }

    /// As with `GSV_ISA`, what cannot be done is reported and the packed kernels are used. Programs configure the process
    /// first and stop there.
    private static var fromEnvironment: GEMMChoice {
        do {
            return try GEMMMode.environment() == .openBLAS ? .openBLAS() : .packed
        } catch {
            FileHandle.standardError.write(Data("\(error); using the packed kernels\n".utf8))
            return .packed
        }
    }
}

/// The words of `GSV_GEMM`.
package enum GEMMMode: String, CaseIterable, Sendable {
    /// The packed kernels for everything.
    case packed
    /// OpenBLAS for every class of products; an error where the library is absent or computes wrong.
    case openBLAS = "openblas"
    /// For each class what was measured to be faster.
    case automatic = "auto"

    /// - Throws: `GEMMError.unknownMode`. No value, or an empty one, is `auto`.
    package init(_ text: String?) throws(GEMMError) {
        guard let text, !text.isEmpty else {
            self = .automatic
            return
        }
        guard let mode = GEMMMode(rawValue: text) else { throw .unknownMode(text) }
        self = mode
    }

    /// What the process's environment says.
    package static func environment() throws(GEMMError) -> GEMMMode {
        try GEMMMode(ProcessInfo.processInfo.environment["GSV_GEMM"])
    }
}

/// A back end for each class of products.
package struct GEMMChoice: Sendable {
    /// Such as `OpenBLAS 0.3.21 Haswell`; nil where the library is not used.
    package let library: String?
    /// The classes that the library computes.
    package let classes: Set<GEMMClass>
    private let openBLAS: OpenBLASGEMM?

    /// The packed kernels for everything.
    package static let packed = GEMMChoice()

    private init() { (library, classes, openBLAS) = (nil, [], nil) }

    /// A library that passed the self-test, for some classes.
    package init(_ checked: CheckedLibrary, _ classes: Set<GEMMClass>) {
        self.classes = classes
        library = classes.isEmpty ? nil : checked.name
        openBLAS = classes.isEmpty ? nil : checked.backend
    }

    /// OpenBLAS for everything that it computes.
    ///
    /// - Throws: `unavailable`, `wrongResult`.
    package static func openBLAS() throws(GEMMError) -> GEMMChoice {
        GEMMChoice(try CheckedLibrary.openBLAS(), Set(GEMMClass.allCases))
    }

    func backend(for kind: GEMMClass) -> any GEMMBackend {
        if let openBLAS, classes.contains(kind) { return openBLAS }
        return PackedGEMM()
    }

    /// `packed`, or the library and, unless it computes all of them, its classes.
    package var summary: String {
        guard let library else { return "packed" }
        if classes.count == GEMMClass.allCases.count { return library }
        return library + " for "
            + GEMMClass.allCases.filter(classes.contains).map(\.rawValue).joined(separator: ", ")
    }
}
