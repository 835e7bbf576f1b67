import COpenBLAS

/// OpenBLAS runs on the calling thread only: the pool above it owns the processors.
private let singleThreadedBLAS: Void = openblas_set_num_threads(1)

extension Tensor {
    /// out[M, N] = scale · a[M, K] · b (b is `[K, N]`, or `[N, K]` when transposed), on this thread.
    static func sgemm(
        _ M: Int, _ N: Int, _ K: Int, _ a: UnsafePointer<Float>, _ aStride: Int, _ b: UnsafePointer<Float>,
        _ bStride: Int, transposed: Bool, scale: Float, _ out: UnsafeMutablePointer<Float>, _ outStride: Int
    ) {
        _ = singleThreadedBLAS
        guard M > 0, N > 0, K > 0 else { return }
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, transposed ? CblasTrans : CblasNoTrans, blasint(M), blasint(N),
            blasint(K),
            scale, a, blasint(aStride), b, blasint(bStride), 0, out, blasint(outStride))
    }
}
