/// The layout of a lexicon pack, shared by the compiler that writes it and the front end that maps it.
///
/// ```
/// 0   magic "gsvpack\n"          8 bytes
/// 8   format version             u32      raised whenever any section's layout or content rules change
/// 12  number of sections         u32
/// 16  length of the whole file   u64
/// 24  hash of the section table  u64
/// 32  32 bytes of zero
/// 64  section table              48 bytes each: name (24, padded with NUL), offset u64, length u64, hash u64
/// …   sections, each aligned to 64 bytes
/// ```
/// All numbers are little-endian. A language adds sections named `<language>.<what>`; nothing else changes.
package enum PackFormat {
    package static let magic: [UInt8] = Array("gsvpack\n".utf8)
    package static let version: UInt32 = 1
    package static let headerBytes = 64
    package static let entryBytes = 48
    package static let nameBytes = 24
    package static let alignment = 64
    /// More sections than any set of languages needs; a larger count in a header is damage.
    package static let maximumSections = 1024
    /// "No value" in every packed table of 32-bit words.
    package static let none = UInt32.max
    /// Name of the pack inside a data folder.
    package static let fileName = "lexicon.gsvpack"
}

/// A 64-bit hash that finds damage at memory speed (four independent multiply chains, one per 8 bytes).
///
/// It is no defence against forgery. Every step is a bijection of the lane in the word and of the word in the
/// lane, so any single altered word changes the result.
package struct PackHash {
    private var lanes: (UInt64, UInt64, UInt64, UInt64) = (
        0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0x27D4_EB2F_1656_67C5
    )
    private var length: UInt64 = 0
    private static let factor: UInt64 = 0xFF51_AFD7_ED55_8CCD

    package init() {}

    /// Adds bytes. All calls but the last must bring a multiple of 32 bytes.
    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        length &+= UInt64(bytes.count)
        let whole = bytes.count / 32 * 32
        var offset = 0
        while offset < whole {
            mix(
                bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: offset + 16, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: offset + 24, as: UInt64.self))
            offset += 32
        }
        guard whole < bytes.count else { return }
        var words: [UInt64] = [0, 0, 0, 0]
        for index in whole..<bytes.count {
            words[(index - whole) / 8] |= UInt64(bytes[index]) << UInt64((index - whole) % 8 * 8)
        }
        mix(words[0], words[1], words[2], words[3])
    }

    private mutating func mix(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64) {
        lanes.0 = Self.step(lanes.0, UInt64(littleEndian: a))
        lanes.1 = Self.step(lanes.1, UInt64(littleEndian: b))
        lanes.2 = Self.step(lanes.2, UInt64(littleEndian: c))
        lanes.3 = Self.step(lanes.3, UInt64(littleEndian: d))
    }

    @inline(__always)
    private static func step(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        let product = (lane ^ word) &* factor
        return product ^ (product >> 29)
    }

    /// The hash of all bytes added so far.
    package var value: UInt64 {
        var result = Self.step(lanes.0, length)
        result = Self.step(result, lanes.1)
        result = Self.step(result, lanes.2)
        return Self.step(result, lanes.3)
    }

    /// The hash of one buffer.
    package static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = PackHash()
        hash.add(bytes)
        return hash.value
    }
}
