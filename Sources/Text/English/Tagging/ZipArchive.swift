/// Reads the members of a zip archive that lies in memory: stored or deflated, no encryption, no ZIP64.
package struct ZipArchive {
    private let bytes: [UInt8]
    private var members: [String: Member] = [:]

    private struct Member {
        let method: Int
        let packed: Int
        let size: Int
        let offset: Int
    }

    /// Largest member that is unpacked.
    private static let maximumSize = 256 << 20

    /// Reads the directory; nil if the bytes are no zip archive.
    package init?(_ bytes: [UInt8]) {
        self.bytes = bytes
        let endLength = 22
        guard bytes.count >= endLength else { return nil }
        var end = bytes.count - endLength
        let earliest = max(0, end - 0xFFFF)
        while end >= earliest, word(end, 4) != 0x0605_4B50 { end -= 1 }
        guard end >= earliest else { return nil }
        var position = word(end + 16, 4)
        for _ in 0..<word(end + 10, 2) {
            guard word(position, 4) == 0x0201_4B50 else { return nil }
            let nameLength = word(position + 28, 2)
            let nameStart = position + 46
            guard nameStart + nameLength <= bytes.count else { return nil }
            let name = String(decoding: bytes[nameStart..<nameStart + nameLength], as: UTF8.self)
            members[name] = Member(
                method: word(position + 10, 2), packed: word(position + 20, 4), size: word(position + 24, 4),
                offset: word(position + 42, 4))
            position = nameStart + nameLength + word(position + 30, 2) + word(position + 32, 2)
        }
    }

    /// Names of the members, sorted.
    package var names: [String] { members.keys.sorted() }

    /// The unpacked content of a member; nil if it is missing, damaged or packed in another way.
    package func content(_ name: String) -> [UInt8]? {
        guard let member = members[name], word(member.offset, 4) == 0x0403_4B50,
            member.size <= Self.maximumSize
        else { return nil }
        let start = member.offset + 30 + word(member.offset + 26, 2) + word(member.offset + 28, 2)
        guard start <= bytes.count, member.packed <= bytes.count - start else { return nil }
        let packed = bytes[start..<start + member.packed]
        switch member.method {
        case 0: return member.packed == member.size ? Array(packed) : nil
        case 8: return Inflate.unpack(packed, size: member.size)
        default: return nil
        }
    }

    /// A little-endian number; -1 outside.
    private func word(_ offset: Int, _ count: Int) -> Int {
        guard offset >= 0, offset + count <= bytes.count else { return -1 }
        return (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
}
