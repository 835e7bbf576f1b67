/// A map from code points to 32-bit values: a memory-mapped table of 256-entry pages.
package struct PagedMap: Sendable {
    package static let pageCountOfUnicode = 0x11_0000 / 256
    private let pageOf: PackArray<UInt16>
    private let values: PackArray<UInt32>

    /// Reads a map: number of pages, page of each block of 256 code points (0xFFFF: none), the pages.
    package init(_ reader: inout PackReader) throws(TextError) {
        let pages = try reader.count()
        guard pages <= PagedMap.pageCountOfUnicode else { throw reader.damaged("\(pages) pages") }
        pageOf = try reader.array(UInt16.self, count: PagedMap.pageCountOfUnicode)
        values = try reader.array(UInt32.self, count: pages * 256)
        try reader.align()
    }

    /// The value of a code point, `PackFormat.none` if it has none.
    package subscript(point: CodePoint) -> UInt32 {
        @inline(__always) get {
            let page = pageOf[Int(point >> 8)]
            guard page != .max else { return PackFormat.none }
            return values[Int(page) << 8 | Int(point & 255)]
        }
    }
}

/// A dictionary of words as a memory-mapped trie over code points.
///
/// Nodes are in breadth-first order, so a node's children are one run, ordered by label: `firstChild[n] ..<
/// firstChild[n + 1]`. A step is a binary search in that run; the root, with thousands of children, has a map.
package struct PackedTrie: Sendable {
    /// A position in the tree; 0 is the root, the empty prefix.
    package typealias Node = Int
    package static let root: Node = 0

    private let firstChild: PackArray<UInt32>
    private let label: PackArray<UInt32>
    private let value: PackArray<UInt32>
    private let rootChild: PagedMap

    /// Reads a tree: number of nodes, first children (one more than nodes), labels, values, the root's map.
    package init(_ reader: inout PackReader) throws(TextError) {
        let nodes = try reader.count()
        firstChild = try reader.array(UInt32.self, count: nodes + 1)
        label = try reader.array(UInt32.self, count: nodes)
        value = try reader.array(UInt32.self, count: nodes)
        rootChild = try PagedMap(&reader)
    }

    /// The child node for a code point, nil if there is none.
    @inline(__always)
    package func child(of node: Node, _ point: CodePoint) -> Node? {
        if node == PackedTrie.root {
            let child = rootChild[point]
            return child == PackFormat.none ? nil : Int(child)
        }
        var lower = Int(firstChild[node])
        var upper = min(Int(firstChild[node + 1]), label.count)
        while lower < upper {
            let middle = (lower + upper) >> 1
            let found = label[middle]
            if found == point { return middle }
            if found < point { lower = middle + 1 } else { upper = middle }
        }
        return nil
    }

    /// The value of the word that ends at a node, nil if none does.
    @inline(__always)
    package func value(of node: Node) -> Int? {
        let found = value[node]
        return found == PackFormat.none ? nil : Int(found)
    }

    /// The value of a whole word.
    package func value<Word: Sequence>(of word: Word) -> Int? where Word.Element == CodePoint {
        var node = PackedTrie.root
        for point in word {
            guard let next = child(of: node, point) else { return nil }
            node = next
        }
        return node == PackedTrie.root ? nil : value(of: node)
    }
}
