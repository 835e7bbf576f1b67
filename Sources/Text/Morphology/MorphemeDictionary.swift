/// A MeCab dictionary in the lexicon pack: words, character categories, unknown words and connection costs.
///
/// What a morpheme means is the language's affair: `Token.feature` is a number the language gave it.
package struct MorphemeDictionary: Sendable {
    /// One reading of a word.
    package struct Token: Equatable, Sendable {
        /// Number of the pair of context ids, see `leftID` and `rightID`.
        package let context: Int
        /// Cost of the word itself.
        package let cost: Int
        /// The language's number for what the word is.
        package let feature: UInt32

        /// Context in the low 16 bits, then the cost in 16, then the feature in 32.
        @inline(__always)
        init(packed: UInt64) {
            context = Int(packed & 0xFFFF)
            cost = Int(Int16(truncatingIfNeeded: packed >> 16))
            feature = UInt32(truncatingIfNeeded: packed >> 32)
        }
    }

    /// The words.
    package let tree: MorphemeTrie
    /// Kinds of characters.
    package let categories: CharacterCategories
    private let tokens: PackArray<UInt64>
    private let unknownStart: PackArray<UInt32>
    private let unknownTokens: PackArray<UInt64>
    /// Left id, right id and left-space penalty of each context.
    private let contexts: PackArray<UInt16>
    private let leftSize: Int
    private let connections: PackArray<Int16>

    /// Reads the sections `<language>.words`, `.tokens`, `.characters` and `.connections`.
    package init(_ lexicon: Lexicon, language: String) throws(TextError) {
        var reader = try lexicon.section("\(language).words")
        tree = try MorphemeTrie(&reader)

        reader = try lexicon.section("\(language).tokens")
        let tokenCount = try reader.count()
        let contextCount = try reader.count()
        tokens = try reader.array(UInt64.self, count: tokenCount)
        contexts = try reader.array(UInt16.self, count: contextCount * 3)

        reader = try lexicon.section("\(language).characters")
        categories = try CharacterCategories(&reader)
        let categoryCount = try reader.count()
        let unknownCount = try reader.count()
        unknownStart = try reader.array(UInt32.self, count: categoryCount + 1)
        try reader.align()
        unknownTokens = try reader.array(UInt64.self, count: unknownCount)

        reader = try lexicon.section("\(language).connections")
        leftSize = try reader.count()
        let rightSize = try reader.count()
        guard leftSize <= 0xFFFF, rightSize <= 0xFFFF else {
            throw reader.damaged("\(leftSize) by \(rightSize) connections")
        }
        connections = try reader.array(Int16.self, count: leftSize * rightSize)
    }

    /// A token of the words.
    @inline(__always)
    package func token(_ index: Int) -> Token { Token(packed: tokens[index]) }

    /// The tokens of unknown words of a category, in the order of the dictionary.
    @inline(__always)
    package func unknownTokens(of category: Int) -> Range<Int> {
        let lower = min(Int(unknownStart[category]), unknownTokens.count)
        return lower..<max(lower, min(Int(unknownStart[category + 1]), unknownTokens.count))
    }

    /// A token of unknown words.
    @inline(__always)
    package func unknownToken(_ index: Int) -> Token { Token(packed: unknownTokens[index]) }

    /// What the morpheme in front sees of a context.
    @inline(__always)
    package func leftID(_ context: Int) -> Int { Int(contexts[context &* 3]) }
    /// The left id of a context, which the preceding morpheme connects to.
    @inline(__always)
    package func rightID(_ context: Int) -> Int { Int(contexts[context &* 3 &+ 1]) }
    /// Cost of a morpheme of this context after whitespace (mecab-ko).
    @inline(__always)
    package func leftSpacePenalty(_ context: Int) -> Int {
        Int(Int16(bitPattern: contexts[context &* 3 &+ 2]))
    }

    /// Cost of one morpheme following another.
    /// - Parameters:
    ///   - rightID: right id of the one in front.
    ///   - leftID: left id of the following one.
    @inline(__always)
    package func connection(_ rightID: Int, _ leftID: Int) -> Int {
        Int(connections[rightID &+ leftSize &* leftID])
    }
}
