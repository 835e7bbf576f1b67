/// Simplified Chinese to Taiwan-standard traditional (OpenCC's s2tw): longest phrase, else character by character.
package struct TaiwanConverter: Sendable {
    private let phrases: PackedTrie
    private let offsets: PackArray<UInt32>
    private let text: PackArray<UInt32>
    private let characters: PagedMap

    init(_ lexicon: Lexicon) throws(TextError) {
        var reader = try lexicon.section("zh.taiwan.phrases")
        phrases = try PackedTrie(&reader)
        reader = try lexicon.section("zh.taiwan")
        let count = try reader.count()
        let length = try reader.count()
        offsets = try reader.array(UInt32.self, count: count + 1)
        text = try reader.array(UInt32.self, count: length)
        try reader.align()
        characters = try PagedMap(&reader)
    }

    /// The converted text.
    package func convert(_ simplified: [CodePoint]) -> [CodePoint] {
        var result: [CodePoint] = []
        result.reserveCapacity(simplified.count)
        var index = 0
        while index < simplified.count {
            var node = PackedTrie.root
            var end = index
            var longest: (end: Int, phrase: Int)?
            while end < simplified.count, let next = phrases.child(of: node, simplified[end]) {
                node = next
                end += 1
                if let phrase = phrases.value(of: node) { longest = (end, phrase) }
            }
            if let longest {
                let upper = min(Int(offsets[longest.phrase + 1]), text.count)
                var position = Int(offsets[longest.phrase])
                while position < upper {
                    result.append(text[position])
                    position += 1
                }
                index = longest.end
            } else {
                let mapped = characters[simplified[index]]
                result.append(mapped == PackFormat.none ? simplified[index] : mapped)
                index += 1
            }
        }
        return result
    }
}
