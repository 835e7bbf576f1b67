/// Where the readings of Chinese characters come from in v2. v1 always uses pypinyin's readings of words.
package enum PolyphoneReadings: Sendable {
    /// From the polyphone network, if there is one; else as `dictionary`.
    case network
    /// pypinyin's readings, word by word.
    case dictionary
    /// Recorded beforehand as written pinyin with a tone digit, a list per sentence: tests the path around the network
    /// without it.
    case recorded([[String]])
}
