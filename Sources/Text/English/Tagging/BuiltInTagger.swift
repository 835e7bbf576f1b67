/// The tagger that is used without nltk's: the same method with a tenth of the weights, trained to agree with nltk's on
/// homographs (`training/english-tagger`).
///
/// Features are those of `NltkTagger`, but a feature is identified by a 32-bit hash of what it depends on, and weights
/// are integers, so that sums are exact.
struct BuiltInTagger: PartOfSpeechTagger {
    let tagNames: [String]
    private let fixedTags: [[UInt8]: UInt8]
    /// Features in order, where the weights of each begin, and the weights: a tag and a number each.
    private let features: PackArray<UInt32>
    private let start: PackArray<UInt32>
    private let tags: PackArray<UInt8>
    private let values: PackArray<Int8>

    /// Reads the section `en.tagger`.
    init(_ lexicon: Lexicon) throws(TextError) {
        var reader = try lexicon.section("en.tagger")
        let names = try reader.strings()
        let words = try reader.strings()
        let fixed = try reader.array(UInt8.self, count: words.count)
        try reader.align()
        let count = try reader.count()
        let weights = try reader.count()
        features = try reader.array(UInt32.self, count: count)
        start = try reader.array(UInt32.self, count: count + 1)
        tags = try reader.array(UInt8.self, count: weights)
        values = try reader.array(Int8.self, count: weights)
        guard !names.isEmpty, (0..<words.count).allSatisfy({ Int(fixed[$0]) < names.count }) else {
            throw reader.damaged("a word has no tag")
        }
        tagNames = names
        let bytes = words.map { Array($0.utf8) }
        fixedTags = Dictionary(
            zip(bytes, (0..<words.count).map { fixed[$0] }), uniquingKeysWith: { first, _ in first })
    }

    /// Hashes of the properties of one token that features depend on.
    private struct Token {
        let word: UInt64
        let ending: UInt64
        let suffix: UInt64
        let initial: UInt64

        init(_ token: ArraySlice<UInt8>) {
            let isJoined = token.contains(0x2D) && token.first != 0x2D
            let normal = isJoined ? Self.joined : token.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
            word = Self.hash(normal)
            ending = Self.hash(normal.suffix(3))
            suffix = Self.hash(token.suffix(3))
            initial = Self.hash(token.prefix(1))
        }

        init(mark: String) {
            word = Self.hash(mark.utf8)
            ending = Self.hash(mark.utf8.suffix(3))
            (suffix, initial) = (0, 0)
        }

        private static let joined = Array("!HYPHEN".utf8)

        /// FNV-1a.
        private static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
            bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        }
    }
    private static let before = [Token(mark: "-START-"), Token(mark: "-START2-")]
    private static let after = [Token(mark: "-END-"), Token(mark: "-END2-")]

    func tags(of tokens: [ArraySlice<UInt8>], through last: Int) -> [UInt8] {
        let known = tokens[...min(last + 2, tokens.count - 1)]
        let context = Self.before + known.map(Token.init) + Self.after
        var result: [UInt8] = []
        result.reserveCapacity(last + 1)
        // The two positions before the text count as two more tags.
        var (previous, beforePrevious) = (UInt64(tagNames.count), UInt64(tagNames.count + 1))
        var scores = [Int](repeating: 0, count: tagNames.count)
        for index in 0...last {
            var tag = 0
            if let fixed = fixedTags[Array(tokens[index])] {
                tag = Int(fixed)
            } else {
                for place in scores.indices { scores[place] = 0 }
                addFeatures(context[index...], previous, beforePrevious, to: &scores)
                for place in scores.indices where scores[place] >= scores[tag] { tag = place }
            }
            result.append(UInt8(truncatingIfNeeded: tag))
            (previous, beforePrevious) = (UInt64(tag), previous)
        }
        return result
    }

    /// - Parameter context: begins with the two tokens before the one that is tagged.
    private func addFeatures(
        _ context: ArraySlice<Token>, _ previous: UInt64, _ beforePrevious: UInt64, to scores: inout [Int]
    ) {
        let first = context.startIndex
        let token = context[first + 2]
        let (tag1, tag2) = (previous + 1, beforePrevious + 1)
        add(0, 0, 0, to: &scores)
        add(1, token.suffix, 0, to: &scores)
        add(2, token.initial, 0, to: &scores)
        add(3, tag1, 0, to: &scores)
        add(4, tag2, 0, to: &scores)
        add(5, tag1, tag2, to: &scores)
        add(6, token.word, 0, to: &scores)
        add(7, token.word, tag1, to: &scores)
        add(8, context[first + 1].word, 0, to: &scores)
        add(9, context[first + 1].ending, 0, to: &scores)
        add(10, context[first].word, 0, to: &scores)
        add(11, context[first + 3].word, 0, to: &scores)
        add(12, context[first + 3].ending, 0, to: &scores)
        add(13, context[first + 4].word, 0, to: &scores)
    }

    /// Adds the weights of a feature to the scores of tags.
    private func add(_ template: UInt64, _ one: UInt64, _ two: UInt64, to scores: inout [Int]) {
        var mixed = one &+ (template &+ 1) &* 0x9E37_79B9_7F4A_7C15 &+ two &* 0xC2B2_AE3D_27D4_EB4F
        for _ in 0..<2 {
            mixed ^= mixed >> 32
            mixed = mixed &* 0xD6E8_FEB8_6659_FD93
        }
        let feature = UInt32(truncatingIfNeeded: mixed ^ mixed >> 32)
        var lower = 0
        var upper = features.count
        while lower < upper {
            let middle = (lower + upper) >> 1
            if features[middle] < feature { lower = middle + 1 } else { upper = middle }
        }
        guard lower < features.count, features[lower] == feature else { return }
        let end = min(Int(start[lower + 1]), tags.count)
        var place = Int(start[lower])
        while place < end {
            let tag = Int(tags[place])
            if tag < scores.count { scores[tag] += Int(values[place]) }
            place += 1
        }
    }
}
