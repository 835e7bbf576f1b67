/// nltk's averaged perceptron tagger (after Matthew Honnibal's of 2013), with its own weights.
///
/// Tags from left to right. A token of the tag dictionary has its tag, every other token the tag with the highest sum
/// of weights over 14 features: the token, its last three letters and first letter, the two tags before, and the tokens
/// around. Sums are in double precision in the order of the features, and ties go to the tag with the larger name.
/// `tagNames` are sorted, so that the larger number is the larger name.
///
/// The weights are those of nltk's own file, converted when language data are made
/// (`lexicon-compiler/data-setup/convert-nltk-tagger.py`).
struct NltkTagger: PartOfSpeechTagger {
    let tagNames: [String]
    private let weights: FeatureWeights
    /// Tags of tokens that have one tag only, as written.
    private let fixedTags: [[UInt8]: UInt8]

    /// Name of the converted file inside a data folder.
    static let fileName = "nltk-tagger.gsvpack"

    /// Maps a converted file.
    /// - Returns: nil if there is no file.
    /// - Throws: `taggerUnusable` for a file of another kind, as nltk's own is, or a damaged one.
    init?(path: String) throws(TextError) {
        do throws(TextError) {
            let file = try Lexicon(path: path)
            var reader = try file.section("en.nltk")
            tagNames = try reader.strings()
            let words = try reader.strings()
            let tags = try reader.array(UInt8.self, count: words.count)
            try reader.align()
            weights = try FeatureWeights(&reader)
            let tagCount = tagNames.count
            guard tagCount > 0, (0..<words.count).allSatisfy({ Int(tags[$0]) < tagCount }) else {
                throw reader.damaged("a word has no tag")
            }
            fixedTags = Dictionary(
                zip(words.map { Array($0.utf8) }, (0..<words.count).map { tags[$0] }),
                uniquingKeysWith: { first, _ in first })
        } catch {
            switch error {
            case .packMissing: return nil
            case .packDamaged(_, let reason): throw .taggerUnusable(path: path, reason: reason)
            case .packVersion(_, let found, let expected):
                throw .taggerUnusable(path: path, reason: "its format is \(found), not \(expected)")
            default: throw error
            }
        }
    }

    private static let starts: [[UInt8]] = [Array("-START-".utf8), Array("-START2-".utf8)]
    private static let ends: [[UInt8]] = [Array("-END-".utf8), Array("-END2-".utf8)]
    private static let withHyphen = Array("!HYPHEN".utf8)

    func tags(of tokens: [ArraySlice<UInt8>], through last: Int) -> [UInt8] {
        let known = tokens[...min(last + 2, tokens.count - 1)]
        let context = Self.starts + known.map(Self.normalized) + Self.ends
        var names = tagNames.map { Array($0.utf8) }
        let start = names.count
        names += Self.starts
        var (previous, beforePrevious) = (start, start + 1)
        var result: [UInt8] = []
        result.reserveCapacity(last + 1)
        var scores = [Double](repeating: 0, count: tagNames.count)
        var key: [UInt8] = []
        for index in 0...last {
            let token = tokens[index]
            var tag: Int
            if let fixed = fixedTags[Array(token)] {
                tag = Int(fixed)
            } else {
                for place in scores.indices { scores[place] = 0 }
                func add(_ name: StaticString, _ parts: (some Sequence<UInt8>)?, _ more: [UInt8]? = nil) {
                    key.removeAll(keepingCapacity: true)
                    name.withUTF8Buffer { key.append(contentsOf: $0) }
                    if let parts { key.append(contentsOf: parts) }
                    if let more {
                        key.append(0x20)
                        key.append(contentsOf: more)
                    }
                    weights.add(key, to: &scores)
                }
                let at = index + 2
                add("bias", nil as [UInt8]?)
                add("i suffix ", token.suffix(3))
                add("i pref1 ", token.prefix(1))
                add("i-1 tag ", names[previous])
                add("i-2 tag ", names[beforePrevious])
                add("i tag+i-2 tag ", names[previous], names[beforePrevious])
                add("i word ", context[at])
                add("i-1 tag+i word ", names[previous], context[at])
                add("i-1 word ", context[at - 1])
                add("i-1 suffix ", context[at - 1].suffix(3))
                add("i-2 word ", context[at - 2])
                add("i+1 word ", context[at + 1])
                add("i+1 suffix ", context[at + 1].suffix(3))
                add("i+2 word ", context[at + 2])
                tag = 0
                for place in scores.indices where scores[place] >= scores[tag] { tag = place }
            }
            result.append(UInt8(truncatingIfNeeded: tag))
            (previous, beforePrevious) = (tag, previous)
        }
        return result
    }

    /// A token as features use it: in lower case, and `!HYPHEN` for all tokens with a hyphen inside.
    private static func normalized(_ token: ArraySlice<UInt8>) -> [UInt8] {
        if token.contains(0x2D), token.first != 0x2D { return withHyphen }
        return token.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
    }
}
