/// C = alpha · A · B + beta · C in row-major single precision: `cblas_sgemm` without transposed A.
struct SGEMMArguments {
    /// Rows of A and C, columns of C, columns of A.
    var m: Int, n: Int, k: Int
    var alpha: Float = 1
    /// A `[m, k]`, and the distance of its rows in elements.
    var a: UnsafePointer<Float>, lda: Int
    /// B `[k, n]`, or `[n, k]` where it is transposed.
    var b: UnsafePointer<Float>, ldb: Int
    var transposesB = false
    /// C is overwritten where beta is 0.
    var beta: Float = 0
    var c: UnsafeMutablePointer<Float>, ldc: Int
}

/// The functions that are used of a BLAS library. Any number of threads may call them at once.
struct BLASFunctions: Sendable {
    let sgemm: @Sendable (SGEMMArguments) -> Void
}
