import TensorKernelTable

// Loads, stores and arithmetic of the kernels. Everything here is inlined: nothing generic may be emitted as a symbol of
// its own, because the variants would then share one weak copy of it.

typealias Float32x8 = SIMD8<Float>
typealias Float32x16 = SIMD16<Float>
typealias UInt32x16 = SIMD16<UInt32>

@inline(__always) func load8(_ p: Floats) -> Float32x8 {
    UnsafeRawPointer(p).loadUnaligned(as: Float32x8.self)
}
@inline(__always) func load16(_ p: Floats) -> Float32x16 {
    UnsafeRawPointer(p).loadUnaligned(as: Float32x16.self)
}
@inline(__always) func load16(_ p: MutableFloats) -> Float32x16 {
    UnsafeRawPointer(p).loadUnaligned(as: Float32x16.self)
}
@inline(__always) func store16(_ p: MutableFloats, _ v: Float32x16) {
    UnsafeMutableRawPointer(p).storeBytes(of: v, as: Float32x16.self)
}
#if GSV_SANITIZE
    // The thread sanitizer turns calls into invokes, which LLVM does not allow for an intrinsic.
    @inline(__always) func prefetch(_ p: UnsafeRawPointer) {}
#else
    /// LLVM's intrinsic, one instruction. The target is always optimized, so that the last three arguments are constants, as
    /// the intrinsic requires.
    @_silgen_name("llvm.prefetch.p0")
    private func llvmPrefetch(_ p: UnsafeRawPointer, _ isWrite: Int32, _ locality: Int32, _ isData: Int32)

    /// Prefetches the cache line at p into the second-level cache. The address may lie outside of every allocation.
    @inline(__always) func prefetch(_ p: UnsafeRawPointer) { llvmPrefetch(p, 0, 2, 1) }
#endif

@inline(__always) func splat(_ x: Float) -> Float32x16 { Float32x16(repeating: x) }

/// Eight halves, widened. Written lane by lane: the compiler makes one conversion instruction of it, where the
/// vector initialiser of the standard library becomes a call to a weak symbol that all variants share.
///
/// The baseline has no such instruction: there the exponent is moved in integer registers and rescaled by
/// 2¹¹², exact for every finite half, subnormals included.
@inline(__always) func load8(_ p: Halves) -> Float32x8 {
    #if GSV_BASELINE
        let h = UnsafeRawPointer(p).loadUnaligned(as: SIMD8<UInt16>.self)
        let bits = SIMD8<UInt32>(
            UInt32(h[0]), UInt32(h[1]), UInt32(h[2]), UInt32(h[3]), UInt32(h[4]), UInt32(h[5]), UInt32(h[6]),
            UInt32(h[7]))
        let magnitude = (bits & SIMD8(repeating: 0x7fff)) &<< SIMD8(repeating: 13)
        let sign = (bits & SIMD8(repeating: 0x8000)) &<< SIMD8(repeating: 16)
        let scaled =
            unsafeBitCast(magnitude, to: Float32x8.self)
            * Float32x8(repeating: Float(bitPattern: 0x7780_0000))
        return unsafeBitCast(unsafeBitCast(scaled, to: SIMD8<UInt32>.self) | sign, to: Float32x8.self)
    #else
        let h = UnsafeRawPointer(p).loadUnaligned(as: SIMD8<Float16>.self)
        return Float32x8(
            Float(h[0]), Float(h[1]), Float(h[2]), Float(h[3]), Float(h[4]), Float(h[5]), Float(h[6]),
            Float(h[7]))
    #endif
}

/// Sixteen halves, widened: one instruction where vectors hold sixteen floats.
@inline(__always) func load16(_ p: Halves) -> Float32x16 {
    #if GSV_AVX512
        let h = UnsafeRawPointer(p).loadUnaligned(as: SIMD16<Float16>.self)
        return Float32x16(
            Float(h[0]), Float(h[1]), Float(h[2]), Float(h[3]), Float(h[4]), Float(h[5]), Float(h[6]),
            Float(h[7]), Float(h[8]), Float(h[9]), Float(h[10]), Float(h[11]), Float(h[12]), Float(h[13]),
            Float(h[14]), Float(h[15]))
    #else
        return Float32x16(lowHalf: load8(p), highHalf: load8(p + 8))
    #endif
}

/// Sixteen signed bytes as floats.
@inline(__always) func load16(_ p: Bytes) -> Float32x16 {
    let b = UnsafeRawPointer(p).loadUnaligned(as: SIMD16<Int8>.self)
    return Float32x16(
        Float(b[0]), Float(b[1]), Float(b[2]), Float(b[3]), Float(b[4]), Float(b[5]), Float(b[6]),
        Float(b[7]),
        Float(b[8]), Float(b[9]), Float(b[10]), Float(b[11]), Float(b[12]), Float(b[13]), Float(b[14]),
        Float(b[15]))
}

