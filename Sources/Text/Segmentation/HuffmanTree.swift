#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// fastText's hierarchical softmax: a Huffman tree over the labels, with a yes-or-no classifier in every inner node.
///
/// p(label) = ∏ σ(±w·h) along its path. Scores are natural logarithms in single precision, with 1e-5 added to every
/// probability, as `HierarchicalSoftmaxLoss` keeps them; ties are in the order of its heap.
struct HuffmanTree: Sendable {
    /// A label number and the logarithm of its probability.
    struct Candidate: Equatable, Sendable {
        let label: Int
        let score: Float
        /// The probability, not clamped: rounding can leave it a little above 1.
        var probability: Float { expf(score) }
    }

    private let labelCount: Int
    /// Children of inner node `labelCount + n`.
    private let children: [(left: Int32, right: Int32)]
    private let output: FastTextMatrix

    /// - Parameters:
    ///   - counts: how often each label occurred, most frequent first.
    ///   - output: a row per inner node.
    init(counts: [Int64], output: FastTextMatrix) {
        let labels = counts.count
        var total = counts + [Int64](repeating: 1_000_000_000_000_000, count: labels - 1)
        var children: [(left: Int32, right: Int32)] = []
        var leaf = labels - 1
        var node = labels
        // Real counts are below that of a node not made yet; whatever they are, only nodes made already are taken.
        func smaller(before parent: Int) -> Int {
            if leaf >= 0, node >= parent || total[leaf] < total[node] {
                leaf -= 1
                return leaf + 1
            }
            node += 1
            return node - 1
        }
        for parent in labels..<max(labels, total.count) {
            let left = smaller(before: parent)
            let right = smaller(before: parent)
            children.append((Int32(left), Int32(right)))
            total[parent] = total[left] &+ total[right]
        }
        labelCount = labels
        self.children = children
        self.output = output
    }

    /// The best labels, best first.
    func best(for hidden: [Float], limit: Int, threshold: Float) -> [Candidate] {
        let limit = min(limit, labelCount)
        let least = Self.log(threshold)
        var heap = CandidateHeap()
        // Depth first, left before right; a list instead of recursion, because a damaged tree can be a chain.
        var waiting: [(node: Int, score: Float)] = [(labelCount + children.count - 1, 0)]
        while let (node, score) = waiting.popLast() {
            if score < least { continue }
            if heap.items.count == limit, let worst = heap.items.first, score < worst.score { continue }
            guard node >= labelCount else {
                heap.push(Candidate(label: node, score: score))
                if heap.items.count > limit { heap.pop() }
                continue
            }
            let inner = node - labelCount
            let yes = Float(1.0 / (1 + Double(expf(-output.product(inner, hidden)))))
            let (left, right) = children[inner]
            waiting.append((Int(right), score + Self.log(yes)))
            waiting.append((Int(left), score + Self.log(Float(1.0 - Double(yes)))))
        }
        return heap.sorted()
    }

    private static func log(_ value: Float) -> Float {
        #if canImport(Glibc)
            Float(Glibc.log(Double(value) + 1e-5))
        #elseif canImport(Musl)
            Float(Musl.log(Double(value) + 1e-5))
        #else
            Float(Darwin.log(Double(value) + 1e-5))
        #endif
    }
}

/// A binary heap with the worst candidate first, moved about exactly as libstdc++'s `push_heap`, `pop_heap` and
/// `sort_heap` do, so that equal scores end in the same order.
private struct CandidateHeap {
    private(set) var items: [HuffmanTree.Candidate] = []

    mutating func push(_ item: HuffmanTree.Candidate) {
        items.append(item)
        rise(item, from: items.count - 1)
    }

    /// Removes the worst.
    mutating func pop() {
        sinkFirst(count: items.count)
        items.removeLast()
    }

    /// All, best first.
    consuming func sorted() -> [HuffmanTree.Candidate] {
        var count = items.count
        while count > 1 {
            sinkFirst(count: count)
            count -= 1
        }
        return items
    }

    private mutating func rise(_ item: HuffmanTree.Candidate, from place: Int) {
        var place = place
        while place > 0, items[(place - 1) / 2].score > item.score {
            items[place] = items[(place - 1) / 2]
            place = (place - 1) / 2
        }
        items[place] = item
    }

    /// Moves the first of `count` items to their end and mends the heap of the rest.
    private mutating func sinkFirst(count: Int) {
        guard count > 1 else { return }
        let last = items[count - 1]
        items[count - 1] = items[0]
        let length = count - 1
        var place = 0
        var child = 0
        while child < (length - 1) / 2 {
            child = 2 * (child + 1)
            if items[child].score > items[child - 1].score { child -= 1 }
            items[place] = items[child]
            place = child
        }
        if length % 2 == 0, child == (length - 2) / 2 {
            child = 2 * (child + 1)
            items[place] = items[child - 1]
            place = child - 1
        }
        rise(last, from: place)
    }
}
