/// The update of a matrix by the product of two of low rank: W = W₀ + B · A, in single precision.
///
/// Equals `peft`'s `Linear.merge` with `lora_alpha = r`, as GPT-SoVITS trains: a scaling of one. The sum is made when the
/// elements are read, so that nothing but what layers pack stays in memory.
final class LowRankUpdate: Sendable {
    /// W₀ `[N, K]`, A `[R, K]` and B `[N, R]`.
    let base: StoredTensor, a: StoredTensor, b: StoredTensor

    init(base: StoredTensor, a: StoredTensor, b: StoredTensor) {
        (self.base, self.a, self.b) = (base, a, b)
    }

    /// Writes W row-major into `target`, which has room for exactly N · K floats.
    func copy(into target: UnsafeMutableBufferPointer<Float>) {
        base.copyFloats(into: target)
        let (N, K, R) = (base.shape[0], base.shape[1], a.shape[0])
        guard let out = target.baseAddress, N * K * R > 0 else { return }
        Self.withFloats(of: a) { a in
            Self.withFloats(of: b) { b in
                withUnsafeTemporaryAllocation(of: Float.self, capacity: K) { delta in
                    for row in 0..<N {
                        Self.product(b + row * R, a, R, K, into: delta.baseAddress.unsafelyUnwrapped)
                        for column in 0..<K { out[row * K + column] += delta[column] }
                    }
                }
            }
        }
    }

    /// delta = Σ b[r] · A[r], in the order of r.
    private static func product(
        _ b: UnsafePointer<Float>, _ a: UnsafePointer<Float>, _ R: Int, _ K: Int,
        into delta: UnsafeMutablePointer<Float>
    ) {
        let wide = K & ~15
        for column in stride(from: 0, to: wide, by: 16) {
            var sum = SIMD16<Float>()
            for r in 0..<R {
                let place = UnsafeRawPointer(a + r * K + column)
                sum += b[r] * place.loadUnaligned(as: SIMD16<Float>.self)
            }
            UnsafeMutableRawPointer(delta + column).storeBytes(of: sum, as: SIMD16<Float>.self)
        }
        for column in wide..<K {
            var sum: Float = 0
            for r in 0..<R { sum += b[r] * a[r * K + column] }
            delta[column] = sum
        }
    }

    /// The elements in single precision.
    private static func withFloats(of tensor: StoredTensor, _ body: (UnsafePointer<Float>) -> Void) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: tensor.elementCount) { buffer in
            tensor.copyFloats(into: buffer)
            if let base = buffer.baseAddress { body(UnsafePointer(base)) }
        }
    }
}
