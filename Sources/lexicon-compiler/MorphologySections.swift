import Text

/// Collects the words of a MeCab dictionary and writes the sections that `MorphemeDictionary` reads.
///
/// Of several entries of one word in the same context only the cheapest can be on a cheapest path (and of equals the
/// first, which MeCab would try first), so only that one is kept.
struct MorphologySections {
    /// The context of a morpheme for its neighbours.
    struct Context: Hashable {
        let left: UInt16
        let right: UInt16
        /// Cost added after whitespace.
        var leftSpacePenalty: Int16 = 0
    }

    private struct Entry {
        let surface: [CodePoint]
        let context: UInt16
        let cost: Int16
        let feature: UInt32
    }

    private var entries: [Entry] = []
    private var unknown: [String: [UInt64]] = [:]
    private var contexts: [Context] = []
    private var contextNumbers: [Context: UInt16] = [:]

    private mutating func number(of context: Context) throws -> UInt16 {
        if let known = contextNumbers[context] { return known }
        // 65 535 is the beginning of the text.
        guard contexts.count < 0xFFFF else {
            throw SourceError(file: "dictionary", reason: "too many contexts")
        }
        let number = UInt16(contexts.count)
        contexts.append(context)
        contextNumbers[context] = number
        return number
    }

    private static func packed(context: UInt16, cost: Int16, feature: UInt32) -> UInt64 {
        UInt64(context) | UInt64(UInt16(bitPattern: cost)) << 16 | UInt64(feature) << 32
    }

    /// Adds an entry of a word. Entries of one word are tried in the order they are added; a system dictionary comes
    /// before a user dictionary.
    mutating func add(_ surface: [CodePoint], _ context: Context, cost: Int16, feature: UInt32) throws {
        entries.append(
            Entry(surface: surface, context: try number(of: context), cost: cost, feature: feature))
    }

    /// Adds an entry of unknown words of a category.
    mutating func add(unknown category: String, _ context: Context, cost: Int16, feature: UInt32) throws {
        unknown[category, default: []].append(
            Self.packed(context: try number(of: context), cost: cost, feature: feature))
    }

    /// Adds the sections `<language>.words`, `.tokens`, `.characters`, `.connections`.
    /// - Parameters:
    ///   - characters: the categories; every one needs unknown words.
    ///   - matrix: the bytes of `matrix.bin`.
    func compile(language: String, characters: MeCabCharacters, matrix: [UInt8], into pack: inout PackWriter)
        throws
    {
        let matrix = try ConnectionMatrix(matrix)
        guard
            contexts.allSatisfy({
                Int($0.right) < matrix.rightCount && Int($0.left) < matrix.leftCount
            })
        else { throw SourceError(file: "matrix.bin", reason: "it does not fit the dictionary") }
        let connections = matrix.merged(
            rights: Set(contexts.map { Int($0.right) }), lefts: Set(contexts.map { Int($0.left) }))

        let (tree, tokens) = words()
        pack.add("\(language).words", tree)
        var section = SectionBuilder()
        section.add(UInt32(tokens.count))
        section.add(UInt32(contexts.count))
        section.add(tokens)
        for context in contexts {
            section.add([
                connections.leftNumbers[Int(context.left)] ?? 0,
                connections.rightNumbers[Int(context.right)] ?? 0,
                UInt16(bitPattern: context.leftSpacePenalty),
            ])
        }
        pack.add("\(language).tokens", section)
        pack.add("\(language).characters", try self.characters(characters))

        section = SectionBuilder()
        section.add(UInt32(connections.rightCount))
        section.add(UInt32(connections.leftCount))
        section.add(connections.costs)
        pack.add("\(language).connections", section)
    }

    // MARK: Words

    /// The entries in order of surfaces, without those that cannot be chosen.
    private func kept() -> [Entry] {
        let order = entries.indices.sorted {
            let (a, b) = (entries[$0].surface, entries[$1].surface)
            return a == b ? $0 < $1 : a.lexicographicallyPrecedes(b)
        }
        var kept: [Entry] = []
        var first = 0
        for index in order {
            let entry = entries[index]
            if let last = kept.last, last.surface != entry.surface { first = kept.count }
            if let rival = kept[first...].firstIndex(where: { $0.context == entry.context }) {
                // The cheaper one keeps its own position in the order.
                guard entry.cost < kept[rival].cost else { continue }
                kept.remove(at: rival)
            }
            kept.append(entry)
        }
        return kept
    }

