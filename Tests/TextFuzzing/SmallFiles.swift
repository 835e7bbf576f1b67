import Text

/// Bytes of little-endian numbers, for the small files below.
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

/// nltk's tagger with one weight and one word, in the forms there are.
enum SmallTagger {
    /// `({'bias': {'NN': 1.0}}, {'the': 'DT'}, {'DT', 'NN'})`, protocol 2.
    static let pickle: [UInt8] = {
        var bytes = Bytes()
        func word(_ text: String) {
            bytes.add("U\u{0}"); bytes.all[bytes.all.count - 1] = UInt8(text.utf8.count); bytes.add(text)
        }
        bytes.all = [0x80, 2]
        bytes.add("}")
        word("bias")
        bytes.add("}")
        word("NN")
        bytes.all += [UInt8(ascii: "G"), 0x3F, 0xF0, 0, 0, 0, 0, 0, 0]
        bytes.add("ss}")
        word("the")
        word("DT")
        bytes.add("sc__builtin__\nset\n](")
        word("DT")
        word("NN")
        bytes.all += [UInt8(ascii: "e"), 0x85, UInt8(ascii: "R"), 0x87, UInt8(ascii: ".")]
        return bytes.all
    }()

    /// The pickle as the member of an archive, stored.
    static func archive(_ pickle: [UInt8]) -> [UInt8] {
        zip([("averaged_perceptron_tagger/averaged_perceptron_tagger.pickle", pickle)])
    }

    /// The archive of three JSON files.
    static let jsonArchives: [[UInt8]] = {
        let stem = "averaged_perceptron_tagger_eng/averaged_perceptron_tagger_eng"
        return [
            zip([
                (
                    stem + ".weights.json",
                    Array(#"{"bias": {"NN": 1, "VB": 0.5}, "i word record": {"VB": 2.5}}"#.utf8)
                ),
                (stem + ".tagdict.json", Array(#"{"the": "DT"}"#.utf8)),
                (stem + ".classes.json", Array(#"["VB", "NN", "DT"]"#.utf8)),
            ])
        ]
    }()

    /// A zip archive of stored members; nothing reads the checksums.
    private static func zip(_ members: [(name: String, content: [UInt8])]) -> [UInt8] {
        var bytes = Bytes()
        var directory = Bytes()
        for (name, content) in members {
            let size = UInt32(content.count)
            let length = UInt16(name.utf8.count)
            directory.add(UInt32(0x0201_4B50))
            directory.add(20, 20, 0, 0, 0, 0 as UInt16)
            directory.add(0, size, size)
            directory.add(length, 0, 0, 0, 0)
            directory.add(0, UInt32(bytes.all.count))
            directory.add(name)
            bytes.add(UInt32(0x0403_4B50))
            bytes.add(20, 0, 0, 0, 0 as UInt16)
            bytes.add(0, size, size)
            bytes.add(length, 0)
            bytes.add(name)
            bytes.all += content
        }
        let start = UInt32(bytes.all.count)
        let count = UInt16(members.count)
        bytes.all += directory.all
        bytes.add(UInt32(0x0605_4B50))
        bytes.add(0, 0, count, count)
        bytes.add(UInt32(directory.all.count), start)
        bytes.add(0 as UInt16)
        return bytes.all
    }
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

    /// The word "record" and its two phones.
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

    /// One feature: a border before は.
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
        let sections = [("strings", strings), ("bytes", byteTree), ("tree", tree), ("phrases", phrases)]
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

    /// A pack whose magic, version, length and hashes are right, as far as what they cover lies inside.
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
