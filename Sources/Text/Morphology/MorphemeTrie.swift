/// The words of a morphological dictionary as a memory-mapped trie.
///
/// Nodes are in breadth-first order, so the children of a node are one run, ordered by label. Only nodes that have
/// children have a start of that run, and only nodes that end a word an entry in the list of tokens; both are found by
/// rank over bit vectors. About 7 bytes per node, a fifth of MeCab's double array.
package struct MorphemeTrie: Sendable {
    /// A position in the tree; 0 is the root, the empty prefix.
    package typealias Node = Int
    package static let root: Node = 0

    /// Label of each code point; characters that no word holds have none.
    private let labelOf: PagedMap
    /// The root's child of each label.
    private let rootChild: PackArray<UInt32>
    private let label: PackArray<UInt16>
    private let hasChildren: RankBitVector
    private let endsWord: RankBitVector
    /// First child of each node that has children, and one more.
    private let firstChild: PackArray<UInt32>
    /// First token of each node that ends a word, and one more.
    private let firstToken: PackArray<UInt32>

    /// Reads a tree: numbers of nodes, of nodes with children, of words, of labels; map of labels; root's children;
    /// labels; bit vectors; starts.
    package init(_ reader: inout PackReader) throws(TextError) {
        let nodes = try reader.count()
        let parents = try reader.count()
        let words = try reader.count()
        let labels = try reader.count()
        try reader.align()
        labelOf = try PagedMap(&reader)
        rootChild = try reader.array(UInt32.self, count: labels)
        label = try reader.array(UInt16.self, count: nodes)
        hasChildren = try RankBitVector(&reader, count: nodes)
        endsWord = try RankBitVector(&reader, count: nodes)
        firstChild = try reader.array(UInt32.self, count: parents + 1)
        firstToken = try reader.array(UInt32.self, count: words + 1)
        try reader.align()
    }

    /// The child node for a code point, nil if there is none.
    @inline(__always)
    package func child(of node: Node, _ point: CodePoint) -> Node? {
        let wanted = labelOf[point]
        guard wanted != PackFormat.none else { return nil }
        if node == MorphemeTrie.root {
            let child = rootChild[Int(wanted)]
            return child == PackFormat.none ? nil : Int(child)
        }
        guard let parent = hasChildren.rank(at: node) else { return nil }
        var lower = Int(firstChild[parent])
        var upper = min(Int(firstChild[parent + 1]), label.count)
        while lower < upper {
            let middle = (lower + upper) >> 1
            let found = UInt32(label[middle])
            if found == wanted { return middle }
            if found < wanted { lower = middle + 1 } else { upper = middle }
        }
        return nil
    }

    /// The tokens of the word that ends at a node, in the order of the dictionary; empty if none does.
    @inline(__always)
    package func tokens(at node: Node) -> Range<Int> {
        guard let word = endsWord.rank(at: node) else { return 0..<0 }
        let lower = Int(firstToken[word])
        return lower..<max(lower, min(Int(firstToken[word + 1]), lower + MorphemeTrie.mostTokens))
    }

    /// More tokens than any word has: MeCab keeps their number in eight bits.
    private static let mostTokens = 512
}