    private func words() -> (tree: SectionBuilder, tokens: [UInt64]) {
        let entries = kept()
        var surfaces: [(text: [CodePoint], tokens: Range<Int>)] = []
        for (index, entry) in entries.enumerated() {
            if let last = surfaces.last, last.text == entry.surface {
                surfaces[surfaces.count - 1].tokens = last.tokens.lowerBound..<index + 1
            } else {
                surfaces.append((entry.surface, index..<index + 1))
            }
        }
        let alphabet = Set(surfaces.flatMap(\.text)).sorted()
        precondition(alphabet.count < 0x10000, "more than 65 535 different characters")
        let labelOf = Dictionary(uniqueKeysWithValues: zip(alphabet, UInt32(0)...))

        // Breadth-first: each node is the run of sorted words that share a prefix of its depth.
        var runs: [(lower: Int, upper: Int, depth: Int)] = [(0, surfaces.count, 0)]
        var labels: [UInt16] = [0]
        var hasChildren: [Bool] = []
        var endsWord: [Bool] = []
        var firstChild: [UInt32] = []
        var firstToken: [UInt32] = []
        var tokens: [UInt64] = []
        var node = 0
        while node < runs.count {
            var (lower, upper, depth) = runs[node]
            let ends = lower < upper && surfaces[lower].text.count == depth
            endsWord.append(ends)
            if ends {
                firstToken.append(UInt32(tokens.count))
                tokens += entries[surfaces[lower].tokens].map {
                    Self.packed(context: $0.context, cost: $0.cost, feature: $0.feature)
                }
                lower += 1
            }
            hasChildren.append(lower < upper)
            if lower < upper { firstChild.append(UInt32(runs.count)) }
            while lower < upper {
                let point = surfaces[lower].text[depth]
                var end = lower
                while end < upper, surfaces[end].text[depth] == point { end += 1 }
                runs.append((lower, end, depth + 1))
                labels.append(UInt16(labelOf[point] ?? 0))
                lower = end
            }
            upper = lower
            node += 1
        }
        var rootChild = [UInt32](repeating: PackFormat.none, count: alphabet.count)
        // The root's children end where those of the next node that has any begin.
        for child in 1..<max(1, firstChild.count > 1 ? Int(firstChild[1]) : runs.count) {
            rootChild[Int(labels[child])] = UInt32(child)
        }

        var section = SectionBuilder()
        section.add(UInt32(runs.count))
        section.add(UInt32(firstChild.count))
        section.add(UInt32(firstToken.count))
        section.add(UInt32(alphabet.count))
        section.align()
        section.add(labelOf)
        section.add(rootChild)
        section.add(labels)
        section.add(bits: hasChildren)
        section.add(bits: endsWord)
        section.add(firstChild + [UInt32(runs.count)])
        section.add(firstToken + [UInt32(tokens.count)])
        section.align()
        return (section, tokens)
    }

    // MARK: Characters

    private func characters(_ characters: MeCabCharacters) throws -> SectionBuilder {
        let infos = Set(characters.entries).sorted()
        guard infos.count <= 256 else { throw SourceError(file: "char.bin", reason: "\(infos.count) kinds") }
        let kindOf = Dictionary(uniqueKeysWithValues: zip(infos, UInt8(0)...))
        var pages: [[UInt8]] = []
        var pageOf: [UInt8] = []
        for start in stride(from: 0, to: characters.entries.count, by: 256) {
            let page = characters.entries[start..<start + 256].map { kindOf[$0] ?? 0 }
            if !pages.contains(page) { pages.append(page) }
            pageOf.append(UInt8(pages.firstIndex(of: page) ?? 0))
        }
        var section = SectionBuilder()
        section.add(UInt32(pages.count))
        section.add(UInt32(infos.count))
        section.add(pageOf)
        for page in pages { section.add(page) }
        section.align()
        section.add(infos)
        section.align()
        var starts: [UInt32] = [0]
        var tokens: [UInt64] = []
        for name in characters.names {
            guard let own = unknown[name] else {
                throw SourceError(file: "unk.dic", reason: "no unknown words of category \(name)")
            }
            tokens += own
            starts.append(UInt32(tokens.count))
        }
        section.add(UInt32(characters.names.count))
        section.add(UInt32(tokens.count))
        section.add(starts)
        section.align()
        section.add(tokens)
        return section
    }
}

extension SectionBuilder {
    /// A bit vector, as `RankBitVector` reads it.
    mutating func add(bits: [Bool]) {
        var words = [UInt64](repeating: 0, count: (bits.count + 63) / 64)
        for (index, bit) in bits.enumerated() where bit { words[index >> 6] |= 1 << UInt64(index & 63) }
        var before: [UInt32] = []
        var count: UInt32 = 0
        for word in words {
            before.append(count)
            count += UInt32(word.nonzeroBitCount)
        }
        align()
        add(words)
        add(before)
        align()
    }
}
