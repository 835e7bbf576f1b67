import Text

/// A buffer of little-endian numbers for the small files below.
private struct Bytes {
    var all: [UInt8] = []

    mutating func add<Number: FixedWidthInteger>(_ numbers: Number...) { numbers.forEach { add($0) } }
    mutating func add<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { all += $0 }
    }
    mutating func add(_ text: String) { all += text.utf8 }
    mutating func align(_ step: Int = 8) {
        while all.count % step != 0 { all.append(0) }
    }
}

/// A converted nltk tagger with one feature and one word.
enum SmallTagger {
    static let pack: [UInt8] = {
        var bytes = Bytes()
        bytes.add(2, 6 as UInt32)
        bytes.add("DT\u{0}NN\u{0}")
        bytes.align()
        bytes.add(1, 4 as UInt32)
        bytes.add("the\u{0}")
        bytes.align()
        bytes.all.append(0)
        bytes.align()
        bytes.add(2, 1, 4, 1 as UInt32)
        // "bias" hashes to one slot or the other; probing continues from a slot in use.
        bytes.add(0, UInt32.max)
        bytes.add(0, 4 as UInt32)
        bytes.add(0, 1 as UInt32)
        bytes.align()
        bytes.add(1.0.bitPattern)
        bytes.all.append(1)
        bytes.add("bias")
        return SmallPack.make([("en.nltk", bytes.all)])
    }()
}

/// A lexicon pack with one table of each kind, and a BudouX model of one feature.
enum SmallPack {
    private static let strings: [UInt8] = {
        var bytes = Bytes()
        bytes.add(2, 6 as UInt32)
        bytes.add("NN\u{0}VB\u{0}")
        bytes.align()
        return bytes.all
    }()

    /// The word "record" and its two phonemes.
    private static let byteTree: [UInt8] = {
        var bytes = Bytes()
        bytes.add(7, 1 as UInt32)
        bytes.add("\u{0}record")
        bytes.all += [1, 1, 1, 1, 1, 1, 0, 0x40]
        bytes.align()
        bytes.add(1, 0 as UInt32)
        bytes.add(2, 0 as UInt32)
        bytes.all += [1, 0x82]
        bytes.align()
        return bytes.all
    }()

    /// The word 中 with a value, and the map of the root.
    private static let tree: [UInt8] = {
        var bytes = Bytes()
        bytes.add(2 as UInt32)
        bytes.add(1, 2, 2 as UInt32)
        bytes.add(0, 0x4E2D as UInt32)
        bytes.add(UInt32.max, 7)
        bytes.add(1 as UInt32)
        for page in 0..<0x1100 { bytes.add(page == 0x4E ? 0 : UInt16.max) }
        for point in 0..<256 { bytes.add(point == 0x2D ? 1 : UInt32.max) }
        bytes.align()
        return bytes.all
    }()

    /// One feature: a boundary before は.
    static let phrases: [UInt8] = {
        var bytes = Bytes()
        bytes.add(4 as UInt32)
        bytes.add(20 as Int32)
        let key = PhraseFeature.unigram4.key([0x306F])
        let slot = PhraseFeature.slot(of: key, among: 4)
        for index in 0..<4 { bytes.add(index == slot ? key : 0) }
        for index in 0..<4 { bytes.add(index == slot ? 20 : 0 as Int16) }
        return bytes.all
    }()

    /// The pack.
    static func make() -> [UInt8] {
        make([("strings", strings), ("bytes", byteTree), ("tree", tree), ("phrases", phrases)])
    }

    /// A pack of given sections.
    static func make(_ sections: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        var table = Bytes()
        var content = Bytes()
        let start = PackFormat.headerBytes + sections.count * PackFormat.entryBytes
        for (name, bytes) in sections {
            while (start + content.all.count) % PackFormat.alignment != 0 { content.all.append(0) }
            let entry = table.all.count
            table.add(name)
            while table.all.count < entry + PackFormat.nameBytes { table.all.append(0) }
            table.add(UInt64(start + content.all.count), UInt64(bytes.count), 0)
            content.all += bytes
        }
        var pack = Bytes(all: PackFormat.magic)
        pack.add(PackFormat.version, UInt32(sections.count))
        pack.add(UInt64(start + content.all.count), 0)
        pack.align(PackFormat.headerBytes)
        return repaired(pack.all + table.all + content.all)
    }

    /// A pack whose magic, version, length and hashes are correct, as far as their ranges are inside the file.
    static func repaired(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count >= PackFormat.headerBytes else { return bytes }
        var bytes = bytes
        bytes.replaceSubrange(0..<8, with: PackFormat.magic)
        store(UInt64(PackFormat.version) | word(bytes, 8) & 0xFFFF_FFFF_0000_0000, in: &bytes, at: 8)
        store(UInt64(bytes.count), in: &bytes, at: 16)
        let count = Int(word(bytes, 8) >> 32)
        let tableEnd = PackFormat.headerBytes + count * PackFormat.entryBytes
        guard tableEnd <= bytes.count else { return bytes }
        for entry in stride(from: PackFormat.headerBytes, to: tableEnd, by: PackFormat.entryBytes) {
            let (offset, length) = (word(bytes, entry + 24), word(bytes, entry + 32))
            guard offset <= UInt64(bytes.count), length <= UInt64(bytes.count) - offset else { continue }
            let section = bytes[Int(offset)..<Int(offset + length)].withUnsafeBytes(PackHash.of)
            store(section, in: &bytes, at: entry + 40)
        }
        store(bytes[PackFormat.headerBytes..<tableEnd].withUnsafeBytes(PackHash.of), in: &bytes, at: 24)
        return bytes
    }

    private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
        bytes[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func store(_ value: UInt64, in bytes: inout [UInt8], at offset: Int) {
        for index in 0..<8 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
    }
}
