import Testing

@testable import Checkpoint

/// The integer conversions against the language's own.
struct HalfPrecisionTests {
    @Test func everyPatternWidensExactly() {
        var wrong = 0
        for pattern in UInt16.min ... .max {
            let expected = Float(Float16(bitPattern: pattern))
            let found = HalfPrecision.widen(pattern)
            if expected.isNaN ? !found.isNaN || found.isSignalingNaN : found.bitPattern != expected.bitPattern
            {
                wrong += 1
            }
        }
        #expect(wrong == 0)
        // Sign and payload stay; the quiet bit is set, as the F16C instructions do.
        #expect(HalfPrecision.widen(0xFC01).bitPattern == 0xFFC0_2000)
    }

    @Test func everyPatternSurvivesTheRoundTrip() {
        var wrong = 0
        for pattern in UInt16.min ... .max where !Float16(bitPattern: pattern).isNaN {
            if HalfPrecision.narrow(HalfPrecision.widen(pattern)) != pattern { wrong += 1 }
        }
        #expect(wrong == 0)
        #expect(Float16(bitPattern: HalfPrecision.narrow(.nan)).isNaN)
        #expect(Float16(bitPattern: HalfPrecision.narrow(Float(bitPattern: 0x7F80_0001))).isNaN)
    }

    @Test func narrowingRoundsToNearestEven() {
        var wrong = 0
        func check(_ value: Float) {
            if HalfPrecision.narrow(value) != Float16(value).bitPattern { wrong += 1 }
        }
        // Around every binary16 value and every midpoint between two.
        for pattern in UInt16(0)..<0x7C00 {
            let value = Float(Float16(bitPattern: pattern))
            let next = pattern == 0x7BFF ? 65_536 : Float(Float16(bitPattern: pattern + 1))
            let middle = (value + next) / 2
            for near in [value, value.nextUp, middle.nextDown, middle, middle.nextUp] {
                check(near)
                check(-near)
            }
        }
        // And patterns spread over all of binary32.
        for step in UInt32(0)..<1 << 20 {
            let value = Float(bitPattern: step &* 4093)
            if !value.isNaN { check(value) }
        }
        #expect(wrong == 0)
    }
}
