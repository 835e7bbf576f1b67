/// Assigns parts of speech to the tokens of a text (Penn Treebank tags).
protocol PartOfSpeechTagger: Sendable {
    /// Names of the tags by number.
    var tagNames: [String] { get }

    /// Tag numbers of the tokens from the first through `last`.
    /// - Parameter tokens: the tokens of the whole text, as written.
    func tags(of tokens: [ArraySlice<UInt8>], through last: Int) -> [UInt8]
}
