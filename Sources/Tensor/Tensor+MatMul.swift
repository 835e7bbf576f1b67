import COpenBLAS

/// OpenBLAS runs on the calling thread only: the pool above it owns the processors.
private let singleThreadedBLAS: Void = openblas_set_num_threads(1)

extension Tensor {
    /// a · b, or a · bᵀ: the products of two activations (PyTorch: `torch.matmul`).
    public func matmul(_ other: Tensor, transposed: Bool = false, scale: Float = 1) -> Tensor {
        let (M, K) = dims2("matmul")
        let (p, q) = other.dims2("matmul")
        let N = transposed ? p : q
        precondition(K == (transposed ? q : p), "matmul: \(shape) and \(other.shape)")
        let result = Tensor(repeating: 0, [M, N])
        Tensor.sgemm(
            M, N, K, pointer, K, other.pointer, q, transposed: transposed, scale: scale,
            result.storage.pointer, N)
        return result
    }

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
