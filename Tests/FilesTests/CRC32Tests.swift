import Testing

@testable import Files

/// The checksum of zip members.
struct CRC32Tests {
    private func checksum(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { CRC32.of($0) } }

    /// Bit by bit, as the standard defines it.
    private func reference(_ bytes: [UInt8]) -> UInt32 {
        var remainder = UInt32.max
        for byte in bytes {
            remainder ^= UInt32(byte)
            for _ in 0..<8 { remainder = remainder & 1 == 1 ? remainder >> 1 ^ 0xEDB8_8320 : remainder >> 1 }
        }
        return ~remainder
    }

    @Test func theStandardsCheckValue() {
        #expect(checksum(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(checksum([]) == 0)
    }

    @Test func allLengthsAndPositions() {
        let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ $0 >> 2) }
        for start in 0..<9 {
            for end in start...bytes.count {
                let part = Array(bytes[start..<end])
                #expect(
                    bytes.withUnsafeBytes { CRC32.of(.init(rebasing: $0[start..<end])) } == reference(part))
            }
        }
    }
}
