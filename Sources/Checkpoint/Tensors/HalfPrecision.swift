/// Conversions between IEEE binary16 bit patterns and 32-bit floats in integer arithmetic.
///
/// Written out because the language's conversion is a library call per element on processors that the baseline
/// build targets; these loops vectorise.
enum HalfPrecision {
    /// The exact value of a binary16 pattern. NaNs keep their payload and become quiet, as in hardware.
    @inline(__always)
    static func widen(_ half: UInt16) -> Float {
        let sign = UInt32(half & 0x8000) << 16
        let magnitude = UInt32(half & 0x7FFF) << 13
        // The exponent is 112 too small for binary32; a product corrects it, subnormals included.
        let scaled = Float(bitPattern: magnitude) * Float(bitPattern: 0x7780_0000)
        let special: UInt32 = magnitude >= 0x0F80_0000 ? 0x7F80_0000 : 0
        let quiet: UInt32 = magnitude > 0x0F80_0000 ? 0x0040_0000 : 0
        return Float(bitPattern: scaled.bitPattern | special | quiet | sign)
    }

    /// The nearest binary16 pattern, ties to even. Too large values become infinite, NaN stays NaN.
    @inline(__always)
    static func narrow(_ value: Float) -> UInt16 {
        let sign = UInt16(truncatingIfNeeded: value.bitPattern >> 16) & 0x8000
        let magnitude = value.bitPattern & 0x7FFF_FFFF
        if magnitude >= 0x4780_0000 {  // 65,536 and more, infinity, NaN
            guard magnitude > 0x7F80_0000 else { return sign | 0x7C00 }
            return sign | 0x7E00 | UInt16(truncatingIfNeeded: magnitude >> 13) & 0x3FF
        }
        if magnitude < 0x3880_0000 {  // below 2^-14: adding 0.5 shifts the bits into place and rounds
            let shifted = Float(bitPattern: magnitude) + 0.5
            return sign | UInt16(truncatingIfNeeded: shifted.bitPattern &- 0x3F00_0000)
        }
        let odd = magnitude >> 13 & 1
        return sign | UInt16(truncatingIfNeeded: (magnitude &+ 0xC800_0FFF &+ odd) >> 13)
    }
}
