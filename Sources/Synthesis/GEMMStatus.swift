import Tensor

/// Which back ends compute the products of this process, for operators: servers that give the same bytes for the same
/// request have the same choice.
package enum GEMMStatus {
    /// `packed`, or the library and the classes that it computes.
    package static var summary: String { GEMM.choice.summary }

    /// The back end of every class of products, by their names.
    package static var backends: [(productClass: String, backend: String)] {
        let choice = GEMM.choice
        return GEMMClass.allCases.map {
            ($0.rawValue, choice.classes.contains($0) ? choice.library ?? "packed" : "packed")
        }
    }
}
