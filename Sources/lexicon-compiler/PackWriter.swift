import Files
import Foundation
import Text

/// Collects sections and writes the pack, which appears complete or not at all.
struct PackWriter {
    private var sections: [(name: String, bytes: [UInt8])] = []

    /// Adds a section.
    mutating func add(_ name: String, _ section: SectionBuilder) {
        sections.append((name, section.bytes))
    }

    /// Names and sizes in bytes, in file order.
    var sizes: [(String, Int)] { sections.map { ($0.name, $0.bytes.count) } }

    /// Writes the file.
    func write(to path: String) throws {
        let alignment = PackFormat.alignment
        var table = SectionBuilder()
        var body: [UInt8] = []
        let tableEnd = PackFormat.headerBytes + sections.count * PackFormat.entryBytes
        var offset = (tableEnd + alignment - 1) / alignment * alignment
        body.append(contentsOf: repeatElement(0, count: offset - tableEnd))
        for (name, bytes) in sections {
            var label = Array(name.utf8)
            precondition(label.count < PackFormat.nameBytes, "section name \(name) is too long")
            label += repeatElement(0, count: PackFormat.nameBytes - label.count)
            table.bytes += label
            table.add(UInt64(offset))
            table.add(UInt64(bytes.count))
            table.add(bytes.withUnsafeBytes(PackHash.of))
            body += bytes
            let padding = (alignment - bytes.count % alignment) % alignment
            body.append(contentsOf: repeatElement(0, count: padding))
            offset += bytes.count + padding
        }
        var file = SectionBuilder()
        file.bytes += PackFormat.magic
        file.add(PackFormat.version)
        file.add(UInt32(sections.count))
        file.add(UInt64(tableEnd + body.count))
        file.add(table.bytes.withUnsafeBytes(PackHash.of))
        file.bytes.append(contentsOf: repeatElement(0, count: PackFormat.headerBytes - file.bytes.count))
        file.bytes += table.bytes
        file.bytes += body

        let url = URL(fileURLWithPath: path)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        // Small pieces: a file system that keeps what is written at once as huge pages would map such a page for every
        // table that is looked up.
        try AtomicFile.write(
            file.bytes, to: path, AtomicFile.Options(temporary: .reused, pieceBytes: 1 << 14))
    }
}

/// The bytes of one section, little-endian.
struct SectionBuilder {
    var bytes: [UInt8] = []

    mutating func add<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func add<Number: FixedWidthInteger>(_ numbers: [Number]) {
        for number in numbers { add(number) }
    }

    mutating func add(_ doubles: [Double]) {
        for double in doubles { add(double.bitPattern) }
    }

    /// Zeros up to a multiple of 8 bytes, as `PackReader.align` expects.
    mutating func align() {
        while bytes.count % 8 != 0 { bytes.append(0) }
    }

    /// Count, byte length, NUL-terminated UTF-8, as `PackReader.strings` expects.
    mutating func add(_ strings: [String]) {
        var text: [UInt8] = []
        for string in strings { text += Array(string.utf8) + [0] }
        add(UInt32(strings.count))
        add(UInt32(text.count))
        bytes += text
        align()
    }

    /// A map from code points to values, as `PagedMap` reads it.
    mutating func add(_ map: [CodePoint: UInt32]) {
        let pages = Set(map.keys.map { $0 >> 8 }).sorted()
        var pageOf = [UInt16](repeating: .max, count: PagedMap.pageCountOfUnicode)
        var values = [UInt32](repeating: PackFormat.none, count: pages.count * 256)
        for (index, page) in pages.enumerated() { pageOf[Int(page)] = UInt16(index) }
        for (point, value) in map { values[Int(pageOf[Int(point >> 8)]) << 8 | Int(point & 255)] = value }
        add(UInt32(pages.count))
        add(pageOf)
        add(values)
        align()
    }

    /// A dictionary of words, as `PackedTrie` reads it.
    mutating func add(words: [[CodePoint]: UInt32]) {
        let sorted = words.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        // Breadth-first: each node is the run of sorted words that share a prefix of its depth.
        var firstChild: [UInt32] = []
        var label: [UInt32] = []
        var value: [UInt32] = []
        var runs: [(lower: Int, upper: Int, depth: Int)] = [(0, sorted.count, 0)]
        label.append(0)
        value.append(PackFormat.none)
        var node = 0
        while node < runs.count {
            var (lower, upper, depth) = runs[node]
            if lower < upper, sorted[lower].key.count == depth {
                value[node] = sorted[lower].value
                lower += 1
            }
            firstChild.append(UInt32(runs.count))
            while lower < upper {
                let point = sorted[lower].key[depth]
                var end = lower
                while end < upper, sorted[end].key[depth] == point { end += 1 }
                runs.append((lower, end, depth + 1))
                label.append(point)
                value.append(PackFormat.none)
                lower = end
            }
            upper = lower
            node += 1
        }
        firstChild.append(UInt32(runs.count))
        add(UInt32(runs.count))
        add(firstChild)
        add(label)
        add(value)
        var roots: [CodePoint: UInt32] = [:]
        for child in Int(firstChild[0])..<Int(firstChild[1]) { roots[label[child]] = UInt32(child) }
        add(roots)
    }

    /// A dictionary of ASCII words, as `PackedByteTrie` reads it.
    /// - Returns: the words in the order of their numbers, for the tables beside the trie.
    mutating func add<Words: Sequence>(byteTrie words: Words) -> [String] where Words.Element == String {
        let sorted = words.map { (Array($0.utf8), $0) }.sorted { $0.0.lexicographicallyPrecedes($1.0) }
        var labels: [UInt8] = [0]
        var counts: [UInt8] = []
        var ends: [Bool] = []
        var first: [UInt32] = []
        var numbered: [String] = []
        var runs: [(lower: Int, upper: Int, depth: Int)] = [(0, sorted.count, 0)]
        var node = 0
        while node < runs.count {
            var (lower, upper, depth) = runs[node]
            ends.append(lower < upper && sorted[lower].0.count == depth)
            if ends[node] {
                numbered.append(sorted[lower].1)
                lower += 1
            }
            first.append(UInt32(runs.count))
            while lower < upper {
                let byte = sorted[lower].0[depth]
                var end = lower
                while end < upper, sorted[end].0[depth] == byte { end += 1 }
                runs.append((lower, end, depth + 1))
                labels.append(byte)
                lower = end
            }
            counts.append(UInt8(runs.count - Int(first[node])))
            upper = lower
            node += 1
        }
        var bits = [UInt8](repeating: 0, count: (runs.count + 7) / 8)
        var firstWord: [UInt32] = []
        var seen: UInt32 = 0
        for (node, isEnd) in ends.enumerated() {
            if node % 8 == 0 { firstWord.append(seen) }
            if isEnd {
                bits[node / 8] |= 1 << UInt8(node % 8)
                seen += 1
            }
        }
        add(UInt32(runs.count))
        add(UInt32(numbered.count))
        bytes += labels
        bytes += counts
        bytes += bits
        align()
        add(stride(from: 0, to: first.count, by: 8).map { first[$0] })
        add(firstWord)
        align()
        return numbered
    }
}
