/// One morpheme of a text.
package struct Morpheme: Equatable, Sendable {
    /// Its range in the text, without whitespace before it.
    package let range: Range<Int>
    /// The language's number for what it is.
    package let feature: UInt32
    /// True if the dictionary does not hold it: `feature` is that of its characters' category.
    package let isUnknown: Bool
}

/// MeCab's lattice: all dictionary words at every position of a text, and the path of lowest cost (Viterbi).
///
/// Costs are compared exactly as in MeCab 0.996 (`Tokenizer::lookup`, `Viterbi::connect`), and among paths of equal
/// cost the same one is chosen: morphemes that end at the same position are tried from the latest start to the
/// earliest, and those of one start in the order of the dictionary, unknown words last.
package struct MorphemeLattice {
    private struct Node {
        let end: Int32
        let start: Int32
        let rightID: UInt16
        let isUnknown: Bool
        let feature: UInt32
        /// Cost of the cheapest path to here.
        var cost: Int
        /// The node in front on the cheapest path.
        var previous: Int32
        /// The next node to try among those that end at the same position.
        var nextAtEnd: Int32 = -1
    }

    /// A morpheme that begins at the current position, in dictionary order.
    private struct Candidate {
        let token: MorphemeDictionary.Token
        let start: Int
        let end: Int
        let isUnknown: Bool
    }

    private let dictionary: MorphemeDictionary
    private var nodes: [Node] = []
    /// Latest node that ends at each position; -1 for none.
    private var lastAtEnd: [Int32]
    /// Candidates of the current position; a member to reuse its storage.
    private var candidates: [Candidate] = []
    /// Node and cost of the cheapest path to each left id at the current position.
    private var cheapestOfLeftID: [(leftID: Int, node: Int32, cost: Int)] = []
    /// Number of nodes at which the next look for those no path needs is due.
    private var compactionCount = MorphemeLattice.compactionStep

    /// The longest run of characters, beyond the first, that unknown words are made of.
    private static let longestGroup = 24
    /// So many new nodes are worth a look for unneeded ones.
    private static let compactionStep = 1 << 15

    /// The morphemes of a text. Takes time in proportion to its length.
    package static func morphemes(of text: [CodePoint], _ dictionary: MorphemeDictionary) -> [Morpheme] {
        var lattice = MorphemeLattice(dictionary, count: text.count)
        return lattice.solve(text)
    }

    private init(_ dictionary: MorphemeDictionary, count: Int) {
        self.dictionary = dictionary
        lastAtEnd = [Int32](repeating: -1, count: count + 1)
        nodes.reserveCapacity(min(count * 12 + 16, Self.compactionStep))
    }

    private mutating func solve(_ text: [CodePoint]) -> [Morpheme] {
        let infos = text.map { dictionary.categories[$0] }
        let groupEnd = MorphemeLattice.groupEnds(infos)
        let space = dictionary.categories.space
        // Begin of text: context ids 0.
        nodes.append(Node(end: 0, start: 0, rightID: 0, isUnknown: false, feature: 0, cost: 0, previous: -1))
        lastAtEnd[0] = 0
        for position in text.indices where lastAtEnd[position] >= 0 {
            if nodes.count >= compactionCount { compact(from: position) }
            var start = position
            var kind = space
            while start < text.count, kind.isKind(of: infos[start]) {
                kind = infos[start]
                start += 1
            }
            guard start < text.count else { continue }
            candidates.removeAll(keepingCapacity: true)
            addWords(text, start)
            addUnknown(infos, groupEnd, start, hasWords: !candidates.isEmpty)
            connect(position, isAfterSpace: start > position)
        }
        return path(text.count)
    }

    /// For each position the end of the run that begins there and whose neighbours share a category, up to the length
    /// that counts.
    private static func groupEnds(_ infos: [CharacterCategories.Info]) -> [Int32] {
        var ends = [Int32](repeating: 0, count: infos.count)
        for index in infos.indices.reversed() {
            let joins = index + 1 < infos.count && infos[index].isKind(of: infos[index + 1])
            ends[index] = joins ? ends[index + 1] : Int32(index + 1)
        }
        return ends
    }

    private mutating func addWords(_ text: [CodePoint], _ start: Int) {
        var node = MorphemeTrie.root
        var end = start
        while end < text.count, let next = dictionary.tree.child(of: node, text[end]) {
            node = next
            end += 1
            for index in dictionary.tree.tokens(at: node) {
                add(dictionary.token(index), start, end, isUnknown: false)
            }
        }
    }

    private mutating func addUnknown(
        _ infos: [CharacterCategories.Info], _ groupEnd: [Int32], _ start: Int, hasWords: Bool
    ) {
        let info = infos[start]
        guard info.isAlwaysTried || !hasWords else { return }
        var isEmpty = !hasWords
        func tried(_ end: Int, _ lattice: inout MorphemeLattice) {
            for index in lattice.dictionary.unknownTokens(of: info.category) {
                lattice.add(lattice.dictionary.unknownToken(index), start, end, isUnknown: true)
                isEmpty = false
            }
        }
        var grouped = 0
        if info.isGrouped {
            grouped = Int(groupEnd[start])
            if grouped - start - 1 <= MorphemeLattice.longestGroup { tried(grouped, &self) }
        }
        var end = start + 1
        for _ in 0..<info.length {
            guard end <= infos.count else { break }
            // The run's own length was tried above; MeCab stops there.
            guard end != grouped else { continue }
            tried(end, &self)
            guard end < infos.count, info.isKind(of: infos[end]) else { break }
            end += 1
        }
        if isEmpty { tried(start + 1, &self) }
    }

    private mutating func add(_ token: MorphemeDictionary.Token, _ start: Int, _ end: Int, isUnknown: Bool) {
        candidates.append(Candidate(token: token, start: start, end: end, isUnknown: isUnknown))
    }

    // MARK: Paths

    /// Joins the candidates to the cheapest of the nodes that end at `position`.
    private mutating func connect(_ position: Int, isAfterSpace: Bool) {
        cheapestOfLeftID.removeAll(keepingCapacity: true)
        // In reverse, so that the first of a position is at the head of its list.
        for candidate in candidates.reversed() {
            let context = candidate.token.context
            let leftID = dictionary.leftID(context)
            let way: (leftID: Int, node: Int32, cost: Int)
            if let known = cheapestOfLeftID.first(where: { $0.leftID == leftID }) {
                way = known
            } else {
                let (node, cost) = cheapest(at: position, leftID: leftID)
                way = (leftID, node, cost)
                cheapestOfLeftID.append(way)
            }
            let penalty = isAfterSpace ? dictionary.leftSpacePenalty(context) : 0
            insert(
                Node(
                    end: Int32(candidate.end), start: Int32(candidate.start),
                    rightID: UInt16(truncatingIfNeeded: dictionary.rightID(context)),
                    isUnknown: candidate.isUnknown, feature: candidate.token.feature,
                    cost: candidate.token.cost + way.cost + penalty, previous: way.node))
        }
    }

    /// Inserts a node at the head of its position's list. Of two nodes with the same right id only the cheaper can be
    /// on the cheapest path (of equals the one tried first, the new one), so the other is left out.
    private mutating func insert(_ node: Node) {
        let end = Int(node.end)
        var node = node
        var before: Int32 = -1
        var index = lastAtEnd[end]
        while index >= 0, nodes[Int(index)].rightID != node.rightID {
            before = index
            index = nodes[Int(index)].nextAtEnd
        }
        if index < 0 {
            index = Int32(nodes.count)
            node.nextAtEnd = lastAtEnd[end]
            nodes.append(node)
        } else {
            let rival = nodes[Int(index)]
            guard node.cost <= rival.cost else { return }
            if before < 0 {
                lastAtEnd[end] = rival.nextAtEnd
            } else {
                nodes[Int(before)].nextAtEnd = rival.nextAtEnd
            }
            node.nextAtEnd = lastAtEnd[end]
            nodes[Int(index)] = node
        }
        lastAtEnd[end] = index
    }

    /// The node before a position with the lowest cost of path and connection, and that cost.
    private func cheapest(at position: Int, leftID: Int) -> (node: Int32, cost: Int) {
        var best: Int32 = -1
        var bestCost = Int.max
        var index = lastAtEnd[position]
        while index >= 0 {
            let node = nodes[Int(index)]
            let cost = node.cost + dictionary.connection(Int(node.rightID), leftID)
            if cost < bestCost {
                best = index
                bestCost = cost
            }
            index = node.nextAtEnd
        }
        return (best, bestCost)
    }

    /// Drops the nodes that are on no path to `position` or later: paths soon share their beginnings, so
    /// memory does not grow with the number of nodes tried.
    private mutating func compact(from position: Int) {
        var isNeeded = [Bool](repeating: false, count: nodes.count)
        for index in nodes.indices where nodes[index].end >= position {
            var index = Int32(index)
            while index >= 0, !isNeeded[Int(index)] {
                isNeeded[Int(index)] = true
                index = nodes[Int(index)].previous
            }
        }
        var numbers = [Int32](repeating: -1, count: nodes.count)
        var count: Int32 = 0
        for index in nodes.indices where isNeeded[index] {
            numbers[index] = count
            count += 1
        }
        func renumbered(_ index: Int32) -> Int32 { index < 0 ? -1 : numbers[Int(index)] }
        for index in nodes.indices where isNeeded[index] {
            var node = nodes[index]
            node.previous = renumbered(node.previous)
            node.nextAtEnd = renumbered(node.nextAtEnd)
            nodes[Int(numbers[index])] = node
        }
        nodes.removeLast(nodes.count - Int(count))
        for place in position..<lastAtEnd.count { lastAtEnd[place] = renumbered(lastAtEnd[place]) }
        compactionCount = nodes.count * 2 + Self.compactionStep
    }

    /// The cheapest path's morphemes. Whitespace at the end belongs to none.
    private func path(_ count: Int) -> [Morpheme] {
        var place = count
        while place > 0, lastAtEnd[place] < 0 { place -= 1 }
        var index = cheapest(at: place, leftID: 0).node
        var morphemes: [Morpheme] = []
        while index > 0 {
            let node = nodes[Int(index)]
            morphemes.append(
                Morpheme(
                    range: Int(node.start)..<Int(node.end), feature: node.feature, isUnknown: node.isUnknown))
            index = node.previous
        }
        morphemes.reverse()
        return morphemes
    }
}