@inline(__always) func widenOne(_ h: UInt16) -> Float {
    let bits = UInt32(truncatingIfNeeded: h)
    let scaled = Float(bitPattern: (bits & 0x7fff) &<< 13) * Float(bitPattern: 0x7780_0000)
    return Float(bitPattern: scaled.bitPattern | (bits & 0x8000) &<< 16)
}

/// acc += a · b: one packed FMA where the instruction set has it, a multiplication and an addition where a
/// fused one would be a library call per lane.
@_transparent func fma(_ acc: inout Float32x16, _ a: Float32x16, _ b: Float32x16) {
    #if GSV_BASELINE
        acc += a * b
    #else
        acc.addProduct(a, b)
    #endif
}
@_transparent func fma(_ acc: inout Float32x8, _ a: Float32x8, _ b: Float32x8) {
    #if GSV_BASELINE
        acc += a * b
    #else
        acc.addProduct(a, b)
    #endif
}
/// a · b + c
@_transparent func madd(_ a: Float32x16, _ b: Float32x16, _ c: Float32x16) -> Float32x16 {
    var r = c
    fma(&r, a, b)
    return r
}

@_transparent func sum(_ v: Float32x8) -> Float {
    let a = v.lowHalf + v.highHalf
    let b = a.lowHalf + a.highHalf
    return b.x + b.y
}
@_transparent func sum(_ v: Float32x16) -> Float { sum(v.lowHalf + v.highHalf) }

/// eˣ to about 2 units in the last place, 0 below −87.3 and 2¹²⁸⁻ above 88.3.
///
/// x = n·ln 2 + r with n rounded by the 1.5·2²³ trick (its low bits are n, so shifting them left by 23 makes
/// the exponent field), eʳ by a polynomial of degree 6 on |r| ≤ ln 2 / 2.
@_transparent func exponential(_ input: Float32x16) -> Float32x16 {
    var x = input
    x.replace(with: splat(88.3), where: x .> splat(88.3))
    let tiny = x .< splat(-87.3)
    x.replace(with: splat(-87.3), where: tiny)
    let magic = splat(12_582_912)
    let shifted = madd(x, splat(1.442695041), magic)
    let n = shifted - magic
    var r = madd(n, splat(-0.693359375), x)
    r = madd(n, splat(2.12194440e-4), r)
    var p = splat(1.3888889e-3)
    p = madd(p, r, splat(8.3333333e-3))
    p = madd(p, r, splat(4.1666667e-2))
    p = madd(p, r, splat(1.6666667e-1))
    p = madd(p, r, splat(0.5))
    p = madd(p, r, splat(1))
    p = madd(p, r, splat(1))
    let exponent = unsafeBitCast(shifted, to: UInt32x16.self) &<< UInt32x16(repeating: 23)
    var y = unsafeBitCast(unsafeBitCast(p, to: UInt32x16.self) &+ exponent, to: Float32x16.self)
    y.replace(with: splat(0), where: tiny)
    return y
}

/// 1 / (1 + e⁻ˣ)
@_transparent func sigmoid(_ x: Float32x16) -> Float32x16 { splat(1) / (splat(1) + exponential(-x)) }

@_transparent func magnitude(_ x: Float32x16) -> Float32x16 {
    unsafeBitCast(
        unsafeBitCast(x, to: UInt32x16.self) & UInt32x16(repeating: 0x7fff_ffff), to: Float32x16.self)
}
@_transparent func withSign(of x: Float32x16, _ y: Float32x16) -> Float32x16 {
    let sign = unsafeBitCast(x, to: UInt32x16.self) & UInt32x16(repeating: 0x8000_0000)
    return unsafeBitCast(unsafeBitCast(y, to: UInt32x16.self) | sign, to: Float32x16.self)
}

/// tanh x = sign(x) · (1 − 2 / (e^{2|x|} + 1)); below 0.15 the odd series, where that form loses digits.
@_transparent func hyperbolicTangent(_ x: Float32x16) -> Float32x16 {
    let a = magnitude(x)
    var y = splat(1) - splat(2) / (exponential(a + a) + splat(1))
    let square = a * a
    var p = splat(62.0 / 2835.0)
    p = madd(p, square, splat(-17.0 / 315.0))
    p = madd(p, square, splat(2.0 / 15.0))
    p = madd(p, square, splat(-1.0 / 3.0))
    let series = madd(p * square, a, a)
    y.replace(with: series, where: a .< splat(0.15))
    return withSign(of: x, y)
}
