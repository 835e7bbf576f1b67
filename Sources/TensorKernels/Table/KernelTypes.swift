/// Read-only single-precision values.
package typealias Floats = UnsafePointer<Float>
/// A writable buffer of single-precision values.
package typealias MutableFloats = UnsafeMutablePointer<Float>
/// IEEE 754 binary16 values by their bits (`Float16` has no arithmetic on some platforms).
package typealias Halves = UnsafePointer<UInt16>
/// A writable buffer of binary16 values.
package typealias MutableHalves = UnsafeMutablePointer<UInt16>
/// Signed 8-bit weights.
package typealias Bytes = UnsafePointer<Int8>

/// A kernel: a pure function of its arguments.
package typealias Kernel<Arguments> = @Sendable (Arguments) -> Void
/// y[i] = f(a[i], b[i]) for `count` elements.
package typealias BinaryKernel =
    @Sendable (
        _ a: Floats, _ b: Floats, _ y: MutableFloats, _ count: Int
    ) -> Void

/// What an epilogue applies to a finished sum after the bias is added.
package enum Activation: Equatable, Sendable {
    /// y = x
    case identity
    /// y = max(x, 0)
    case relu
    /// y = x · Φ(x), the exact (erf) form of GELU
    case gelu
    /// y = x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))) / 2, the approximate form of GELU
    case geluTanh
    /// y = tanh x
    case tanh
    /// y = x > 0 ? x : slope · x
    case leakyReLU(slope: Float)
}

/// What a convolution applies to its input while it reads it.
///
/// Only what is cheap enough to be recomputed for every tile belongs here; other activations (Snake, GELU) are
/// elementwise operations of their own.
package enum InputActivation: Equatable, Sendable {
    /// y = x
    case identity
    /// y = x > 0 ? x : slope · x
    case leakyReLU(slope: Float)

    /// The factor of negative values.
    package var slope: Float {
        switch self {
        case .identity: 1
        case .leakyReLU(let slope): slope
        }
    }
}
