/// nltk's averaged perceptron tagger (after Matthew Honnibal's of 2013), with its own weights.
///
/// Left to right; a token of the tag dictionary has its tag, every other the tag of the highest sum of weights over
/// 14 features: the token, its last three letters and first letter, the two tags before, and the tokens around.
/// Sums are made in double precision in the order of the features, and ties go to the tag with the larger name.
struct PerceptronTagger: PartOfSpeechTagger {
    let tagNames: [String]
    private let weights: FeatureWeights
    private let fixedTags: [[UInt8]: UInt8]

    /// - Parameters:
    ///   - tagNames: sorted, so that the larger number is the larger name.
    ///   - fixedTags: tags of tokens that have one tag only, as written.
    init(tagNames: [String], weights: FeatureWeights, fixedTags: [[UInt8]: UInt8]) {
        self.tagNames = tagNames
        self.weights = weights
        self.fixedTags = fixedTags
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

    /// A token as features see it: in lower case; what has a hyphen inside is all one.
    private static func normalized(_ token: ArraySlice<UInt8>) -> [UInt8] {
        if token.contains(0x2D), token.first != 0x2D { return withHyphen }
        return token.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
    }
}

/// Weights of features by name: a hash table over one buffer of names.
struct FeatureWeights: Sendable {
    private var slots: [UInt32]
    private var names: [UInt8] = []
    private var nameStart: [UInt32] = [0]
    private var weightStart: [UInt32] = [0]
    private var tags: [UInt8] = []
    private var values: [Double] = []
    private static let none = UInt32.max

    /// - Parameter capacity: number of features to come.
    init(capacity: Int) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        slots = [UInt32](repeating: Self.none, count: size)
    }

    /// Number of features.
    var count: Int { nameStart.count - 1 }

    /// Adds a feature that is not there yet; beyond the capacity it is left out.
    mutating func insert(_ name: some Collection<UInt8>, _ weights: [(tag: UInt8, value: Double)]) {
        guard count < slots.count / 2 else { return }
        var slot = Self.hash(name) & (slots.count - 1)
        while slots[slot] != Self.none { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = UInt32(count)
        names += name
        for weight in weights {
            tags.append(weight.tag)
            values.append(weight.value)
        }
        nameStart.append(UInt32(names.count))
        weightStart.append(UInt32(tags.count))
    }

    /// Adds a feature's weights to the scores of tags.
    @inline(__always)
    func add(_ name: [UInt8], to scores: inout [Double]) {
        var slot = Self.hash(name) & (slots.count - 1)
        while slots[slot] != Self.none {
            let feature = Int(slots[slot])
            if isNamed(feature, name) {
                for place in Int(weightStart[feature])..<Int(weightStart[feature + 1]) {
                    scores[Int(tags[place])] += values[place]
                }
                return
            }
            slot = (slot + 1) & (slots.count - 1)
        }
    }

    @inline(__always)
    private func isNamed(_ feature: Int, _ name: [UInt8]) -> Bool {
        let start = Int(nameStart[feature])
        guard Int(nameStart[feature + 1]) - start == name.count else { return false }
        for place in name.indices where names[start + place] != name[place] { return false }
        return true
    }

    /// FNV-1a, with its high bits folded in.
    @inline(__always)
    private static func hash(_ name: some Collection<UInt8>) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: (hash ^ hash >> 32) & 0x7FFF_FFFF)
    }
}
