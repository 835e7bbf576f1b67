/// What a character is to MeCab, and how unknown words are made of characters of its kind (`char.bin`).
package struct CharacterCategories: Sendable {
    /// One character's entry.
    package struct Info: Equatable, Sendable {
        /// The entry as MeCab packs it: categories 18 bits, first category 8, length 4, group 1, invoke 1.
        package let bits: UInt32

        package init(bits: UInt32) { self.bits = bits }

        /// The categories it belongs to, a bit for each.
        package var categories: UInt32 { bits & 0x3FFFF }
        /// The category that decides about unknown words.
        package var category: Int { Int(bits >> 18 & 0xFF) }
        /// Unknown words of 1…`length` characters are tried.
        package var length: Int { Int(bits >> 26 & 0xF) }
        /// An unknown word of the whole run of such characters is tried.
        package var isGrouped: Bool { bits >> 30 & 1 != 0 }
        /// Unknown words are tried even where the dictionary has words.
        package var isAlwaysTried: Bool { bits >> 31 != 0 }

        /// True if the two share a category.
        @inline(__always)
        package func isKind(of other: Info) -> Bool { bits & other.bits & 0x3FFFF != 0 }
    }

    private let pageOf: PackArray<UInt8>
    private let kinds: PackArray<UInt8>
    private let infos: PackArray<UInt32>

    /// Reads the table: numbers of pages and of kinds; page of each 256 characters; kind of each character of a page;
    /// entry of each kind.
    package init(_ reader: inout PackReader) throws(TextError) {
        let pages = try reader.count()
        let kindCount = try reader.count()
        guard pages <= 256, kindCount <= 256 else {
            throw reader.damaged("\(pages) pages, \(kindCount) kinds")
        }
        pageOf = try reader.array(UInt8.self, count: 256)
        kinds = try reader.array(UInt8.self, count: pages * 256)
        try reader.align()
        infos = try reader.array(UInt32.self, count: kindCount)
        try reader.align()
    }

    /// A character's entry. MeCab uses 16 bits: code points above U+FFFF count as U+0000.
    @inline(__always)
    package subscript(point: CodePoint) -> Info {
        let point = point > 0xFFFF ? 0 : Int(point)
        return Info(bits: infos[Int(kinds[Int(pageOf[point >> 8]) << 8 | point & 255])])
    }

    /// The space, whose category is skipped before a morpheme.
    package var space: Info { self[0x20] }
}
