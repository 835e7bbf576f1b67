/// A dictionary of ASCII words as a memory-mapped trie over bytes: about 3 bytes per node, a quarter of `PackedTrie`'s.
///
/// Nodes are in breadth-first order and children are ordered by label. Where a node's children begin is the number
/// noted for its group of eight nodes plus the child counts before it in the group. Words are numbered in node order
/// in the same way, so their values are in plain arrays beside the trie.
package struct PackedByteTrie: Sendable {
    /// A position in the tree; 0 is the root, the empty prefix.
    package typealias Node = Int
    package static let root: Node = 0

    /// Number of words; a word's number is below it unless the pack is damaged.
    package let wordCount: Int
    private let label: PackArray<UInt8>
    private let childCount: PackArray<UInt8>
    /// First child of the first node of every eight.
    private let firstChild: PackArray<UInt32>
    /// One bit per node: a word ends here.
    private let endsWord: PackArray<UInt8>
    /// Number of words before every eight nodes.
    private let firstWord: PackArray<UInt32>

    /// Reads a tree: number of nodes and words; labels, child counts, first children, word bits, first words.
    package init(_ reader: inout PackReader) throws(TextError) {
        let nodes = try reader.count()
        wordCount = try reader.count()
        let groups = (nodes + 7) / 8
        label = try reader.array(UInt8.self, count: nodes)
        childCount = try reader.array(UInt8.self, count: nodes)
        endsWord = try reader.array(UInt8.self, count: groups)
        try reader.align()
        firstChild = try reader.array(UInt32.self, count: groups)
        firstWord = try reader.array(UInt32.self, count: groups)
        try reader.align()
    }

    /// The child node for a byte, nil if there is none.
    @inline(__always)
    package func child(of node: Node, _ byte: UInt8) -> Node? {
        var lower = Int(firstChild[node >> 3])
        for before in (node & ~7)..<node { lower &+= Int(childCount[before]) }
        var upper = min(lower &+ Int(childCount[node]), label.count)
        while lower < upper {
            let middle = (lower &+ upper) >> 1
            let found = label[middle]
            if found == byte { return middle }
            if found < byte { lower = middle &+ 1 } else { upper = middle }
        }
        return nil
    }

    /// The number of the word that ends at a node, nil if none does.
    @inline(__always)
    package func word(at node: Node) -> Int? {
        let bits = endsWord[node >> 3]
        guard bits & (1 << UInt8(node & 7)) != 0 else { return nil }
        let before = bits & ((1 << UInt8(node & 7)) &- 1)
        let word = Int(firstWord[node >> 3]) &+ before.nonzeroBitCount
        return word < wordCount ? word : nil
    }

    /// The number of a whole word.
    package func word<Word: Sequence>(_ bytes: Word) -> Int? where Word.Element == UInt8 {
        var node = PackedByteTrie.root
        for byte in bytes {
            guard let next = child(of: node, byte) else { return nil }
            node = next
        }
        return node == PackedByteTrie.root ? nil : word(at: node)
    }
}
