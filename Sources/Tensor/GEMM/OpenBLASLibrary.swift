import Foundation

/// OpenBLAS, opened at run time: a program without the library runs on the packed kernels.
struct OpenBLASLibrary: Sendable {
    let functions: BLASFunctions
    /// Such as `OpenBLAS 0.3.21 Haswell`: version, and the kernels that it chose.
    let name: String

    /// A library of other functions, for tests.
    init(functions: BLASFunctions, name: String) {
        (self.functions, self.name) = (functions, name)
    }

    /// Opens the library with the kernels for this processor. It computes on the calling thread alone.
    ///
    /// - Parameter file: a name for the dynamic linker, or a path.
    /// - Throws: `GEMMError.unavailable`.
    init(file: String = Self.file, processor: Processor = .current) throws(GEMMError) {
        // Read by the library while it is opened. What the operator has set stays.
        if let core = processor.openBLASCoreType { setenv("OPENBLAS_CORETYPE", core, 0) }
        setenv("OPENBLAS_NUM_THREADS", "1", 1)
        guard let handle = dlopen(file, RTLD_NOW | RTLD_LOCAL) else {
            throw .unavailable(dlerror().map { String(cString: $0) } ?? "dlopen failed")
        }
        func symbol<T>(_ name: String, _ type: T.Type) throws(GEMMError) -> T {
            guard let address = dlsym(handle, name) else { throw .unavailable("\(file) has no \(name)") }
            return unsafeBitCast(address, to: type)
        }
        let sgemm = try symbol("cblas_sgemm", CBLASGemm.self)
        let configuration = try symbol("openblas_get_config", CText.self)
        let core = try symbol("openblas_get_corename", CText.self)
        try symbol("openblas_set_num_threads", (@convention(c) (Int32) -> Void).self)(1)
        // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH …"; integers of 64 bits are another interface.
        let words = String(cString: configuration()).split(separator: " ")
        guard !words.contains("USE64BITINT") else { throw .unavailable("\(file) takes integers of 64 bits") }
        name = (words.prefix(2).map(String.init) + [String(cString: core())]).joined(separator: " ")
        functions = BLASFunctions { g in
            sgemm(
                101, 111, g.transposesB ? 112 : 111, Int32(g.m), Int32(g.n), Int32(g.k), g.alpha, g.a,
                Int32(g.lda), g.b, Int32(g.ldb), g.beta, g.c, Int32(g.ldc))
        }
    }

    private static let file = "libopenblas.so.0"
}

/// `cblas_sgemm` with its enumerations as integers: row-major is 101, no transposition 111, transposition 112.
private typealias CBLASGemm =
    @convention(c) (
        Int32, Int32, Int32, Int32, Int32, Int32, Float, UnsafePointer<Float>, Int32, UnsafePointer<Float>,
        Int32,
        Float, UnsafeMutablePointer<Float>, Int32
    ) -> Void
private typealias CText = @convention(c) () -> UnsafePointer<CChar>

/// Why a back end cannot be used.
package enum GEMMError: Error, Equatable, CustomStringConvertible {
    /// `GSV_GEMM` has a value that is none of its words.
    case unknownMode(String)
    /// The library is not there or not what is expected.
    case unavailable(String)
    /// The library computes wrong: the product, the largest difference from the reference, and what is allowed.
    case wrongResult(library: String, product: String, difference: Float, limit: Float)

    /// What is wrong, and what helps.
    package var description: String {
        switch self {
        case .unknownMode(let text):
            "GSV_GEMM=\(text): it takes \(GEMMMode.allCases.map(\.rawValue).joined(separator: ", "))"
        case .unavailable(let reason):
            "OpenBLAS is not available (\(reason)); install libopenblas0-pthread, or set GSV_GEMM=packed"
        case .wrongResult(let library, let product, let difference, let limit):
            "\(library) computes wrong: \(product) differs by \(difference), allowed \(limit); another "
                + "OPENBLAS_CORETYPE may help, or set GSV_GEMM=packed"
        }
    }
}
