import Text

/// A compiled MeCab dictionary (`sys.dic`, `unk.dic`), read for its words.
struct MeCabDictionary {
    /// One reading of a word.
    struct Entry {
        /// The word, or a category's name in `unk.dic`, in UTF-8.
        let surface: ArraySlice<UInt8>
        let left: UInt16
        let right: UInt16
        let posID: UInt16
        let cost: Int16
        /// The comma-separated features.
        let feature: ArraySlice<UInt8>
    }

    private let file: String
    private let bytes: [UInt8]
    private let array: Range<Int>
    private let tokens: Range<Int>
    private let features: Range<Int>

    /// - Parameter bytes: header of 72 bytes, double array, tokens of 16 bytes, features ending in NUL.
    init(_ bytes: [UInt8], file: String) throws {
        self.file = file
        self.bytes = bytes
        guard bytes.count >= 72 else { throw SourceError(file: file, reason: "too short") }
        func word(_ index: Int) -> Int { Int(bytes.number(at: index * 4, as: UInt32.self)) }
        guard word(0) ^ 0xEF71_8F77 == bytes.count, word(1) == 102 else {
            throw SourceError(file: file, reason: "no MeCab dictionary of version 102")
        }
        array = 72..<72 + word(6)
        tokens = array.upperBound..<array.upperBound + word(7)
        features = tokens.upperBound..<tokens.upperBound + word(8)
        guard features.upperBound == bytes.count else {
            throw SourceError(file: file, reason: "sizes do not add up")
        }
        guard bytes[40..<72].prefix(while: { $0 != 0 }).map({ $0 | 0x20 }).elementsEqual("utf-8".utf8) else {
            throw SourceError(file: file, reason: "its characters are not UTF-8")
        }
    }

    /// Calls `body` with every entry: words in the order of their bytes, and a word's entries in MeCab's order.
    func forEachEntry(_ body: (Entry) throws -> Void) throws {
        for (surface, value) in try words() {
            // A word's value: the first of its tokens, and in the low eight bits how many there are.
            for token in value >> 8..<(value >> 8) + (value & 0xFF) {
                let offset = tokens.lowerBound + token * 16
                guard offset + 16 <= tokens.upperBound else {
                    throw SourceError(file: file, reason: "token \(token)")
                }
                let start = features.lowerBound + Int(bytes.number(at: offset + 8, as: UInt32.self))
                guard start < features.upperBound, let end = bytes[start...].firstIndex(of: 0) else {
                    throw SourceError(file: file, reason: "features of token \(token)")
                }
                try body(
                    Entry(
                        surface: surface[...], left: bytes.number(at: offset, as: UInt16.self),
                        right: bytes.number(at: offset + 2, as: UInt16.self),
                        posID: bytes.number(at: offset + 4, as: UInt16.self),
                        cost: bytes.number(at: offset + 6, as: Int16.self), feature: bytes[start..<end]))
            }
        }
    }

    /// All keys of the double array (Darts) with their values. A unit is a base and the base of its parent; the child
    /// by byte b stands at base + b + 1, and a key's end at the base itself, with a negative value.
    private func words() throws -> [(surface: [UInt8], value: Int)] {
        let count = array.count / 8
        func base(_ unit: Int) -> Int { Int(bytes.number(at: array.lowerBound + unit * 8, as: Int32.self)) }
        func parent(_ unit: Int) -> Int {
            Int(bytes.number(at: array.lowerBound + unit * 8 + 4, as: UInt32.self))
        }
        // Units in the order of their parents' bases: that is cheaper than trying 256 bytes everywhere.
        var childrenEnd = [Int](repeating: 0, count: count + 1)
        for unit in 0..<count where (1..<unit + 1).contains(parent(unit)) {
            childrenEnd[parent(unit) + 1] += 1
        }
        for index in 0..<count { childrenEnd[index + 1] += childrenEnd[index] }
        var children = [Int](repeating: 0, count: childrenEnd[count])
        for unit in 0..<count where (1..<unit + 1).contains(parent(unit)) {
            // While it is filled, `childrenEnd` of a base moves from the start of its run to the end.
            children[childrenEnd[parent(unit)]] = unit
            childrenEnd[parent(unit)] += 1
        }

        var result: [(surface: [UInt8], value: Int)] = []
        var pending: [(base: Int, key: [UInt8])] = [(count > 0 ? base(0) : 0, [])]
        while let (own, key) = pending.popLast() {
            guard own > 0, own < count, key.count < 8192 else {
                throw SourceError(file: file, reason: "its double array is damaged")
            }
            var deeper: [(base: Int, key: [UInt8])] = []
            for unit in children[childrenEnd[own - 1]..<childrenEnd[own]] where unit - own <= 256 {
                if unit == own {
                    if base(unit) < 0 { result.append((key, -base(unit) - 1)) }
                } else {
                    deeper.append((base(unit), key + [UInt8(unit - own - 1)]))
                }
            }
            pending += deeper.reversed()
        }
        return result
    }
}

extension Array where Element == UInt8 {
    /// The little-endian number at an offset.
    func number<Number: FixedWidthInteger>(at offset: Int, as type: Number.Type) -> Number {
        withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self)) }
    }
}

/// MeCab's character categories (`char.bin`).
struct MeCabCharacters {
    /// Names of the categories, in order.
    let names: [String]
    /// Packed entry of each 16-bit character.
    let entries: [UInt32]

    init(_ bytes: [UInt8], file: String) throws {
        guard bytes.count >= 4 else { throw SourceError(file: file, reason: "too short") }
        let count = Int(bytes.number(at: 0, as: UInt32.self))
        guard count <= 18, bytes.count == 4 + count * 32 + 0xFFFF * 4 else {
            throw SourceError(file: file, reason: "\(count) categories in \(bytes.count) bytes")
        }
        names = (0..<count).map {
            String(decoding: bytes[4 + $0 * 32..<36 + $0 * 32].prefix { $0 != 0 }, as: UTF8.self)
        }
        // The table lacks U+FFFF; MeCab reads the zeros after the file's end.
        entries = (0..<0xFFFF).map { bytes.number(at: 4 + count * 32 + $0 * 4, as: UInt32.self) } + [0]
    }
}
