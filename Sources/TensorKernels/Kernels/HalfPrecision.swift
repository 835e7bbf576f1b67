import TensorKernelTable

// Conversions between half and single precision.

func convertF16ToF32(_ x: Halves, _ y: MutableFloats, _ count: Int) {
    var i = 0
    while i + 16 <= count {
        store16(y + i, load16(x + i))
        i += 16
    }
    while i < count {
        y[i] = widenOne(x[i])
        i += 1
    }
}

/// Rounded to nearest, ties to even, in integer registers: scaled by 2⁻¹¹² a float has the half's exponent (and its
/// subnormals), and the thirteen bits too many are rounded off.
func convertF32ToF16(_ x: Floats, _ y: MutableHalves, _ count: Int) {
    var i = 0
    while i + 16 <= count {
        let v = load16(x + i)
        var a = magnitude(v)
        a.replace(with: splat(65504), where: a .> splat(65504))
        let bits = unsafeBitCast(a * splat(Float(bitPattern: 0x0780_0000)), to: UInt32x16.self)
        let odd = (bits &>> UInt32x16(repeating: 13)) & UInt32x16(repeating: 1)
        let half = (bits &+ UInt32x16(repeating: 0xfff) &+ odd) &>> UInt32x16(repeating: 13)
        let sign =
            (unsafeBitCast(v, to: UInt32x16.self) &>> UInt32x16(repeating: 16)) & UInt32x16(repeating: 0x8000)
        let h = (half & UInt32x16(repeating: 0x7fff)) | sign
        let packed = SIMD16<UInt16>(
            low(h[0]), low(h[1]), low(h[2]), low(h[3]), low(h[4]), low(h[5]), low(h[6]), low(h[7]), low(h[8]),
            low(h[9]), low(h[10]), low(h[11]), low(h[12]), low(h[13]), low(h[14]), low(h[15]))
        UnsafeMutableRawPointer(y + i).storeBytes(of: packed, as: SIMD16<UInt16>.self)
        i += 16
    }
    while i < count {
        let bits = x[i].bitPattern
        let value = Float(bitPattern: bits & 0x7fff_ffff)
        let scaled = ((value > 65504 ? 65504 : value) * Float(bitPattern: 0x0780_0000)).bitPattern
        let half = (scaled &+ 0xfff &+ ((scaled &>> 13) & 1)) &>> 13
        y[i] = low((half & 0x7fff) | ((bits &>> 16) & 0x8000))
        i += 1
    }
}

@inline(__always) private func low(_ x: UInt32) -> UInt16 { UInt16(truncatingIfNeeded: x) }
